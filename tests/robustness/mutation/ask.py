"""The test command for a mutant: asks the warm process (``warm.py``) to run the tests on it.

It imports almost nothing, since it starts once per mutant. Exit code 0: the mutant survives; 1: it
was killed. Any other result must not count as killed: it stops cosmic-ray.
"""

import os
import signal
import socket
import sys

SOCKET = "ARCTIC_CODEGEN_MUTATION_SOCKET"


def answer() -> bytes:
    """The answer of the warm process; empty if it is not running."""
    with socket.socket(socket.AF_UNIX) as asked:
        try:
            asked.connect(os.environ[SOCKET])
            asked.shutdown(socket.SHUT_WR)
            return b"".join(iter(lambda: asked.recv(65536), b""))
        except OSError as error:
            return f"fault\n{error}".encode()


def main() -> int:
    verdict, _, told = answer().partition(b"\n")
    sys.stdout.buffer.write(told)
    codes = {b"lives": 0, b"killed": 1}
    if verdict not in codes:
        sys.stderr.buffer.write(b"the warm process cannot tell: " + told + b"\n")
        os.kill(os.getppid(), signal.SIGTERM)
        return 2
    return codes[verdict]


if __name__ == "__main__":
    sys.exit(main())

"""``python -m arctic_codegen.blocks recipe.yaml``: trains a recipe on this rank."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import NoReturn

from arctic_codegen.blocks.start import main


def leave(code: int) -> NoReturn:
    """Exits this process as Python does, but without finalizing the interpreter.

    A thread of PyTorch's gloo releases tensors a moment after a collective has finished. If the
    interpreter is being finalized at that time, the process aborts: the training has succeeded, but
    the launcher sees that this rank was killed. DeepSpeed and the user's code may keep process
    groups alive, and with them such threads, so destroying the groups is not enough.
    """
    try:
        threading._shutdown()  # type: ignore[attr-defined]  # as in children of `multiprocessing`
        atexit._run_exitfuncs()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))

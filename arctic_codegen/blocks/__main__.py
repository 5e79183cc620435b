"""``python -m arctic_codegen.blocks recipe.yaml``: trains a recipe on this rank."""

from __future__ import annotations

import atexit
import os
import sys
import threading
from typing import NoReturn

from arctic_codegen.blocks.start import main


def leave(code: int) -> NoReturn:
    """Ends this process as Python does, but does not take the interpreter down.

    A thread of PyTorch's gloo lets go of tensors a moment after a collective is over. Where the
    interpreter is being taken down meanwhile, it aborts the process: training has gone well, and
    the launcher is told that this rank was killed. DeepSpeed and a user's code may keep groups
    alive, and with them such threads, so that ending the groups is not enough.
    """
    try:
        threading._shutdown()  # type: ignore[attr-defined]  # `multiprocessing` ends its children so
        atexit._run_exitfuncs()
    finally:
        try:
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code)


if __name__ == "__main__":
    leave(main(sys.argv[1:]))

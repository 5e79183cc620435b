"""Ranges around timed calls for the profilers of PyTorch and of NVIDIA."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from arctic_codegen.trace.options import TraceOptions


def ranges(options: TraceOptions) -> tuple[Callable[[str], None], Callable[[], None]]:
    """Functions that open a named range, and close the range that this thread opened last.

    Raises RuntimeError if NVTX is requested and PyTorch was built without it.
    """
    makers: list[Callable[[str], AbstractContextManager[Any]]] = []
    if options.torch_profiler:
        from torch.profiler import record_function

        makers.append(record_function)
    if options.nvtx:
        from torch.cuda import nvtx

        try:
            with nvtx.range("arctic-codegen"):
                pass
        except RuntimeError as error:
            raise RuntimeError(f"--nvtx: this PyTorch has no NVTX: {error}") from error
        makers.append(nvtx.range)
    if not makers:
        return lambda name: None, lambda: None
    thread = threading.local()

    def opened(name: str) -> None:
        stack = thread.__dict__.setdefault("stack", [])
        entered = [make(name) for make in makers]
        for one in entered:
            one.__enter__()
        stack.append(entered)

    def closed() -> None:
        for one in reversed(thread.stack.pop()):
            one.__exit__(None, None, None)

    return opened, closed

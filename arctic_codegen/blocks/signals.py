"""Signals that ask a training to end: by the terminal, a launcher or a scheduler."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from arctic_codegen.runtime.wrappers import rank

CAUGHT = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGUSR1") if hasattr(signal, name)
)


class Signals:
    """The first signal is noted, and a second one ends the process at once."""

    number = 0
    """The signal that came; 0 for none."""

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Catches them meanwhile, in the main thread; what the process ignores stays ignored."""
        before: dict[int, Any] = {}
        if threading.current_thread() is threading.main_thread():
            before = {one: signal.getsignal(one) for one in CAUGHT}
            before = {one: kept for one, kept in before.items() if kept is not signal.SIG_IGN}
        process = os.getpid()

        def note(number: int, frame: FrameType | None) -> None:
            if os.getpid() != process:  # one that loads batches ends when the training does
                if number == signal.SIGTERM:
                    signal.signal(number, signal.SIG_DFL)
                    os.kill(os.getpid(), number)
                return
            self.number = number
            for one in before:
                signal.signal(one, signal.SIG_DFL)
            if rank() == 0:  # a stream could be in the middle of a line
                name = signal.Signals(number).name
                text = (
                    f"{name}: the run ends with a checkpoint after this step; a second one kills it"
                )
                os.write(2, f"{text}\n".encode())

        for one in before:
            signal.signal(one, note)
        try:
            yield
        finally:
            for one, kept in before.items():
                signal.signal(one, kept or signal.SIG_DFL)

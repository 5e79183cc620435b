"""Handles signals that request the end of a training, from a terminal, launcher or scheduler."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

from arctic_codegen.runtime.rank import rank

CAUGHT = tuple(
    getattr(signal, name) for name in ("SIGTERM", "SIGINT", "SIGUSR1") if hasattr(signal, name)
)


ECHO = 2.0
"""Seconds in which a launcher may forward a signal that the rank has already received from the
terminal or from Slurm: it does not count as a second one."""


class Signals:
    """Records the first signal; a second one ends the process at once."""

    number = 0
    """The number of the signal that was received; 0 for none."""

    def __init__(self) -> None:
        self._before: dict[int, Any] = {}
        self._process = 0
        self._since = 0.0

    @contextmanager
    def caught(self) -> Iterator[None]:
        """Catches signals in this context, if it runs in the main thread.

        Signals that the process ignores stay ignored.
        """
        if threading.current_thread() is threading.main_thread():
            handlers = {one: signal.getsignal(one) for one in CAUGHT}
            self._before = {
                one: kept for one, kept in handlers.items() if kept is not signal.SIG_IGN
            }
        self._process = os.getpid()
        for one in self._before:
            signal.signal(one, self._note)
        try:
            yield
        finally:
            for one, kept in self._before.items():
                signal.signal(one, kept or signal.SIG_DFL)

    def _note(self, number: int, frame: FrameType | None) -> None:
        if os.getpid() != self._process:  # a data loader, which ends with the training
            if number == signal.SIGTERM:
                _end_by(number)
        elif not self.number:
            self.number = number
            self._since = time.monotonic()
            if "RANK" not in os.environ:  # default handlers also end calls that wait inside C
                for one in self._before:
                    signal.signal(one, signal.SIG_DFL)
            if rank() == 0:  # os.write, since the stream may be in the middle of a write
                name = signal.Signals(number).name
                text = f"{name}: the run saves and ends after this step; a second signal kills it"
                os.write(2, f"{text}\n".encode())
        elif time.monotonic() - self._since > ECHO:
            _end_by(number)


def _end_by(number: int) -> None:
    signal.signal(number, signal.SIG_DFL)
    os.kill(os.getpid(), number)

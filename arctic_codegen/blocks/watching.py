"""Ends all ranks within seconds if one fails, and reports which rank failed and why.

A launcher ends the other ranks when one of them has ended. This module covers the other cases:
processes that were started in another way, ranks that wait on a GPU for a rank that has ended,
and the message of the rank that failed first, which would be lost among those of the others.
"""

from __future__ import annotations

import datetime
import os
import sys
import threading
import time
from typing import NoReturn

import torch.distributed as dist
from torch._C._distributed_c10d import PrefixStore, Store, TCPStore

from arctic_codegen.blocks import ranks
from arctic_codegen.callbacks.loggers import fail_runs
from arctic_codegen.runtime.tracing import end_trace

FAILED = "failed"
INTERVAL = 0.5
"""Seconds between checks whether another rank has failed."""


class Watch:
    """Ends this process when another rank has failed, from ``start`` to ``stop``."""

    def __init__(self) -> None:
        self._store: Store | None = None
        self._keeps_store = False
        self._stopped = False
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Starts watching, once the ranks are connected. Does nothing for a single rank."""
        address, port = os.environ.get("MASTER_ADDR"), os.environ.get("MASTER_PORT")
        if dist.get_world_size() == 1 or address is None or port is None:
            return
        of_agent = os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True"
        self._keeps_store = dist.get_rank() == 0 and not of_agent
        store = TCPStore(
            address, int(port), is_master=False, timeout=datetime.timedelta(seconds=60)
        )
        self._store = PrefixStore(f"arctic_codegen/{ranks.attempt()}", store)
        self._thread = threading.Thread(target=self._look, name="arctic-codegen", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stops watching."""
        with self._lock:
            self._stopped = True
        self._over.set()
        if self._thread is not None:
            self._thread.join()

    def first_failure(self, rank: int, message: str) -> tuple[int, str]:
        """Reports a failure of this rank to the others; returns the first failed rank, and why.

        Stops watching, since this process ends by itself.
        """
        self.stop()
        if self._store is None:
            return rank, message
        try:
            told: bytes = self._store.compare_set(FAILED, "", f"{rank} {message}")
        except Exception:  # the rank that keeps the store has ended
            return rank, message
        return _parsed(told)

    def linger(self) -> None:
        """Waits until the others have read the failure, if the store ends with this process."""
        if self._keeps_store:
            time.sleep(3 * INTERVAL)

    def _look(self) -> None:
        assert self._store is not None
        while not self._over.wait(INTERVAL):
            try:
                if not self._store.check([FAILED]):
                    continue
                rank, told = _parsed(self._store.get(FAILED))
            except Exception:  # the rank that keeps the store has ended
                return
            with self._lock:
                if self._stopped:
                    return
                followed(dist.get_rank(), rank, told)
                leave()


def leave() -> NoReturn:
    """Ends this process as failed, without waiting for anything."""
    end_trace()
    fail_runs()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)


def followed(rank: int, first: int, told: str) -> None:
    """Prints why this rank ends: another one has failed before it."""
    print(f"rank {rank} stops because rank {first} failed: {told}", file=sys.stderr)


def _parsed(value: bytes) -> tuple[int, str]:
    rank, _, message = value.decode(errors="replace").partition(" ")
    return int(rank), message

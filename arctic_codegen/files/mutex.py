"""One build at a time, if the file system supports locks."""

from __future__ import annotations

import contextlib
import hashlib
import os
import tempfile
from collections.abc import Iterator

import filelock


@contextlib.contextmanager
def mutex(folder: str, timeout: float) -> Iterator[bool]:
    """Wait for builds of the same folder on this machine; yields whether the lock is held.

    The lock file is outside the folder: there it would be an additional file, possibly on a shared
    file system, where locks often fail. Without the lock, or after the timeout, the build
    continues: it only renames files, and a mixture of two builds does not pass the staleness check.
    """
    lock = None
    try:
        user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
        name = hashlib.sha256(f"{user}:{folder}".encode(errors="surrogateescape")).hexdigest()[:20]
        path = os.path.join(tempfile.gettempdir(), f"arctic-codegen-{name}.lock")
        lock = filelock.FileLock(path, timeout=timeout)
        lock.acquire()
    except (OSError, NotImplementedError):  # `filelock.Timeout` is an OSError
        lock = None
    try:
        yield lock is not None
    finally:
        if lock is not None:
            with contextlib.suppress(OSError):
                lock.release()

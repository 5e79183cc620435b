"""Replaces files atomically: a reader sees either the old or the new content.

A build with nothing to do uses this module, so it loads only modules that Python has already
loaded.
"""

from __future__ import annotations

import os
import sys
import time

_MARK = ".arctic-codegen-"
_OLD = 3600.0
"""Seconds after which a temporary file cannot belong to a build that still runs."""


def replace_file(path: str, data: bytes) -> None:
    """Writes a file, by a rename within its folder, which is made if it is not there."""
    parent = os.path.dirname(path)
    os.makedirs(parent, exist_ok=True)
    temporary = os.path.join(parent, f"{_MARK}{os.urandom(6).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # Unlike the files of `tempfile` this has the permissions that any new file has.
    handle = os.open(temporary, flags, 0o666)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        if path.endswith(".py"):
            _make_newer(temporary, path)
        _rename(temporary, path)
    except BaseException:
        _remove(temporary)
        raise


def _make_newer(temporary: str, path: str) -> None:
    """Python knows by the whole second of a file's time, and by its size, what it has compiled of
    it: a file that is replaced within a second would be taken for the one before."""
    try:
        before, now = os.stat(path).st_mtime, os.stat(temporary).st_mtime
        if int(now) <= int(before):
            os.utime(temporary, (now, int(before) + 1))
    except OSError:
        return  # there was none


def _rename(temporary: str, path: str) -> None:
    attempts = 20 if sys.platform == "win32" else 1
    for attempt in range(attempts):
        try:
            os.replace(temporary, path)
            return
        except PermissionError:
            # On Windows a file that someone reads at this moment cannot be replaced.
            if attempt == attempts - 1:
                raise
            time.sleep(0.05)


def is_leftover(name: str) -> bool:
    """Whether a file name is that of a temporary file of ours."""
    return name.startswith(_MARK) and name.endswith(".tmp")


def remove_leftovers(folder: str) -> None:
    """Removes temporary files of builds that were killed."""
    for parent, _, names in os.walk(folder):
        for name in names:
            if is_leftover(name):
                path = os.path.join(parent, name)
                if _is_old(path):
                    _remove(path)


def _is_old(path: str) -> bool:
    try:
        return time.time() - os.stat(path).st_mtime > _OLD
    except OSError:  # its build has removed it meanwhile
        return False


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return

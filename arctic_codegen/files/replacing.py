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
"""Age in seconds after which a temporary file cannot belong to a running build."""


def replace_file(path: str, data: bytes) -> None:
    """Write a file by a rename in its folder, which is created if necessary."""
    parent = os.path.dirname(path)
    os.makedirs(parent, exist_ok=True)
    temporary = os.path.join(parent, f"{_MARK}{os.urandom(6).hex()}.tmp")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    # Unlike the files of `tempfile`, it has the permissions of any new file.
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
    """Make the time of a new file later than that of the old one, in whole seconds. Python detects
    changes by this time and the size, and would otherwise reuse old bytecode."""
    try:
        before, now = os.stat(path).st_mtime, os.stat(temporary).st_mtime
        if int(now) <= int(before):
            os.utime(temporary, (now, int(before) + 1))
    except OSError:
        return  # there was no file


def _rename(temporary: str, path: str) -> None:
    attempts = 20 if sys.platform == "win32" else 1
    for attempt in range(attempts):
        try:
            os.replace(temporary, path)
            return
        except PermissionError:
            # On Windows a file that is being read cannot be replaced.
            if attempt == attempts - 1:
                raise
            time.sleep(0.05)


def is_leftover(name: str) -> bool:
    """Whether a file name is that of a temporary file of this tool."""
    return name.startswith(_MARK) and name.endswith(".tmp")


def remove_leftovers(folder: str) -> None:
    """Remove temporary files of builds that were killed."""
    for parent, _, names in os.walk(folder):
        for name in names:
            if is_leftover(name):
                path = os.path.join(parent, name)
                if _is_old(path):
                    _remove(path)


def _is_old(path: str) -> bool:
    try:
        return time.time() - os.stat(path).st_mtime > _OLD
    except OSError:  # already removed by its build
        return False


def _remove(path: str) -> None:
    try:
        os.unlink(path)
    except OSError:
        return

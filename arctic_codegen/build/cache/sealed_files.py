"""Did this installation write a cache file? Each file has a marker, a seal, and a value.

A file that is invalid in any way (damaged, from another version, not from this tool) counts as
missing. Only this installation of the tool can compute the seal, so a file that came with a
checkout, by accident or as an attack, is not used. Values are of built-in types, and this module
loads only modules that Python has already loaded.
"""

from __future__ import annotations

import marshal
import os
from typing import Any

from arctic_codegen.build.cache.facts import SEAL_SIZE, seal
from arctic_codegen.files.regular import open_regular
from arctic_codegen.files.replacing import replace_file

_MARK = b"arctic-codegen 2\n"
_MOST_BYTES = 2**28
"""Maximum size of a file: far more than is ever stored. A sparse file may have any size."""


def read(path: str) -> Any:
    """The value in a file; ``None`` if the file is missing or invalid."""
    try:
        with open_regular(path) as file:
            if os.fstat(file.fileno()).st_size > _MOST_BYTES:
                return None
            data = file.read()
        start = len(_MARK) + SEAL_SIZE
        sealed = memoryview(data)[start:]
        if data[:start] != _MARK + seal(sealed):
            return None
        return marshal.loads(sealed)
    except (OSError, ValueError, TypeError, EOFError):
        return None


def write(path: str, value: Any) -> bool:
    """Write a value of built-in types to a file, atomically; returns whether it succeeded."""
    data = marshal.dumps(value)
    try:
        replace_file(path, _MARK + seal(data) + data)
    except OSError:
        return False
    return True


def remove_oldest(folder: str, most: int) -> None:
    """Keep only the ``most`` recently written files in a folder."""
    try:
        paths = [os.path.join(folder, name) for name in os.listdir(folder)]
        if len(paths) > most:
            paths.sort(key=lambda path: os.stat(path).st_mtime_ns)
            for path in paths[: len(paths) - most]:
                os.unlink(path)
    except OSError:
        return

"""Files of the cache that Python can read without loading anything: a mark, a digest, a value.

Whatever is wrong with such a file (torn, of another version, not ours) means that it is not there.
What `marshal` reads has to be trusted, so the digest is a seal.
"""

from __future__ import annotations

import marshal
import os
from collections.abc import Iterable
from typing import Any

from arctic_codegen.caching.disk import seal

_MARK = b"arctic-codegen 1\n"
_SIZE = 16


def read(path: str) -> Any:
    """The value in a file; ``None`` where there is none."""
    try:
        with open(path, "rb") as file:
            data = file.read()
    except (OSError, ValueError):
        return None
    start = len(_MARK)
    if data[:start] != _MARK or seal(data[start + _SIZE :]) != data[start : start + _SIZE]:
        return None
    try:
        return marshal.loads(data[start + _SIZE :])
    except (ValueError, TypeError, EOFError):
        return None


def write(path: str, value: Any) -> bool:
    """Puts a value of built-in types into a file, by a rename; whether that could be done."""
    content = marshal.dumps(value)
    return replace(path, (_MARK, seal(content), content))


def replace(path: str, parts: Iterable[bytes]) -> bool:
    """Writes a file as a whole, by a rename within its folder; whether that could be done."""
    folder = os.path.dirname(path)
    temporary = os.path.join(folder, f".arctic-codegen-{os.getpid()}-{os.urandom(4).hex()}.tmp")
    try:
        os.makedirs(folder, exist_ok=True)
        try:
            with open(temporary, "xb") as file:
                file.writelines(parts)
            os.replace(temporary, path)
        except OSError:
            os.unlink(temporary)
            return False
    except OSError:
        return False
    return True

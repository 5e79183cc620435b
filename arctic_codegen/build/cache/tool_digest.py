"""Is the tool that made a result the one that runs? A digest of all that decides it."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterable
from functools import cache

import msgspec

from arctic_codegen.build.cache.facts import digest
from arctic_codegen.discover.distributions import version_of

_PACKAGE = os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 2))


@cache
def _part(file: str) -> tuple[bytes, bytes]:
    """What a file adds to a state; read once, since what runs is what it was then."""
    with open(file, "rb") as opened:
        return os.path.relpath(file, _PACKAGE).encode(), digest(opened.read())


def state_of(rooms: Iterable[str], libraries: Iterable[str]) -> str:
    """A digest of the sources in these folders and files of the package (a name that begins with
    ``../`` lies beside it), of the Python that runs, and of the versions of libraries."""
    parts: list[bytes] = [sys.version.encode(), msgspec.__version__.encode()]
    for room in rooms:
        path = os.path.normpath(os.path.join(_PACKAGE, *room.split("/")))
        files = [path] if os.path.isfile(path) else []
        for here, folders, names in os.walk(path):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            files += [os.path.join(here, name) for name in sorted(names)]
        for file in files:
            with contextlib.suppress(OSError):
                parts += _part(file)
    parts += [f"{name} {version_of(name)}".encode() for name in libraries]
    return digest(b"\0".join(parts)).hex()[:16]

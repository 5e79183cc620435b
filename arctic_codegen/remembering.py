"""What a check found, kept until anything is different.

A build is a function of the settings, of the tool and what it runs on, and of what its tree
answered. While all of that is the same, so is its result, and only the type checker has anything to
do: it may see files that no build looks at.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import sys
from collections.abc import Iterator

import msgspec

from arctic_codegen._version import VERSION
from arctic_codegen.caching.observing import tool_stamps
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.discover.recording import Answer, still_the_same
from arctic_codegen.model.settings import Settings
from arctic_codegen.replacing import replace_file
from arctic_codegen.typecheck.cache_folder import own_folder
from arctic_codegen.typecheck.records import Question

_NAME = "check.msgpack"


class Remembered(msgspec.Struct, frozen=True):
    """A check of current output in which the type checker had nothing to say."""

    key: str
    answers: tuple[Answer, ...]
    output: tuple[tuple[str, str], ...]
    question: Question
    findings: tuple[Finding, ...]
    classes: int
    modules: int

    def holds(self, settings: Settings) -> bool:
        """Whether a build would find the same now."""
        return still_the_same(self.answers) and self.output == output_digests(settings)


def recall(settings: Settings) -> Remembered | None:
    """What was found under the same settings, by the same tool; whatever is wrong with the file
    means that there is nothing."""
    path = _path(settings)
    if path is None:
        return None
    try:
        with open(path, "rb") as file:
            found = msgspec.msgpack.decode(file.read(), type=Remembered)
    except (OSError, msgspec.MsgspecError, ValueError):
        return None
    return found if found.key == key_of(settings) else None


def remember(settings: Settings, found: Remembered) -> None:
    """Keeps it, where that can be."""
    path = _path(settings)
    if path is not None:
        with contextlib.suppress(OSError):
            replace_file(path, msgspec.msgpack.encode(found))


def key_of(settings: Settings) -> str:
    """Everything that a build depends on but the answers of its tree."""
    digest = hashlib.blake2b(digest_size=16)
    for part in _parts(settings):
        digest.update(part.encode(errors="surrogateescape") + b"\0")
    return digest.hexdigest()


def _parts(settings: Settings) -> Iterator[str]:
    yield from (VERSION, sys.version, sys.platform, sys.prefix, *sys.path)
    yield msgspec.json.encode(settings).decode()
    # A folder of packages changes when one is installed, removed or replaced.
    for folder in sys.path:
        yield _state(folder)
    # The tool itself, while it is being worked on, and what it runs on.
    for path, stamp in tool_stamps().items():
        yield f"{path} {stamp}"


def _state(path: str) -> str:
    try:
        found = os.stat(path)
    except OSError:
        return path
    return f"{path} {found.st_mtime_ns} {found.st_size}"


def output_digests(settings: Settings) -> tuple[tuple[str, str], ...]:
    """What is in the output folder."""
    found = []
    for folder, folders, names in os.walk(settings.output):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            path = os.path.join(folder, name)
            try:
                with open(path, "rb") as file:
                    digest = hashlib.blake2b(file.read(), digest_size=16).hexdigest()
            except OSError as error:
                digest = f"error {error.errno}"
            found.append((path, digest))
    return tuple(found)


def _path(settings: Settings) -> str | None:
    # What another interpreter says of itself is not part of the key.
    folder = None if settings.python is not None else own_folder(settings)
    return None if folder is None else os.path.join(folder, _NAME)

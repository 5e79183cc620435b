"""What did a build learn about the disk, and is it still true?

A build runs this module before it loads anything else, so it imports only modules that Python has
already loaded.

A file whose times, size and inode are unchanged is not read again, unless it was changed so shortly
before it was read that a later change might not have changed its times (a "racy" file in git's
terms). In that case the digests are compared.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterator
from typing import Any

from arctic_codegen.files.regular import kind_of, names_in, open_regular

try:
    from _blake2 import blake2b
except ImportError:  # an interpreter that was built without it
    from hashlib import blake2b

Stamp = tuple[int, int, int, int]
"""Modification time in ns, inode change time in ns, size, inode."""

CACHE = ".arctic-codegen-cache"
"""The name of the cache folder, which is next to the configuration."""

SCANS = "scans"
"""Its subfolder for scanned files."""

GRAIN = 2_500_000_000
"""Two changes this far apart, in ns, have different times on every file system."""

_IGNORED_NAMES = frozenset({CACHE, "__pycache__"})
"""Names that no build depends on."""


SEAL_SIZE = 16


def digest(data: bytes) -> bytes:
    """The digest that identifies these bytes."""
    return blake2b(data, digest_size=16).digest()


def in_caches(folder: str, name: str) -> Iterator[str]:
    """The paths of this cache data, for a folder and for each of its parents."""
    while True:
        yield os.path.join(folder, CACHE, name)
        parent = os.path.dirname(folder)
        if parent == folder:
            return
        folder = parent


def seal(data: bytes | memoryview) -> bytes:
    """A digest that only this installation of the tool can compute: a cache that came with a
    checkout, by accident or as an attack, is not read."""
    own = stamp_of(__file__)
    return blake2b(data, digest_size=SEAL_SIZE, key=repr(own).encode()[:64]).digest()


def interpreter() -> tuple[str, ...]:
    """The identity of the running Python."""
    return sys.version, sys.executable, sys.prefix, repr(sys.flags), *sys.path


def stamp_of(path: str) -> Stamp | None:
    """The stamp of the file or folder at a path; ``None`` if there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino


_MOST_DIGESTED = 2**30
"""Maximum size of a file, in bytes: far larger than any source or lock file."""


def digest_of_file(path: str) -> bytes:
    """The digest of a regular file; that of the error if it cannot be read."""
    try:
        with open_regular(path) as file:
            if os.fstat(file.fileno()).st_size > _MOST_DIGESTED:
                return digest_of_error(OSError(errno.EFBIG, ""))
            return digest(file.read())
    except OSError as error:
        return digest_of_error(error)
    except ValueError:
        return digest_of_error(None)


def digest_of_error(error: OSError | None) -> bytes:
    """The digest that represents bytes that cannot be read."""
    return b"error %d" % ((error.errno or 0) if error is not None else 0)


def digest_of_names(names: list[str] | tuple[str, ...], left_out: str = "") -> bytes:
    """The digest of the names in a folder."""
    kept = sorted(name for name in names if name not in _IGNORED_NAMES and name != left_out)
    return digest("\0".join(kept).encode(errors="surrogatepass"))


class Facts:
    """What a build has learned about the disk. ``at`` is the time of its file system, in ns,
    before the first query. ``output`` is the output folder, about which nothing is recorded
    here."""

    def __init__(self, at: int, output: str) -> None:
        self.at = at
        self.output = output
        self.files: dict[str, tuple[Stamp | None, bytes]] = {}
        """Files that were read, with the digests of their bytes."""
        self.folders: dict[str, tuple[Stamp | None, bytes]] = {}
        """Folders that were listed, with the digests of their names."""
        self.kinds: dict[str, int] = {}
        """The types of the files at paths."""
        self.real_paths: dict[str, str] = {}
        self.stamps: dict[str, Stamp | None] = {}
        """Files that are identified by their stamps only: those of the tool itself."""

    def plain(self) -> tuple[Any, ...]:
        """Everything as built-in values, in order."""
        return tuple(vars(self).values())

    @staticmethod
    def of(plain: tuple[Any, ...]) -> Facts:
        """The facts from the result of :meth:`plain`."""
        found = Facts(plain[0], plain[1])
        vars(found).update(zip(vars(found), plain, strict=True))
        return found

    def answers(self) -> tuple[dict[str, Any], ...]:
        """The answers to each kind of query, by path."""
        return self.files, self.folders, self.kinds, self.real_paths, self.stamps

    def left_out(self, folder: str) -> str:
        """The name of the output in a folder, if it is there."""
        parent, name = os.path.split(self.output)
        return name if folder == parent else ""

    def is_own(self, path: str) -> bool:
        """Whether a path is the output folder or is inside it."""
        return path == self.output or path.startswith(self.output + os.sep)

    def is_settled(self, stamp: Stamp) -> bool:
        """Whether any later change would also have changed the stamp."""
        return max(stamp[0], stamp[1]) < self.at - GRAIN


def structure_holds(facts: Facts, fresh: Facts) -> bool:
    """Whether every query, except those for the bytes of files, has the same answer as before.

    Adds the answers, with their current stamps, to ``fresh``.
    """
    for path, known in facts.stamps.items():
        if stamp_of(path) != known:
            return False
    for path, (known, names) in facts.folders.items():
        now = stamp_of(path)
        settled = now is not None and now == known and facts.is_settled(now)
        if not settled and digest_of_names(names_in(path), facts.left_out(path)) != names:
            return False
        fresh.folders[path] = (now, names)
    files = facts.files
    for path, kind in facts.kinds.items():
        if path not in files and kind_of(path) != kind:
            return False
    for path, real in facts.real_paths.items():
        if os.path.realpath(path) != real:
            return False
    fresh.kinds, fresh.real_paths, fresh.stamps = facts.kinds, facts.real_paths, facts.stamps
    return True


def changed_files(facts: Facts, fresh: Facts) -> Iterator[str]:
    """The files whose bytes have changed. The others are added to ``fresh``."""
    for path, (known, content) in facts.files.items():
        now = stamp_of(path)
        settled = now is not None and now == known and facts.is_settled(now)
        if settled or digest_of_file(path) == content:
            fresh.files[path] = (now, content)
        else:
            yield path


def output_state(folder: str, known: Facts | None = None) -> Facts | None:
    """The contents of an output folder: the digest of every file, the names in every folder.

    Files whose stamps are in ``known`` are not read. ``None`` if the folder contains anything but
    regular files and real folders (a link, for instance), or cannot be read.
    """
    state = Facts(0 if known is None else known.at, "")
    pending = [folder]
    try:
        while pending:
            here = pending.pop()
            names = sorted(name for name in os.listdir(here) if name != "__pycache__")
            state.folders[here] = (None, digest_of_names(names))
            for name in names:
                path = os.path.join(here, name)
                found = os.lstat(path)
                if stat.S_ISDIR(found.st_mode):
                    pending.append(path)
                    continue
                if not stat.S_ISREG(found.st_mode):
                    return None
                now = found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino
                before = None if known is None else known.files.get(path)
                if before is not None and before[0] == now and state.is_settled(now):
                    state.files[path] = before
                else:
                    state.files[path] = (now, digest_of_file(path))
    except OSError:
        return None
    return state


def same_output(one: Facts, other: Facts) -> bool:
    """Whether two states of an output folder contain the same bytes."""
    if one.folders.keys() != other.folders.keys() or one.files.keys() != other.files.keys():
        return False
    return all(other.files[path][1] == content for path, (_, content) in one.files.items())


def clock(folder: str) -> int | None:
    """The time in ns according to the file system of a folder; ``None`` if it cannot be written."""
    path = os.path.join(folder, f".clock-{os.getpid()}")
    try:
        with open(path, "wb"):
            pass
        try:
            return os.stat(path).st_mtime_ns
        finally:
            os.unlink(path)
    except OSError:
        return None

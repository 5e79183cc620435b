"""A revision of a git repository as a tree: read through git, without a checkout."""

from __future__ import annotations

import os
import posixpath
import subprocess
from collections.abc import Iterator
from functools import cache

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.discover.trees import DiskTree, folders_of

_LINK, _MODULE = "120000", "160000"
_MOST_LINKS = 40


class GitTree:
    """The files of one commit, instead of those of the repository on disk.

    Files that git ignores (such as an environment with its packages) and files outside the
    repository are read from the disk.
    """

    def __init__(self, folder: str, revision: str) -> None:
        """Raises :class:`WrongUse` if the repository or revision does not exist."""
        top = git(
            folder, "rev-parse", "--show-toplevel", what=f"'{folder}' is not in a git repository"
        )
        self.top = os.path.normpath(top.decode().rstrip("\n"))
        missing = f"there is no git revision '{revision}'"
        named = ("--verify", "--quiet", "--end-of-options", f"{revision}^{{commit}}")
        self.commit = git(folder, "rev-parse", *named, what=missing).decode().strip()
        self._disk = DiskTree()
        self._blobs = {path: (mode, name) for mode, name, path in self._listed()}
        self._folders = {"": set[str](), **folders_of(self._blobs)}
        ignored = git(
            self.top, "ls-files", "--others", "--ignored", "--exclude-standard", "--directory", "-z"
        )
        self._ignored = tuple(os.fsdecode(path) for path in ignored.split(b"\0") if path)
        for path in self._ignored:  # list these on disk too
            parent, last = posixpath.split(path.rstrip("/"))
            self._folders.get(parent, set()).add(last)
        self._blob = cache(lambda name: git(self.top, "cat-file", "blob", name))

    def _listed(self) -> Iterator[tuple[str, str, str]]:
        for entry in git(self.top, "ls-tree", "-r", "-z", self.commit).split(b"\0"):
            if entry:
                head, _, path = entry.partition(b"\t")
                mode, _, name = head.decode().split()
                yield mode, name, os.fsdecode(path)

    # The interface of a tree.

    def read(self, path: str) -> bytes:
        inside = self._resolved(path)
        if inside is None:
            return self._disk.read(path)
        if inside not in self._blobs:
            raise FileNotFoundError(f"no such file at that revision: '{path}'")
        return self._blob(self._blobs[inside][1])

    def is_file(self, path: str) -> bool:
        inside = self._resolved(path)
        return self._disk.is_file(path) if inside is None else inside in self._blobs

    def is_dir(self, path: str) -> bool:
        inside = self._resolved(path)
        return self._disk.is_dir(path) if inside is None else inside in self._folders

    def names(self, folder: str) -> tuple[str, ...]:
        inside = self._resolved(folder)
        if inside is None:
            return self._disk.names(folder)
        return tuple(sorted(self._folders.get(inside, ())))

    def real_path(self, path: str) -> str:
        inside = self._resolved(path)
        if inside is None:
            return self._disk.real_path(path)
        return os.path.join(self.top, *inside.split("/")) if inside else self.top

    def _resolved(self, path: str) -> str | None:
        """The path in the repository, with links followed; ``None`` for a path on disk."""
        inside = self._inside(path)
        if inside is None:
            return None
        parts = inside.split("/") if inside else []
        done = ""
        links = 0
        while parts:
            done = posixpath.join(done, parts.pop(0))
            mode, name = self._blobs.get(done, ("", ""))
            if mode == _MODULE:
                return None
            if mode == _LINK and links < _MOST_LINKS:
                links += 1
                target = os.fsdecode(self._blob(name))
                done = posixpath.normpath(posixpath.join(posixpath.dirname(done), target))
                if done.startswith(("/", "..")):
                    return None
                parts = [*(done.split("/") if done != "." else []), *parts]
                done = ""
        return done

    def _inside(self, path: str) -> str | None:
        path = os.path.normpath(path)
        if path == self.top:
            return ""
        if not path.startswith(self.top + os.sep):
            real = os.path.realpath(path)  # the repository may be reached through a link
            if real == path or not (real + os.sep).startswith(self.top + os.sep):
                return None
            return self._inside(real)
        inside = path[len(self.top) + 1 :].replace(os.sep, "/")
        if inside in self._blobs or inside in self._folders:
            return inside
        if any(
            f"{inside}/".startswith(one) if one.endswith("/") else inside == one
            for one in self._ignored
        ):
            return None
        return inside


def git(folder: str, *arguments: str, what: str | None = None) -> bytes:
    """The output of git, which runs no program that the repository's configuration names.

    Raises :class:`WrongUse` if it fails, with ``what`` as the message.
    """
    command = ["git", "--no-optional-locks", "-c", "core.fsmonitor=false", "-C", folder, *arguments]
    try:
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False)
    except OSError as error:
        raise WrongUse("git cannot be run", "install git, or add it to PATH") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise WrongUse(what or f"git cannot read the repository: {said}")
    return done.stdout

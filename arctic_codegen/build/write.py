"""Writes the output folder: completely or not at all, without touching foreign files (R37).

The lock file is written last and contains a digest of every file, so the output of an interrupted
build does not pass the staleness check of the compiled modules.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from arctic_codegen._version import LOCK_NAME
from arctic_codegen.build.lock_file import Lock, digest_of_text, parse, without_bytes
from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.files.mutex import mutex
from arctic_codegen.files.regular import open_regular
from arctic_codegen.files.replacing import is_leftover, remove_leftovers, replace_file
from arctic_codegen.model.output import has_header

Content = str | bytes


class Written(msgspec.Struct, frozen=True):
    """The changes to the output folder. Paths are relative to it, sorted.

    If there are ``findings``, nothing was written (unless the disk failed midway, which the
    staleness check detects).
    """

    changed: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    discarded: tuple[str, ...] = ()
    """The changed and removed files that had been edited by hand or damaged."""
    findings: tuple[Finding, ...] = ()


class Differences(msgspec.Struct, frozen=True):
    """How the output folder differs from what a build would write. Paths are sorted."""

    stale: tuple[str, ...] = ()
    """Unedited files whose sources have changed."""
    missing: tuple[str, ...] = ()
    orphaned: tuple[str, ...] = ()
    """Generated files that are no longer needed."""
    edited: tuple[str, ...] = ()
    """Files that were edited by hand or damaged."""
    findings: tuple[Finding, ...] = ()
    """Obstacles to writing (AC601, AC602)."""

    def __bool__(self) -> bool:
        return bool(self.stale or self.missing or self.orphaned or self.edited or self.findings)

    def as_findings(self, output_dir: str, root: str | None = None) -> tuple[Finding, ...]:
        """The differences as findings, with paths relative to ``root``.

        If there is no output at all, there is one finding. The lock file, which differs whenever
        another file does, is reported only if it is the only difference.
        """
        folder = _Folder(output_dir, root)
        if LOCK_NAME in self.missing and not (self.stale or self.edited or self.orphaned):
            nothing = message("AC604", "output", path=folder.shown(""))
            return (*self.findings, _finding(nothing, folder.path))
        stale = tuple(path for path in self.stale if path != LOCK_NAME)
        others = (*stale, *self.missing, *self.edited, *self.orphaned)
        found: list[tuple[str, Message]] = []
        for path in stale if others else self.stale:
            found.append((path, message("AC603", "stale", path=folder.shown(path))))
        for path in self.missing:
            found.append((path, message("AC604", "missing", path=folder.shown(path))))
        for path in self.edited:
            found.append((path, message("AC605", "edited", path=folder.shown(path))))
        for path in self.orphaned:
            found.append((path, message("AC606", "orphaned", path=folder.shown(path))))
        return self.findings + tuple(
            _finding(problem, folder.full(path)) for path, problem in found
        )


_COMPILED_FROM = re.compile(r'^ +"""Compiled from (\S+)\.(?:""")?$', re.MULTILINE)


class _Folder:
    """The output folder on disk."""

    def __init__(self, path: str, root: str | None = None) -> None:
        self.path = os.path.abspath(path)
        self.real = os.path.realpath(self.path)
        self._root = root or os.path.dirname(self.path)

    @cached_property
    def lock(self) -> Lock | None:
        """The current lock file. Read on request: it is large, and most builds do not need it."""
        text = self.read(LOCK_NAME)
        return None if text is None else parse(text)

    @cached_property
    def built(self) -> dict[str, str]:
        """The digests in the lock file, by path."""
        return {} if self.lock is None else dict(self.lock.files)

    def full(self, path: str) -> str:
        return os.path.join(self.path, *path.split("/"))

    def shown(self, path: str) -> str:
        """The path of a file in messages (R70)."""
        return os.path.relpath(self.full(path), self._root).replace(os.sep, "/")

    def is_edited(self, path: str, data: bytes | None = None) -> bool:
        """Whether a generated file has changed since the last build."""
        data = self.read(path) if data is None else data
        return path in self.built and self.built[path] != digest_of_text(data or b"")

    def read(self, path: str) -> bytes | None:
        try:
            with open_regular(self.full(path)) as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return None

    def is_ours(self, path: str, data: bytes) -> bool:
        """Whether a file is generated: it has our header, or its digest is in the lock file."""
        if path == LOCK_NAME:
            return data.lstrip()[:1] == b"{" or b"<<<<<<<" in data or not data.strip()
        return has_header(data) or self.built.get(path) == digest_of_text(data)

    def has_header(self, path: str) -> bool:
        """Whether a file starts with our header. Reads only the start: the file may be large."""
        try:
            with open_regular(self.full(path)) as file:
                return has_header(file.read(4096))
        except OSError:
            return False

    @staticmethod
    def _may_be_ours(parent: str, name: str) -> bool:
        """Whether a build may have created a folder: it has the name of a package, and no lock file
        of its own."""
        is_package = name.isidentifier() and name != "__pycache__"
        return is_package and not os.path.lexists(os.path.join(parent, name, LOCK_NAME))

    def ours(self) -> Iterator[str]:
        """All existing generated files, except temporary files, and the output folders of other
        builds inside this one."""
        for folder, folders, names in os.walk(self.path):
            folders[:] = sorted(name for name in folders if self._may_be_ours(folder, name))
            inside = os.path.relpath(folder, self.path).replace(os.sep, "/")
            for name in sorted(names):
                path = name if inside == "." else f"{inside}/{name}"
                if is_leftover(name) or os.path.islink(self.full(path)):
                    continue
                if self.has_header(path) or (path in self.built and not self.is_edited(path)):
                    yield path


def compiled_classes(output_dir: str) -> dict[str, dict[str, str]]:
    """The source classes of all compiled classes in the output folder, by module and name, with the
    path of the compiled file."""
    folder = _Folder(output_dir)
    found: dict[str, dict[str, str]] = {}
    with contextlib.suppress(OSError):
        for path in folder.ours():
            module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
            text = (folder.read(path) or b"").decode("utf-8", "replace")
            for line in _COMPILED_FROM.findall(text):
                if line.startswith(f"{module}."):
                    name = line[len(module) + 1 :]
                    found.setdefault(module, {})[name] = folder.full(path)
    return found


def write(
    outputs: Mapping[str, Content],
    output_dir: str,
    lock_text: str,
    *,
    root: str | None = None,
    prune: bool = True,
    timeout: float = 60.0,
) -> Written:
    """Update the output folder to contain these files and the lock file.

    Only files that differ are written. Other generated files are removed, unless ``prune`` is
    false. Concurrent builds wait for each other, up to ``timeout`` seconds, if the file system
    supports locks. Paths in findings are relative to ``root``.
    """
    wanted = {path: _bytes(content) for path, content in outputs.items()}
    try:
        with mutex(os.path.realpath(output_dir), timeout):
            folder = _Folder(output_dir, root)
            found = _obstacles(folder, wanted)
            if found:
                return Written(findings=found)
            return _write(folder, wanted, lock_text.encode("utf-8"), prune)
    except OSError as error:
        return Written(findings=(_disk_finding(output_dir, error),))


def _write(folder: _Folder, wanted: dict[str, bytes], lock: bytes, prune: bool) -> Written:
    os.makedirs(folder.path, exist_ok=True)
    found = _differing(folder, wanted, prune)
    changed = sorted((*found.stale, *found.missing, *found.edited))
    for path in changed:
        replace_file(folder.full(path), wanted[path])
    discarded = (*found.edited, *(path for path in found.orphaned if folder.is_edited(path)))
    for path in found.orphaned:
        _remove(folder, path)
    if folder.read(LOCK_NAME) != lock:
        replace_file(folder.full(LOCK_NAME), lock)
        changed.append(LOCK_NAME)
    remove_leftovers(folder.path)
    return Written(tuple(sorted(changed)), found.orphaned, tuple(sorted(discarded)))


def _differing(folder: _Folder, wanted: Mapping[str, bytes], prune: bool) -> Differences:
    """The files that differ from ``wanted``; with ``prune`` also those that are not needed."""
    stale: list[str] = []
    missing: list[str] = []
    edited: list[str] = []
    for path in sorted(wanted):
        data = folder.read(path)
        if data is None:
            missing.append(path)
        elif data != wanted[path]:
            (edited if folder.is_edited(path, data) else stale).append(path)
    unwanted = (path for path in folder.ours() if path not in wanted and path != LOCK_NAME)
    orphaned = tuple(sorted(unwanted)) if prune else ()
    return Differences(tuple(stale), tuple(missing), orphaned, tuple(edited))


def compare(
    outputs: Mapping[str, Content],
    lock_text: str,
    output_dir: str,
    *,
    root: str | None = None,
    holds: Callable[[Lock, Lock], bool] | None = None,
) -> Differences:
    """The files that a build would change. Lock files that differ only in digests of inputs count
    as the same.

    ``holds`` compares the current lock file and the new one, and returns whether the current one is
    still valid.
    """
    holds = holds or (lambda old, new: without_bytes(old) == without_bytes(new))
    wanted = {path: _bytes(content) for path, content in outputs.items()}
    try:
        folder = _Folder(output_dir, root)
        problems = _obstacles(folder, wanted)
        found = _differing(folder, wanted, True)
        stale, missing, edited = found.stale, found.missing, found.edited
        if folder.lock is None and folder.read(LOCK_NAME) is None:
            missing = (*missing, LOCK_NAME)
        elif folder.lock is None:
            edited = (*edited, LOCK_NAME)
        else:
            new = parse(lock_text)
            if new is None or not holds(folder.lock, new):
                stale = (*stale, LOCK_NAME)
    except OSError as error:
        return Differences(findings=(_disk_finding(output_dir, error),))
    blocked = {finding.place.path for finding in problems if finding.place is not None}
    return Differences(
        tuple(path for path in sorted(stale) if folder.full(path) not in blocked),
        tuple(sorted(missing)),
        found.orphaned,
        tuple(path for path in sorted(edited) if folder.full(path) not in blocked),
        problems,
    )


def _obstacles(folder: _Folder, wanted: Mapping[str, bytes]) -> tuple[Finding, ...]:
    """Obstacles to writing: foreign files, links out of the folder, paths that exclude each
    other."""
    if os.path.lexists(folder.path) and not os.path.isdir(folder.path):
        found = message("AC601", "not-a-folder", path=folder.shown(""))
        return (_finding(found, folder.path),)
    clashes = list(_foreign_files_in_the_way(folder, wanted))
    for path in (*sorted(wanted), LOCK_NAME):
        problem = _problem(folder, path, wanted.get(path))
        if problem is not None:
            clashes.append(_finding(problem, folder.full(path)))
    return tuple(clashes)


def _problem(folder: _Folder, path: str, content: bytes | None) -> Message | None:
    full, shown = folder.full(path), folder.shown(path)
    parent = os.path.realpath(os.path.dirname(full))
    if parent != folder.real and not parent.startswith(folder.real + os.sep):
        return message("AC601", "behind-link", path=shown)
    if os.path.islink(full):
        return message("AC601", "link", path=shown)
    if os.path.isdir(full):
        return message("AC601", "folder", path=shown)
    above = os.path.dirname(full)
    while len(above) > len(folder.path):
        if os.path.lexists(above) and not os.path.isdir(above):
            name = folder.shown(os.path.relpath(above, folder.path))
            return message("AC601", "file", above=name, path=shown)
        above = os.path.dirname(above)
    data = folder.read(path)
    if data is None or data == content or folder.is_ours(path, data):
        return None
    return message("AC601", "not-generated", path=shown)


def _foreign_files_in_the_way(folder: _Folder, wanted: Iterable[str]) -> Iterator[Finding]:
    """Paths that cannot all exist, at least on file systems that ignore case."""
    seen: dict[str, str] = {}
    for path in sorted(wanted):
        other = seen.setdefault(path.casefold(), path)
        if other != path:
            clash = message("AC602", "case", path=folder.shown(path), other=folder.shown(other))
            yield _finding(clash, folder.full(path))
    for path in sorted(wanted):
        folded = path.casefold()
        while "/" in folded:
            folded = folded.rpartition("/")[0]
            if folded in seen:
                clash = message(
                    "AC602",
                    "file-and-folder",
                    path=folder.shown(seen[folded]),
                    other=folder.shown(path),
                )
                yield _finding(clash, folder.full(path))


def _remove(folder: _Folder, path: str) -> None:
    """Remove a generated file, its bytecode, and folders that become empty."""
    full = folder.full(path)
    with contextlib.suppress(FileNotFoundError):  # removed by another build
        os.unlink(full)
    parent, name = os.path.split(full)
    stem = name.partition(".")[0]
    cached = os.path.join(parent, "__pycache__")
    with contextlib.suppress(OSError):
        for entry in os.listdir(cached):
            if entry.startswith(f"{stem}.") and entry.endswith(".pyc"):
                os.unlink(os.path.join(cached, entry))
    with contextlib.suppress(OSError):
        os.rmdir(cached)
    with contextlib.suppress(OSError):  # it is not empty
        while parent != folder.path:
            os.rmdir(parent)
            parent = os.path.dirname(parent)
            with contextlib.suppress(OSError):
                os.rmdir(os.path.join(parent, "__pycache__"))


def _bytes(content: Content) -> bytes:
    return content.encode("utf-8") if isinstance(content, str) else content


def _finding(problem: Message, path: str) -> Finding:
    return problem.at(Place(path, Span(1, 1, 1, 1)))


def no_temporary_files(output_dir: str, reason: str) -> Finding:
    """The finding if the output cannot be formatted."""
    found = message("AC601", "no-temporary-files", reason=reason)
    return _finding(found, os.path.abspath(output_dir))


def _disk_finding(output_dir: str, error: OSError) -> Finding:
    named = error.filename
    # The name of a temporary file is random, and means nothing to the user.
    if not isinstance(named, str) or is_leftover(os.path.basename(named)):
        named = output_dir
    found = message(
        "AC601",
        "cannot-be-written",
        folder=os.path.basename(output_dir),
        reason=error.strerror or error,
    )
    return _finding(found, os.path.abspath(named))

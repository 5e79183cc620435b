"""Which facts about the disk does a build depend on? The observer records them.

A build depends only on its tree, its configuration, and the tool with its own dependencies. While
all of these are unchanged, so is the result.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from arctic_codegen.build.cache.facts import (
    Facts,
    Stamp,
    clock,
    digest,
    digest_of_error,
    digest_of_file,
    digest_of_names,
    interpreter,
    output_state,
    stamp_of,
)
from arctic_codegen.build.cache.folder import cache_folder
from arctic_codegen.files.regular import kind_of, names_in, read_regular
from arctic_codegen.model.settings import Settings

_CONFIG = "pyproject.toml"
_RUNS_ON = ("ruff", "libcst", "jinja2", "msgspec", "click")


class ObservedTree:
    """The disk, with a record of its answers. Each query is made once, so a build sees a consistent
    state of the disk."""

    is_disk = True

    def __init__(self, facts: Facts) -> None:
        self._facts = facts
        self._names: dict[str, tuple[str, ...]] = {}

    def read(self, path: str) -> bytes:
        before = stamp_of(path)
        try:
            data = read_regular(path)
        except OSError as error:
            self._note(path, before, digest_of_error(error))
            raise
        self._note(path, before, digest(data))
        return data

    def _note(self, path: str, before: Stamp | None, content: bytes) -> None:
        if not self._facts.is_own(path):
            self._facts.files[path] = (before, content)

    def is_file(self, path: str) -> bool:
        return self._kind(path) == stat.S_IFREG

    def is_dir(self, path: str) -> bool:
        return self._kind(path) == stat.S_IFDIR

    def _kind(self, path: str) -> int:
        kind = self._facts.kinds.get(path)
        if kind is None:
            kind = kind_of(path)
            if not self._facts.is_own(path):
                self._facts.kinds[path] = kind
        return kind

    def names(self, folder: str) -> tuple[str, ...]:
        found = self._names.get(folder)
        if found is None:
            facts, before = self._facts, stamp_of(folder)
            found = self._names[folder] = names_in(folder)
            if not facts.is_own(folder):
                facts.folders[folder] = (before, digest_of_names(found, facts.left_out(folder)))
        return found

    def real_path(self, path: str) -> str:
        found = self._facts.real_paths.get(path)
        if found is None:
            found = os.path.realpath(path)
            if not self._facts.is_own(path):
                self._facts.real_paths[path] = found
        return found


class Observer:
    """Records one build, starting before its configuration is read."""

    def __init__(self, working_folder: Path, config: Path | None, paths: Sequence[str]) -> None:
        self.folder: str | None = None
        """The project's cache folder; ``None`` if nothing can be stored."""
        self.facts = Facts(0, "")
        self._early = Facts(0, "")
        self._outputs: dict[str, bytes] | None = None
        self._seen = Facts(0, "")
        """Files of the output whose digests are known in this build."""
        self._left: Facts | None = None
        self._working_folder = working_folder
        self._paths = paths
        folders = (working_folder, *working_folder.parents)
        for candidate in [config] if config is not None else [one / _CONFIG for one in folders]:
            path = os.path.abspath(candidate)
            self._early.files[path] = (stamp_of(path), digest_of_file(path))

    def configured(self, settings: Settings) -> ObservedTree | None:
        """The tree for a build under these settings; ``None`` if nothing can be recorded.

        Nothing is recorded with another interpreter (``python``), whose answers may change.
        """
        folder = None if settings.python is not None else cache_folder(settings)
        now = None if folder is None else clock(folder)
        if folder is None or now is None:
            return None
        self.folder = folder
        self._outputs, self._seen, self._left = None, Facts(0, ""), None
        facts = self.facts = Facts(now, os.path.normpath(settings.output))
        for path, found in self._early.files.items():
            facts.files[path] = found
            if path == settings.config_file:
                break
        tree = ObservedTree(facts)
        tree.is_dir(os.path.join(settings.root, "src"))
        for root in settings.src:
            tree.is_dir(root)
        for argument in self._paths:
            self._note_argument(tree, os.path.normpath(self._working_folder / argument))
        facts.stamps.update(tool_stamps())
        for entry in sys.path:
            # A folder of packages changes when one is installed, removed or replaced.
            tree.names(os.path.abspath(entry) if entry else os.getcwd())
        return tree

    def built(self, outputs: Mapping[str, str]) -> None:
        """Record the texts that are now in the output folder, by path."""
        self._outputs = {
            os.path.join(self.facts.output, *path.split("/")): digest(text.encode("utf-8"))
            for path, text in outputs.items()
        }

    def built_incrementally(self, state: Facts, outputs: Mapping[str, str]) -> None:
        """Record texts that were added to the state ``state`` of the output folder."""
        self.built(outputs)
        self._seen = state
        assert self._outputs is not None
        for path, (_, content) in state.files.items():
            self._outputs.setdefault(path, content)

    def output_as_left(self) -> Facts | None:
        """The state of the output folder, if it contains the built texts and nothing unusual."""
        if self.folder is None or self._outputs is None:
            return None
        if self._left is None:
            self._seen.at = self.facts.at
            state = output_state(self.facts.output, self._seen)
            found = {} if state is None else {path: one[1] for path, one in state.files.items()}
            if all(found.get(path) == content for path, content in self._outputs.items()):
                self._left = state
        return self._left

    @staticmethod
    def _note_argument(tree: ObservedTree, path: str) -> None:
        """Record what determines whether an argument is a path, and its import root."""
        tree.is_file(path)
        tree.is_dir(path)
        while tree.is_file(os.path.join(path, "__init__.py")) and path != os.path.dirname(path):
            path = os.path.dirname(path)
            tree.is_dir(path)


def record_name(settings: Settings) -> str:
    """The file name for the record of a run with these settings and this interpreter."""
    # A path may contain lone surrogates.
    written = repr(settings).encode(errors="surrogatepass")
    return digest(b"\0".join((written, *map(os.fsencode, interpreter())))).hex()


@cache
def tool_stamps() -> dict[str, Stamp | None]:
    """The stamps of the tool's own files, which change during its development, and of the packages
    that it depends on."""
    return {path: stamp_of(path) for path in _tool_files()}


def _tool_files() -> Iterator[str]:
    package = os.path.abspath(os.path.join(os.path.dirname(__file__), *[os.pardir] * 2))
    for folder in (package, os.path.join(os.path.dirname(package), "templates")):
        for here, folders, names in os.walk(folder):
            folders[:] = sorted(name for name in folders if name != "__pycache__")
            for name in sorted(names):
                yield os.path.join(here, name)
    for name in _RUNS_ON:
        with contextlib.suppress(ImportError, ValueError):
            spec = find_spec(name)
            if spec is not None and spec.origin is not None:
                yield spec.origin

"""What does ``init`` find in a folder, and which configuration does it propose?"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from arctic_codegen.build import driver
from arctic_codegen.build.relevance import relevant_files
from arctic_codegen.build.semantics import differing_phases
from arctic_codegen.commands.project_roots import clashes, project_roots
from arctic_codegen.config import without_file
from arctic_codegen.config.reader import DEFAULT_OUTPUT, TABLE_HEADER, default_roots
from arctic_codegen.config.toml_places import toml
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.discover.finder import root_of
from arctic_codegen.discover.trees import DiskTree
from arctic_codegen.discover.walk import Walker
from arctic_codegen.frameworks.table import framework_named
from arctic_codegen.model.chosen_order import target_name
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.progress import Progress, quiet
from arctic_codegen.model.settings import Settings

SKIPPED = frozenset({"build", "dist", "site-packages", "venv", "env", DEFAULT_OUTPUT})
TESTS = frozenset({"test", "tests", "testing"})
CHANGE = b".callbacks"
"""What a script contains if it adds callbacks to a class of another module (R12)."""


class Proposal(msgspec.Struct, frozen=True):
    """A proposed configuration, and the classes that it covers."""

    hosts: tuple[HostClass, ...]
    roots: tuple[str, ...]
    table: str
    """The text of the table."""


def propose(folder: str, progress: Progress = quiet) -> tuple[Proposal, tuple[Finding, ...]]:
    """A configuration for the classes with callbacks in the Python files below a folder, and the
    findings.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` if no file imports a mixin.
    """
    texts = _texts_below(folder)
    settings = _provisional(folder, texts)
    resolved = driver.resolve_project(settings, progress=progress)
    found = tuple(host for host in resolved.hosts if host.requested)
    files = {host.place.path for host in found}
    files |= {path for path in settings.sources if CHANGE in texts[path]}
    roots = project_roots(folder, sorted(files), texts)
    sources = sorted({_top(path, roots, folder) for path in files})
    lines = [TABLE_HEADER, f"sources = {toml_list(sources)}", f'output = "{DEFAULT_OUTPUT}"']
    if roots != default_roots(folder):
        lines.append(f"src = {toml_list(_shown(root, folder) for root in roots)}")
    lines += _semantics([host for host in found if host.has_runtime_order])
    return Proposal(found, roots, "".join(f"{line}\n" for line in lines)), resolved.findings


def _semantics(hosts: Sequence[HostClass]) -> Iterator[str]:
    """The line that chooses an order for classes whose framework has its own order, with the
    classes for which the order makes a difference."""
    differing = [target_name(one.id) for one in hosts if differing_phases(one, logs=False)]
    if differing:
        whose = " and ".join(sorted({framework_named(one.framework).title for one in hosts}))
        yield f"# {whose}'s runtime gives these classes other callbacks, or"
        yield "# another order, than its documentation says:"
        yield from (f"#   {name}" for name in differing)
    if hosts:
        yield f'semantics = "{"runtime" if differing else "documented"}"'


def _texts_below(folder: str) -> dict[str, bytes]:
    """The contents of the Python files of a project, without build folders, installed packages and
    earlier output. Files that cannot be read are empty."""
    found = {}
    for path in Walker(DiskTree(), os.path.join(folder, DEFAULT_OUTPUT)).files(folder):
        if SKIPPED.isdisjoint(Path(os.path.relpath(path, folder)).parts):
            try:
                found[path] = Path(path).read_bytes()
            except OSError:
                found[path] = b""
    return found


def _provisional(folder: str, texts: dict[str, bytes]) -> Settings:
    """Settings that cover everything in a folder that may contain callbacks."""
    files = tuple(
        path
        for path in relevant_files(texts, os.path.join(folder, DEFAULT_OUTPUT))
        if (b"class " in texts[path] or CHANGE in texts[path])
        and TESTS.isdisjoint(Path(os.path.relpath(path, folder)).parts[:-1])
    )
    if not files:
        raise WrongUse(
            f"no Python file below '{folder}' imports a callback mixin",
            "derive a class from arctic_codegen.CallbackMixin, or run `arctic-codegen init` in "
            "the folder of your project",
        )
    roots = project_roots(folder, files, texts)
    declaring = [path for path in files if b"callback" in texts[path]]
    for name, several in clashes(declaring, roots).items():
        shown = " and ".join(f"'{_shown(path, folder)}'" for path in several[:2])
        raise WrongUse(
            f"{shown} would both be the module '{name}'",
            "run `arctic-codegen init` in the folder of each project",
        )
    return msgspec.structs.replace(without_file(folder, files, roots), semantics="documented")


def _top(path: str, roots: Sequence[str], folder: str) -> str:
    """The package or file directly below an import root, as written in the table."""
    root = root_of(path, roots) or folder
    top = os.path.join(root, os.path.relpath(path, root).split(os.sep)[0])
    return _shown(top, folder)


def _shown(path: str, folder: str) -> str:
    shown = Path(os.path.relpath(path, folder)).as_posix()
    return f"./{shown}" if shown.startswith("~") else shown  # `~` would mean the home folder


def extended(text: str | None, table: str) -> str:
    """A ``pyproject.toml`` with the table appended, and the rest unchanged byte for byte."""
    if text is None or not text:
        return table
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if text.endswith(newline) else newline
    new = f"{text}{gap}{newline}{table.replace(chr(10), newline)}"
    try:
        toml.loads(new)
    except ValueError as error:
        raise WrongUse(
            "no table can be added to `tool` in pyproject.toml",
            f"write the configuration by hand:\n{table}",
        ) from error
    return new


def toml_list(values: Iterable[str]) -> str:
    """Strings as a TOML array: written as in JSON, except for one control character."""
    listed = list(values)
    for value in listed:
        try:
            value.encode("utf-8")
        except UnicodeEncodeError as error:
            raise WrongUse(
                f"the name '{value}' is not UTF-8, so it cannot be written to TOML", "rename it"
            ) from error
    return json.dumps(listed, ensure_ascii=False).replace("\x7f", "\\u007f")

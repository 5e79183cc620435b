"""Is the installed framework a version that compiled classes support (R42)?

The version is read from the metadata, and the code that compiled classes rely on from its source:
nothing is imported. Docstrings, comments, layout, annotations and log statements may differ.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.discover.distributions import distribution_of, version_in
from arctic_codegen.frameworks.framework import TestedVersions
from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.source import Loader, SourceFile

ABSENT = "absent"
"""The digest of a part that does not exist."""


def version_findings(
    hosts: Iterable[HostClass], loader: Loader, folders: Sequence[str]
) -> tuple[Finding, ...]:
    """AC015 for a version outside the tested range, and AC016 for a difference in the code that
    compiled classes rely on; nothing for a framework that no class of the sources uses.

    ``folders`` are the folders of the search path, which contain the metadata of installed
    packages.
    """
    used = {host.framework for host in hosts if host.requested}
    findings: list[Finding] = []
    for framework in FRAMEWORKS:
        if framework.tested is not None and framework.name in used:
            findings += _findings(framework.tested, loader, folders)
    return tuple(findings)


def _findings(tested: TestedVersions, loader: Loader, folders: Sequence[str]) -> Iterator[Finding]:
    module = tested.parts[0].module
    first = loader.module(module).file
    if first is None:
        return
    version = installed_version(first.path, module, tested.distribution, folders)
    if version is not None and not is_tested(version, tested):
        yield _untested(version, tested)
    yield from _differences(loader, version, tested)


def installed_version(
    path: str, module: str, distribution: str, folders: Sequence[str]
) -> str | None:
    """The version of the distribution that a module's file belongs to; ``None`` if unknown."""
    inside = f"{module.replace('.', '/')}.py"
    slashed = path.replace(os.sep, "/")
    if slashed.endswith(f"/{inside}"):
        owner = distribution_of(slashed[: -len(inside) - 1], inside)
        if owner is not None:
            return owner[1]
    # In an editable install the files are elsewhere.
    versions = (version_in(folder, distribution) for folder in folders)
    return next((version for version in versions if version is not None), None)


def is_tested(version: str, tested: TestedVersions) -> bool:
    """Whether a version is in the tested range."""
    match = re.match(r"v?(\d+)(?:\.(\d+))?", version)
    if match is None:
        return False
    return tested.at_least <= (int(match[1]), int(match[2] or 0)) < tested.below


def tested_range(tested: TestedVersions) -> str:
    """The tested range, written as in a requirement."""
    return f">={_dotted(tested.at_least)},<{_dotted(tested.below)}"


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


def _untested(version: str, tested: TestedVersions) -> Finding:
    found = message(
        "AC015",
        "untested",
        distribution=tested.distribution,
        version=version,
        tested=tested_range(tested),
    )
    return found.at(None)


def _differences(loader: Loader, version: str | None, tested: TestedVersions) -> Iterator[Finding]:
    package = tested.parts[0].module.partition(".")[0]
    name = f"{tested.distribution} {version}" if version is not None else f"this {package}"
    files: dict[str, SourceFile | None] = {}
    for part in tested.parts:
        if part.module not in files:
            files[part.module] = loader.module(part.module).file
        file = files[part.module]
        digest, line = (ABSENT, 1) if file is None else digest_of_part(file.data, part.name)
        if digest == part.digest:
            continue
        found = message(
            "AC016",
            "differs" if digest != ABSENT else "absent",
            distribution=name,
            part=f"{part.module}.{part.name}",
            tested=f"{tested.distribution}{tested_range(tested)}",
        )
        yield found.at(None if file is None else Place(file.path, Span(line, 1, line, 2)))


def digest_of_part(data: bytes, name: str) -> tuple[str, int]:
    """The digest and the line of the function, class or variable with this name in a module;
    :data:`ABSENT` if there is none or the file cannot be parsed."""
    try:
        tree = ast.parse(data)
    except (SyntaxError, ValueError):
        return ABSENT, 1
    found = [node for node in tree.body if name in _bound(node)]
    if not found:
        return ABSENT, 1
    text = ";".join(_shape(_without_own_list(node)) for node in found)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()[:16], found[-1].lineno


def _without_own_list(node: ast.stmt) -> ast.stmt:
    """A class without its own list of callbacks: a build reads that list anyway."""
    if isinstance(node, ast.ClassDef):
        node.body = [inside for inside in node.body if "callbacks" not in _bound(inside)]
    return node


def _bound(node: ast.stmt) -> tuple[str, ...]:
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
        return (node.name,)
    if isinstance(node, ast.Assign):
        return tuple(target.id for target in node.targets if isinstance(target, ast.Name))
    if isinstance(node, (ast.AnnAssign, ast.AugAssign)) and isinstance(node.target, ast.Name):
        return (node.target.id,)
    return ()


_IGNORED_FIELDS = frozenset(
    {"annotation", "returns", "type_comment", "type_params", "kind", "ctx", "type_ignores"}
)


def _shape(value: Any) -> str:
    """A syntax tree as text that is the same in every Python version."""
    if isinstance(value, list):
        return "[" + ",".join(_shape(item) for item in value if not _is_not_code(item)) + "]"
    if not isinstance(value, ast.AST):
        return repr(value)
    fields = (
        f"{field}={_shape(inside)}"
        for field, inside in ast.iter_fields(value)
        if field not in _IGNORED_FIELDS and inside is not None and inside != []
    )
    return f"{type(value).__name__}({','.join(fields)})"


def _is_not_code(node: object) -> bool:
    """Whether a statement is only a constant (a docstring, say), or a call of the logger."""
    if not isinstance(node, ast.Expr):
        return False
    call = node.value
    if isinstance(call, ast.Constant):
        return True
    return (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "logger"
    )

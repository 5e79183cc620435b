"""Which type errors do sources and output have? Runs a checker, and creates findings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.output import OutputFile
from arctic_codegen.model.ownership import is_own
from arctic_codegen.model.settings import Settings, output_location
from arctic_codegen.model.wrappers import FunctionReach
from arctic_codegen.typecheck.declared import CallbackDeclarations, ReadFile, is_about_style
from arctic_codegen.typecheck.findings import Reporter, TypeFindings
from arctic_codegen.typecheck.output_positions import compiled_modules, full_path
from arctic_codegen.typecheck.questions import (
    CheckedFile,
    Checker,
    CheckerFault,
    CheckerMessage,
    Question,
)
from arctic_codegen.typecheck.starting import stop


class TypeCheckInput(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a build, to be type-checked."""

    settings: Settings
    hosts: tuple[HostClass, ...]
    outputs: tuple[OutputFile, ...]
    """The whole output, as a build would write it."""
    differing: tuple[tuple[str, str | None], ...]
    """The output files that differ from the disk; ``None`` for a file that a build would remove."""
    sources: tuple[CheckedFile, ...]
    installed: tuple[CheckedFile, ...]
    """Modules of installed packages that were read."""
    cache: str | None
    """A folder for the checker's own cache."""
    read: ReadFile


def start(name: str, early: subprocess.Popen[bytes] | None = None) -> Checker:
    """Start the checker with this name; raises :class:`WrongUse` if it is not installed.

    ``early`` is a mypy process that has already been started.
    """
    if name == "pyright":
        if early is not None:
            stop(early)
        from arctic_codegen.typecheck.pyright_checker import Pyright

        return Pyright()
    from arctic_codegen.typecheck.mypy_checker import Mypy

    return Mypy(early)


def check_types(checker: Checker, built: TypeCheckInput) -> TypeFindings:
    """The checker's findings, at the lines of the sources; raises :class:`WrongUse` if the
    checker fails, for example because of its settings."""
    asked = question(built)
    messages = answer(checker, asked)
    known = frozenset(file.path for file in built.installed)
    reporter = Reporter(
        compiled_modules(built.outputs, built.hosts, built.settings),
        CallbackDeclarations(built.hosts, built.read),
        checker.name,
        lambda path: path in known or not is_own(path, built.settings),
    )
    found, unrelated = reporter.findings(messages)
    return TypeFindings(asked, not messages, found, unrelated)


def answer(checker: Checker, asked: Question) -> Sequence[CheckerMessage]:
    """The checker's messages, without those about the style of the output; raises
    :class:`WrongUse` if the checker fails.
    """
    output = {file.path for file in asked.output}
    try:
        return [
            one
            for one in checker.messages(asked)
            if one.place.path not in output or not is_about_style(one)
        ]
    except CheckerFault as fault:
        reason, *more = str(fault).split("\n")
        hint = f"see whether `{checker.name}` runs by itself, with the settings of the project"
        raise WrongUse(
            f"{checker.name} cannot check the types: {reason}", "\n".join([*more, hint])
        ) from fault


def question(built: TypeCheckInput) -> Question:
    """The question for the checker."""
    settings = built.settings
    package, above = output_location(settings)
    roots = settings.src if above in settings.src else (*settings.src, above)
    output = tuple(
        CheckedFile(full_path(settings.output, one.path), _module(package, one.path))
        for one in built.outputs
        if one.path.endswith(".py")
    )
    return Question(
        folder=settings.root,
        roots=roots,
        sources=built.sources,
        output=output,
        overlay=tuple(
            (full_path(settings.output, path), text)
            for path, text in built.differing
            if path.endswith((".py", ".pyi", "py.typed"))
        ),
        untyped=tuple(sorted(set(_packages(built.hosts)) & _untyped(built.installed))),
        python=settings.python,
        cache=built.cache,
    )


def _module(package: str, path: str) -> str:
    parts = path[: -len(".py")].split("/")
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join([package, *parts])


def _packages(hosts: Iterable[HostClass]) -> Iterator[str]:
    """The top-level packages of host classes, and of the functions that are their callbacks."""
    for host in hosts:
        for identity in host.mro:
            yield identity.module.partition(".")[0]
        for event in host.events:
            for callback in (*event.pre, *event.post):
                if isinstance(callback.reach, FunctionReach):
                    yield callback.reach.module.partition(".")[0]


def _untyped(installed: Iterable[CheckedFile]) -> set[str]:
    """Installed top-level packages that are not marked as typed."""
    found = set()
    for file in installed:
        package, *below = file.module.split(".")
        folder = os.path.dirname(file.path)
        is_package = os.path.basename(file.path) == "__init__.py"
        for _ in below if is_package else below[1:]:
            folder = os.path.dirname(folder)
        if not os.path.isfile(os.path.join(folder, "py.typed")):
            found.add(package)
    return found

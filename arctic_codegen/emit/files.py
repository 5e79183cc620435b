"""From finished plans to output files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Protocol, Union

import msgspec

from arctic_codegen.emit.verify import mapped, parse
from arctic_codegen.model.output import UNMARKED, OutputFile
from arctic_codegen.model.plan import ModulePlan, PackagePlan, Plans, RegistryPlan

_PLAIN = {".gitattributes": "gitattributes", "py.typed": "py.typed"}


class PlainPlan(msgspec.Struct, frozen=True):
    """A file that is no Python, by its template."""

    path: str
    template: str


Plan = Union[ModulePlan, PackagePlan, RegistryPlan, PlainPlan]


class KnownTexts(Protocol):
    """Files that were written by the same plan before."""

    def get(self, plan: Plan) -> OutputFile | None:
        """The file; ``None`` where it is not known."""
        ...

    def add(self, plan: Plan, output: OutputFile) -> None:
        """Takes a file that has been written just now."""
        ...


def prepare() -> None:
    """Loads what it takes to write files, for when there is nothing else to do meanwhile."""
    from arctic_codegen.emit import format, render

    format.prepare()
    render.prepare()


def emit(
    plans: Plans, known: KnownTexts | None = None, meanwhile: Iterable[object] = ()
) -> tuple[OutputFile, ...]:
    """All output files but the lock file, sorted by path.

    A file depends on its plan and on nothing else, so one that is ``known`` is not written again;
    the formatter is run without any settings of the user's. Steps of ``meanwhile`` are taken while
    nothing but the formatter is at work.
    """
    wanted: list[Plan] = [*plans.modules, *plans.packages, plans.registry]
    wanted += [PlainPlan(path, template) for path, template in _PLAIN.items()]
    files: list[OutputFile] = []
    missing: list[Plan] = []
    for plan in wanted:
        found = None if known is None else known.get(plan)
        if found is None:
            missing.append(plan)
        else:
            files.append(found)
    if missing:
        for plan, file in zip(missing, _written(missing, iter(meanwhile)), strict=True):
            files.append(file)
            if known is not None:
                known.add(plan, file)
    return tuple(sorted(files, key=lambda file: file.path))


def _written(plans: list[Plan], meanwhile: Iterator[object]) -> list[OutputFile]:
    """The files of these plans, in order."""
    # Only what has to be written loads jinja2 and starts the formatter.
    from arctic_codegen.emit import render
    from arctic_codegen.emit.format import formatted

    python = [plan for plan in plans if not isinstance(plan, PlainPlan)]
    texts = {}
    if python:
        texts = formatted({plan.path: render.rendered(plan) for plan in python}, meanwhile)
    files = []
    for plan in plans:
        if isinstance(plan, PlainPlan):
            files.append(OutputFile(plan.path, render.rendered_plain(plan.template)))
            continue
        text = render.header(plan.origin) + texts[plan.path]
        if not isinstance(plan, ModulePlan):
            parse(plan.path, text)
            files.append(OutputFile(plan.path, text))
            continue
        text = _marked(text)
        tree = parse(plan.path, text)
        found = () if tree is None else mapped(plan, text, tree)
        files.append(OutputFile(plan.path, text, plan.module, found))
    return files


def _marked(text: str) -> str:
    """A text that carries a digest of itself: the guard sees by it which text is running."""
    digest = hashlib.sha256(text.encode()).hexdigest()[: len(UNMARKED)]
    return text.replace(f'"{UNMARKED}"', f'"{digest}"', 1)

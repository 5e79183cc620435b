"""Creates the output files from finished plans, formatted (R32)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from typing import Union

import msgspec

from arctic_codegen.emit.verify import mapped, parse
from arctic_codegen.model.output import UNMARKED, OutputFile
from arctic_codegen.model.plan import ModulePlan, PackagePlan, Plans, RegistryPlan

_FIXED = {".gitattributes": "gitattributes", "py.typed": "py.typed"}


class FixedPlan(msgspec.Struct, frozen=True):
    """A file other than Python code, which is the same in every output folder."""

    path: str
    template: str


Plan = Union[ModulePlan, PackagePlan, RegistryPlan, FixedPlan]


def prepare() -> None:
    """Load what :func:`emit` needs in advance, while waiting for something else."""
    from arctic_codegen.emit import format, render

    format.prepare()
    render.prepare()


def file_plans(plans: Plans) -> list[Plan]:
    """The plan of each output file except the lock file. A file depends only on its plan."""
    fixed = (FixedPlan(path, template) for path, template in _FIXED.items())
    return [*plans.modules, *plans.packages, plans.registry, *fixed]


def emit(plans: Sequence[Plan], meanwhile: Iterable[object] = ()) -> list[OutputFile]:
    """The files of these plans, in order.

    The formatter ignores the user's settings. The steps of ``meanwhile`` are executed while the
    formatter is running.
    """
    # jinja2 and the formatter are loaded only if something has to be written.
    from arctic_codegen.emit import render
    from arctic_codegen.emit.format import formatted

    python = [plan for plan in plans if not isinstance(plan, FixedPlan)]
    texts = {}
    if python:
        texts = formatted({plan.path: render.rendered(plan) for plan in python}, iter(meanwhile))
    files = []
    for plan in plans:
        if isinstance(plan, FixedPlan):
            files.append(OutputFile(plan.path, render.rendered_fixed(plan.template)))
            continue
        text = render.first_lines(plan.origin) + texts[plan.path]
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
    """A text that contains its own digest, by which the staleness check recognizes the version."""
    digest = hashlib.sha256(text.encode()).hexdigest()[: len(UNMARKED)]
    return text.replace(f'"{UNMARKED}"', f'"{digest}"', 1)

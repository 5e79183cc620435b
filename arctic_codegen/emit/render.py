"""Renders the templates. The only importer of jinja2."""

from __future__ import annotations

import functools
from collections.abc import Callable
from pathlib import Path
from typing import Union

import jinja2

from arctic_codegen.model.output import HEADER_PREFIX
from arctic_codegen.model.plan import ModulePlan, PackagePlan, RegistryPlan

PythonPlan = Union[ModulePlan, PackagePlan, RegistryPlan]

_TEMPLATES = {ModulePlan: "module.py", PackagePlan: "package.py", RegistryPlan: "registry.py"}
_PACKAGE = Path(__file__).resolve().parent.parent


def template_folder() -> Path:
    """The folder of the templates: in an installed package, or next to it in a checkout."""
    installed = _PACKAGE / "templates"
    return installed if installed.is_dir() else _PACKAGE.parent / "templates"


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        auto_reload=False,  # avoid checking the file for each text
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def prepare() -> None:
    """Compile the templates in advance; otherwise each is compiled on first use."""
    for name in (*_TEMPLATES.values(), "gitattributes", "py.typed"):
        _environment().get_template(f"{name}.jinja")


def rendered(plan: PythonPlan) -> str:
    """The text of a Python file, unformatted and without its header."""
    return _environment().get_template(f"{_TEMPLATES[type(plan)]}.jinja").render(plan=plan)


def rendered_fixed(name: str) -> str:
    """The text of a file other than Python code."""
    return _environment().get_template(f"{name}.jinja").render(header=HEADER_PREFIX)


def rendered_page(name: str, finalize: Callable[[object], object], **values: object) -> str:
    """An HTML page; all values are passed through ``finalize`` and escaped."""
    environment = _environment().overlay(autoescape=True, finalize=finalize)
    return environment.get_template(f"{name}.jinja").render(values)


def first_lines(origin: str) -> str:
    """The first lines of a generated Python file, which disable other formatters."""
    return f"{HEADER_PREFIX} from {origin}; do not edit\n# fmt: off\n# isort: skip_file\n"

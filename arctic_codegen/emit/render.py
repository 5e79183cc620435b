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
    """Where the templates are: inside an installed package, or beside it in a checkout."""
    installed = _PACKAGE / "templates"
    return installed if installed.is_dir() else _PACKAGE.parent / "templates"


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(template_folder()),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        auto_reload=False,  # or it would look at the file for each text
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def prepare() -> None:
    """Compiles the templates, each of which is otherwise compiled when it is first filled."""
    for name in (*_TEMPLATES.values(), "gitattributes", "py.typed"):
        _environment().get_template(f"{name}.jinja")


def rendered(plan: PythonPlan) -> str:
    """The text of a Python file, not formatted and without its header."""
    return _environment().get_template(f"{_TEMPLATES[type(plan)]}.jinja").render(plan=plan)


def rendered_fixed(name: str) -> str:
    """A file that is no Python."""
    return _environment().get_template(f"{name}.jinja").render(header=HEADER_PREFIX)


def rendered_page(name: str, finalize: Callable[[object], object], **values: object) -> str:
    """A page of HTML: all values are escaped, after ``finalize`` has had each of them."""
    environment = _environment().overlay(autoescape=True, finalize=finalize)
    return environment.get_template(f"{name}.jinja").render(values)


def first_lines(origin: str) -> str:
    """The first lines of a generated Python file. They keep other formatters away from it."""
    return f"{HEADER_PREFIX} from {origin}; do not edit\n# fmt: off\n# isort: skip_file\n"

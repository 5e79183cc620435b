"""Each message of a finding is on the page of its code, and the calls match the pages."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.codes.page import read_page, templates

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "arctic_codegen"
PAGES = (*CODES, "shared", "reasons")


def calls_of(name: str) -> Iterator[tuple[str, ast.Call]]:
    """All calls of a function or class in the package, and their places."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                called = node.func
                last = called.attr if isinstance(called, ast.Attribute) else None
                if (called.id if isinstance(called, ast.Name) else last) == name:
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def literals(node: ast.expr) -> list[str]:
    """The possible strings of an argument: a constant, or one of two in a conditional."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    assert isinstance(node, ast.Constant), "the code and the case are written out"
    assert isinstance(node.value, str)
    return [node.value]


def placeholders(code: str, case: str) -> set[str]:
    """The placeholders in a text and its help."""
    template = templates(code)[case]
    texts = (template.text, template.help or "")
    fields = [field for text in texts for _, field, _, _ in string.Formatter().parse(text)]
    return {field for field in fields if field is not None}


def cited() -> Iterator[tuple[str, str, str, set[str | None]]]:
    """Each case that a call names: the place, its code, its name, and the given values."""
    for where, call in calls_of("message"):
        assert len(call.args) == 2, where
        for code in literals(call.args[0]):
            for case in literals(call.args[1]):
                yield where, code, case, {keyword.arg for keyword in call.keywords}


def test_calls_fit_the_pages() -> None:
    """Every cited case exists, with exactly these placeholders."""
    for where, code, case, given in cited():
        assert case in templates(code), f"{where}: {code} has no case '{case}'"
        assert given == placeholders(code, case), f"{where}: {code} {case}"


def test_every_case_is_used() -> None:
    known = {(code, case) for code in PAGES for case in templates(code)}
    assert known == {(code, case) for _, code, case, _ in cited()}


def test_findings_are_made_of_messages() -> None:
    """All texts of findings are on the pages."""
    made = {where.partition(":")[0] for where, _ in calls_of("Finding")}
    assert made == {"arctic_codegen/diagnostics/messages.py"}


def test_codes_have_messages() -> None:
    """All except AC307, which nothing reports, and AC901, which is printed as a last resort."""
    assert {code for code in CODES if not templates(code)} == {"AC307", "AC901"}


@pytest.mark.parametrize("code", PAGES)
def test_pages_have_one_form(code: str) -> None:
    for line in (read_page(code).messages).split("\n"):
        assert len(line) <= 100
        assert re.fullmatch(r"|[a-z]+(-[a-z]+)*:|(  ){1,2}\S.*", line), line
    for case, template in templates(code).items():
        assert template.text, case

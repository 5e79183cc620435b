"""Ignore comments, and the settings that select codes."""

from __future__ import annotations

import pytest

from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Severity, Span
from arctic_codegen.diagnostics.silence import Silencer
from arctic_codegen.model.decls import IgnoreComment
from arctic_codegen.model.settings import Settings

A = "/p/app/a.py"


def settings(**changes: object) -> Settings:
    values = {
        "root": "/p",
        "output": "/p/generated",
        "python_version": (3, 11),
        "platform": "linux",
        **changes,
    }
    return Settings(**values)


def finding(code: str, line: int = 1, end: int | None = None, path: str = A) -> Finding:
    return Finding(code, "m", Place(path, Span(line, 1, end or line, 2)))


def comment(line: int, *codes: str) -> IgnoreComment:
    return IgnoreComment(line, codes, Span(line, 10, line, 20))


def test_a_comment_silences_its_code_on_its_line_only() -> None:
    silencer = Silencer(settings())
    comments = {A: (comment(1, "AC401"),)}
    found = (finding("AC401"), finding("AC402"), finding("AC401", 2))
    assert silencer.kept(found, comments) == found[1:]
    assert silencer.unused(comments, CODES) == ()


def test_a_comment_without_codes_silences_all_of_its_line() -> None:
    silencer = Silencer(settings())
    assert silencer.kept([finding("AC401"), finding("AC201")], {A: (comment(1),)}) == ()


def test_a_comment_may_stand_on_the_last_line_of_what_it_silences() -> None:
    silencer = Silencer(settings())
    assert silencer.kept([finding("AC401", 1, 3)], {A: (comment(3, "AC401"),)}) == ()


@pytest.mark.parametrize("code", ["AC001", "AC002", "AC003", "AC901"])
def test_what_leaves_no_way_to_go_on_is_never_silenced(code: str) -> None:
    silencer = Silencer(settings(ignore=("ALL",)))
    assert len(silencer.kept([finding(code)], {A: (comment(1),)})) == 1


def test_unused_comments_are_warnings() -> None:
    silencer = Silencer(settings())
    comments = {A: (comment(1, "AC401", "AC402"), comment(2), comment(3, "AC999"))}
    silencer.kept([finding("AC402")], comments)
    told = silencer.unused(comments, CODES, last=True)
    assert [(f.code, f.severity, f.message) for f in told] == [
        ("AC013", Severity.WARNING, "unused 'AC401' in an ignore comment"),
        ("AC013", Severity.WARNING, "unused ignore comment"),
        ("AC013", Severity.WARNING, "unknown code 'AC999' in an ignore comment"),
    ]


def test_a_code_that_is_not_judged_yet_is_not_called_unused() -> None:
    assert Silencer(settings()).unused({A: (comment(1, "AC602"),)}, ["AC401"]) == ()
    assert Silencer(settings()).unused({A: (comment(1),)}, CODES) == ()


def test_an_unused_comment_does_not_silence_that_it_is_unused() -> None:
    silencer = Silencer(settings())
    comments = {A: (comment(1),)}
    told = silencer.unused(comments, CODES, last=True)
    assert silencer.kept(told, comments) == told != ()


@pytest.mark.parametrize(
    ("select", "ignore", "kept"),
    [
        ((), (), ["AC201", "AC401", "AC413"]),
        (("AC4",), (), ["AC401", "AC413"]),
        (("AC4",), ("AC413",), ["AC401"]),
        (("AC413",), ("AC4",), ["AC413"]),
        ((), ("unannotated",), ["AC201", "AC401"]),
        ((), ("ALL",), []),
        (("AC201",), ("AC201",), []),
    ],
)
def test_select_and_ignore_as_in_ruff(
    select: tuple[str, ...], ignore: tuple[str, ...], kept: list[str]
) -> None:
    silencer = Silencer(settings(select=select, ignore=ignore))
    found = [finding(code) for code in ("AC201", "AC401", "AC413")]
    assert [f.code for f in silencer.kept(found, {})] == kept


def test_selecting_codes_does_not_hide_sources_that_are_missing() -> None:
    silencer = Silencer(settings(select=("AC4",)))
    assert len(silencer.kept([finding("AC011"), finding("AC013")], {})) == 1
    assert Silencer(settings(ignore=("AC011",))).kept([finding("AC011")], {}) == ()


@pytest.mark.parametrize(
    ("pattern", "hidden"),
    [
        ("app/*", True),
        ("a.py", True),
        ("app", True),
        ("**/a.py", True),
        ("other/*", False),
        ("!other/*", True),
        ("!app/*", False),
    ],
)
def test_per_file_ignores(pattern: str, hidden: bool) -> None:
    silencer = Silencer(settings(per_file_ignores=((pattern, ("AC4",)),)))
    assert (silencer.kept([finding("AC401")], {}) == ()) is hidden
    assert len(silencer.kept([finding("AC201")], {})) == 1


def test_severity_is_that_of_the_table() -> None:
    far = message("AC211", "far", owner="T", reached="'T'", module="m")
    assert far.at(None).severity is Severity.WARNING

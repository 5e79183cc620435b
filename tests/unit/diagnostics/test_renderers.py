"""Findings as text, and in formats for programs."""

from __future__ import annotations

import json

from arctic_codegen.diagnostics.full import render_full, without_style
from arctic_codegen.diagnostics.machine import (
    render_concise,
    render_github,
    render_json,
    render_sarif,
)
from arctic_codegen.diagnostics.records import Finding, Place, Related, Severity, Span
from arctic_codegen.diagnostics.texts import SourceLines, shown_path, underlined

FOLDER = "/home/me"
FILES = {
    "/home/me/app/a.py": b'class T(Base):\n\tcallbacks = [("pre-stpe", f)]\n',
    "/home/me/app/b.py": "x = '\u6f22\u5b57', wrong\n".encode(),
}


def place(path: str, line: int, start: int, end: int) -> Place:
    return Place(path, Span(line, start, line, end))


FINDING = Finding(
    "AC201",
    "'T' has no event 'stpe'",
    place("/home/me/app/a.py", 2, 16, 26),
    "the closest is 'step'",
    (Related(place("/home/me/app/a.py", 1, 7, 8), "the class"),),
)
BARE = Finding("AC413", "no annotations", severity=Severity.NOTE)


def full(*findings: Finding) -> str:
    return without_style(render_full(findings, SourceLines(FILES.get), FOLDER))


def test_full_format() -> None:
    assert full(FINDING) == (
        "error[AC201]: 'T' has no event 'stpe'\n"
        " --> app/a.py:2:16\n"
        "  |\n"
        '2 |     callbacks = [("pre-stpe", f)]\n'
        "  |                   ^^^^^^^^^^\n"
        "  |\n"
        " ::: app/a.py:1:7\n"
        "  |\n"
        "1 | class T(Base):\n"
        "  |       - the class\n"
        "  |\n"
        "help: the closest is 'step'\n"
        "\n"
    )


def test_full_format_without_a_place_and_without_a_file() -> None:
    gone = Finding("AC002", "cannot be read", place("/gone.py", 1, 1, 1))
    assert full(BARE) == "note[AC413]: no annotations\n\n"
    assert full(gone) == "error[AC002]: cannot be read\n --> /gone.py\n\n"


def test_full_format_counts_wide_characters_as_two_cells() -> None:
    shown = full(Finding("AC103", "m", place("/home/me/app/b.py", 1, 11, 16))).split("\n")
    assert shown[4] == "  | " + " " * 12 + "^^^^^"


def test_long_lines_are_clipped_around_the_place() -> None:
    line = "a" * 300 + "WRONG" + "b" * 300
    text, offset, length = underlined(line, 300, 305, 100)
    assert len(text) <= 100
    assert text[offset : offset + length] == "WRONG"
    assert text.startswith("...")
    assert text.endswith("...")


def test_a_place_longer_than_the_line_is_clipped_too() -> None:
    text, offset, length = underlined("x" * 500, 10, 490, 80)
    assert len(text) <= 80
    assert offset + length <= 80


def test_control_characters_do_not_reach_the_terminal() -> None:
    text, _, _ = underlined("a\x1b[31m\u202eb", 0, 1, 80)
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_concise_format() -> None:
    assert render_concise([FINDING, BARE], FOLDER) == (
        "app/a.py:2:16: error[AC201] 'T' has no event 'stpe'\nnote[AC413] no annotations\n"
    )


def test_paths_outside_the_working_folder_stay_absolute() -> None:
    assert shown_path("/home/me2/a.py", FOLDER) == "/home/me2/a.py"
    assert shown_path("/home/me/a.py", "/") == "home/me/a.py"


def test_json_format() -> None:
    assert json.loads(render_json([FINDING, BARE], FOLDER)) == {
        "version": 1,
        "findings": [
            {
                "code": "AC201",
                "severity": "error",
                "message": "'T' has no event 'stpe'",
                "path": "app/a.py",
                "line": 2,
                "column": 16,
                "hint": "the closest is 'step'",
                "related": [{"path": "app/a.py", "line": 1, "column": 7, "message": "the class"}],
            },
            {
                "code": "AC413",
                "severity": "note",
                "message": "no annotations",
                "path": None,
                "line": None,
                "column": None,
                "hint": None,
                "related": [],
            },
        ],
    }


def test_github_format() -> None:
    assert render_github([FINDING], FOLDER) == (
        "::error title=arctic-codegen (AC201),file=app/a.py,line=2,col=16,endLine=2,endColumn=26"
        "::'T' has no event 'stpe'%0Athe closest is 'step'\n"
    )


def test_sarif_format() -> None:
    run = json.loads(render_sarif([FINDING, BARE], FOLDER))["runs"][0]
    assert [rule["id"] for rule in run["tool"]["driver"]["rules"]] == ["AC201", "AC413"]
    assert [result["level"] for result in run["results"]] == ["error", "note"]
    assert "locations" not in run["results"][1]


def test_names_of_files_that_are_no_text() -> None:
    odd = Finding("AC012", "m", place("/home/me/b\udcff.py", 1, 1, 1))
    assert '"uri": "b%FF.py"' in render_sarif([odd], FOLDER)
    assert json.loads(render_json([odd], FOLDER))["findings"][0]["path"] == "b\udcff.py"

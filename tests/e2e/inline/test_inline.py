"""Modules with marks: each marked line has a finding, and no other line has one.

``# error: [AC201]`` (or ``warning``, ``note``) at the end of a line means that the line has a
finding with this code; if several codes are listed, one of them is reported. ``# file: NAME``
starts another file of the same project, and ``# arguments: ...`` is passed to the build.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from arctic_codegen.diagnostics.codes import HAZARDS
from tests.harness import Project, marks_of, write_files

MODULES = sorted((Path(__file__).parent / "modules").glob("*.py"))
FILE = re.compile(r"^# file: (\S+)\n", re.MULTILINE)


def files_of(path: Path) -> dict[str, str]:
    first, *rest = FILE.split(path.read_text(encoding="utf-8"))
    files = {"app/__init__.py": "", f"app/{path.name}": first}
    return {**files, **dict(zip(rest[::2], rest[1::2], strict=True))}


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_findings_stand_where_they_are_marked(path, tmp_path):
    files = files_of(path)
    project = Project(tmp_path / "p", {})
    write_files(project.root, files)
    arguments = re.findall(r"^# arguments: (.*)$", files[f"app/{path.name}"], re.MULTILINE)
    ran = project.build(*" ".join(arguments).split())
    assert "Traceback" not in ran.stderr
    marks = marks_of(files)
    shown = {severity for _, _, severity in marks} | {"error", "warning"}
    told = {(f.path, f.line, f.severity, f.code) for f in ran.findings if f.severity in shown}
    unmarked = {t for t in told if t[3] not in marks.get(t[:3], ())}
    missing = {mark for mark in marks if mark not in {t[:3] for t in told}}
    assert (sorted(unmarked), sorted(missing)) == ([], []), ran.stdout + ran.stderr
    strictly = [codes for codes in marks.values() if arguments and HAZARDS.isdisjoint(codes)]
    failing = any(severity == "error" for _, _, severity in marks) or strictly
    assert ran.code == int(bool(failing)), ran.stdout + ran.stderr

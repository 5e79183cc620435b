"""Code that ArcticTraining rejects, or fails on, is a build error at its line."""

from __future__ import annotations

import pytest

from tests.parity.callbacks.cases import Case, project_of, run_cases

pytest.importorskip("arctic_training")

WRONG: tuple[tuple[str, str, str, str], ...] = (
    # The second line of the class; the calls; the output; the code.
    ('callbacks = [("pre-onee", lambda self: None)]', "X()", "! ValueError", "AC201"),
    ('callbacks = [("one", lambda self: None)]', "X()", "! ValueError", "AC203"),
    ('callbacks = [("pre-size", lambda self: None)]', "X()", "! ValueError", "AC202"),
    ("def pre_onee_callback(self) -> None: ...", "X()", "! ValueError", "AC201"),
    ('callbacks = [("pre-one", lambda self, b: b)]', "X()", "! ValueError", "AC401"),
    ('callbacks = [("pre-one", lambda self, a=1: a)]', "X()", "! ValueError", "AC402"),
    ('callbacks = [("pre-one", lambda self, *a: None)]', "X()", "! ValueError", "AC403"),
    ('callbacks = [("pre-one", lambda: None)]', "X()", "! ValueError", "AC404"),
    ('callbacks = [("post-silent", lambda self, value: value)]', "X()", "! ValueError", "AC405"),
    ('callbacks = [("post-one", lambda self: None)]', "X()", "! ValueError", "AC405"),
    ('callbacks = [("pre-two", lambda self, a, b: (a,))]', "X().two(1)", "! ValueError", "AC407"),
    ("def pre_one_callback(self): return 3", "X().one(1)", "! ValueError", "AC408"),
    ('callbacks = [("pre-one", 3)]', "X()", "! AttributeError", "AC215"),
    ('callbacks = [("pre-one",)]', "X()", "! ValueError", "AC204"),
    ("@staticmethod\n    def pre_one_callback() -> None: ...", "X()", "! ValueError", "AC209"),
    # Code that is not even rejected there, and is silently lost or does something else:
    ("def pre_one_callback(self, a: int) -> None: ...", "X().one(1) is None", "one None", "AC406"),
    ('callbacks = [("pre-two", lambda self, a, b: (b, a))]', "X().two(1, 2)", "= 2", "AC410"),
    ("@property\n    def pre_one_callback(self) -> None: ...", "X().one(1)", "= 10", "AC209"),
)


def test_refused_by_the_build_and_not_at_the_first_call(tmp_path):
    cases = [
        Case(f"wrong{index}", f"class X(Block):\n    {text}\n", (call,), ())
        for index, (text, call, _, _) in enumerate(WRONG)
    ]
    project = project_of(tmp_path, cases, "documented")
    told = run_cases(project, cases, "uncompiled")
    ran = project.build()
    assert ran.code == 1
    found = {(finding.path, finding.code): finding for finding in ran.findings}
    for case, (text, _, seen, code) in zip(cases, WRONG, strict=True):
        assert seen in told[case.name], (text, told[case.name])
        finding = found.pop((f"app/{case.name}.py", code), None)
        assert finding is not None, (text, code, ran.stdout)
        lines = (project.root / finding.path).read_text(encoding="utf-8").splitlines()
        assert lines[finding.line - 1].strip() in text, (text, finding)
    assert [finding for finding in found.values() if finding.severity == "error"] == []

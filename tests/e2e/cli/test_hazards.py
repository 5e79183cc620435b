"""R61: where hazards are listed, and when they fail a run."""

from __future__ import annotations

import pytest

from tests.harness import CONFIG, Project

APP = """
    from arctic_codegen import CallbackMixin


    class Trainer(CallbackMixin):
        def __init__(self) -> None:
            self.limit = 0.0

        def post_step_callback(self) -> None:
            self.limit = 1.0

        def step(self) -> None: ...


    class Child(Trainer):
        def post_step_callback(self) -> None:
            self.limit = 2.0
"""
AT = ("app/trainers.py", 16, "AC802")


def project(tmp_path, config: str = CONFIG) -> Project:
    return Project(tmp_path, {"app/__init__.py": "", "app/trainers.py": APP}, config)


def told(ran):
    return {(f.path, f.line, f.code): f.severity for f in ran.findings}


def test_R61_check_and_explain_list_hazards_and_a_build_counts_them(tmp_path):
    made = project(tmp_path)
    built = made.build()
    assert (built.code, told(built)) == (0, {})
    assert "found 1 note (--strict lists notes)" in built.stderr
    for has_no_strict in (("uses", "Child.post_step_callback"), ("annotate", "--diff")):
        assert "--strict" not in made.cli(*has_no_strict).stderr
    checked = made.cli("check", "--format", "concise")
    assert (checked.code, told(checked)) == (0, {AT: "note"})
    assert checked.stderr.rstrip().endswith("found 1 note")
    explained = made.cli("explain", "app.trainers:Child")
    assert explained.code == 0
    assert "note[AC802]: the callback 'Child.post_step_callback' overwrites" in explained.stdout
    assert "app/trainers.py:9:9" in explained.stdout  # the other place


def test_R61_hazards_fail_no_strict_run(tmp_path):
    made = project(tmp_path)
    for command in ("build", "check"):
        ran = made.cli(command, "--strict", "--format", "concise")
        assert (ran.code, told(ran)) == (0, {AT: "note"}), ran.stderr


@pytest.mark.parametrize(
    "select, code",
    [
        ('["AC802"]', 1),
        ('["ALL", "AC8"]', 1),
        ('["overwritten-unread"]', 1),
        ('["ALL"]', 0),
        ('["AC"]', 0),
        ('["ALL", "AC801"]', 0),
    ],
)
def test_R61_hazards_fail_a_run_that_selects_them(tmp_path, select, code):
    made = project(tmp_path, f"{CONFIG}select = {select}\n")
    ran = made.build()
    assert ran.code == code, ran.stdout
    assert told(ran) == ({AT: "error"} if code else {})


def test_R61_a_selected_hazard_can_be_silenced_at_its_line(tmp_path):
    made = project(tmp_path, f'{CONFIG}select = ["ALL", "AC8"]\n')
    text = APP.replace("self.limit = 2.0", "self.limit = 2.0  # arctic-codegen: ignore[AC802]")
    made.write({"app/trainers.py": text})
    assert made.build("--strict").code == 0

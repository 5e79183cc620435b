"""Which source files are edited, and how they are written."""

from __future__ import annotations

import functools
import os
import stat

import pytest

from arctic_codegen.commands.annotate import annotate
from arctic_codegen.commands.check import check
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.editing.text import SourceText
from tests.e2e.typecheck.conftest import CONFIG

LAX = CONFIG.replace("strict = true", "")
WRONG = """from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    callbacks = [("post-stpe", lambda self: None)]

    def step(self) -> None: ...

    def post_step_callback(self): ...
"""
MENDED = WRONG.replace("stpe", "step")
ANNOTATED = MENDED.replace("callback(self):", "callback(self) -> None:")
EDITING = [("check", "--fix"), ("annotate",)]


def before(command: tuple[str, ...]) -> str:
    return WRONG if command[0] == "check" else MENDED


def after(command: tuple[str, ...]) -> str:
    return MENDED if command[0] == "check" else ANNOTATED


def test_a_link_out_of_the_project_is_not_followed_for_an_edit(project, tmp_path):
    outside = tmp_path / "shared.py"
    for command in EDITING:
        outside.write_text(before(command))
        p = project({"app/main.py": before(command)}, LAX)
        (p.root / "app" / "linked.py").symlink_to(outside)
        p.cli(*command)
        assert outside.read_text() == before(command)
        assert (p.root / "app" / "linked.py").is_symlink()
        assert (p.root / "app" / "main.py").read_text() == after(command)


def test_a_file_of_two_names_is_edited_once(project):
    for command in EDITING:
        p = project({"app/main.py": before(command)}, LAX)
        (p.root / "app" / "other.py").symlink_to("main.py")
        shown = p.cli(*command, "--diff")
        assert shown.stdout.count("\n+++ ") == 1
        p.cli(*command)
        assert (p.root / "app" / "main.py").read_text() == after(command)
        assert (p.root / "app" / "other.py").is_symlink()


def test_a_project_behind_a_link_is_edited(project, tmp_path):
    for number, command in enumerate(EDITING):
        p = project({"app/main.py": before(command)}, LAX)
        link = tmp_path / f"link{number}"
        link.symlink_to(p.root, target_is_directory=True)
        p.cli(*command, "--config", str(link / "pyproject.toml"))
        assert (p.root / "app" / "main.py").read_text() == after(command)


def test_read_only_files_are_left_and_so_is_all_else(project):
    """Root may write everything, but the permission counts nevertheless."""
    for command in EDITING:
        text = before(command)
        p = project({f"app/{name}.py": text for name in ("a", "b", "c")}, LAX)
        (p.root / "app" / "b.py").chmod(0o444)
        ran = p.cli(*command)
        assert ran.code == 2
        assert f"cannot write '{p.root / 'app' / 'b.py'}': it is read-only" in ran.stderr
        assert all((p.root / f"app/{name}.py").read_text() == text for name in ("a", "b", "c"))
        assert stat.S_IMODE((p.root / "app" / "b.py").stat().st_mode) == 0o444


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_the_owner_stays(project):
    for command in EDITING:
        p = project({"app/main.py": before(command)}, LAX)
        path = p.root / "app" / "main.py"
        os.chown(path, 4711, 4712)
        p.cli(*command)
        assert path.read_text() == after(command)
        assert (path.stat().st_uid, path.stat().st_gid) == (4711, 4712)


@pytest.mark.parametrize("command", EDITING, ids=lambda command: command[0])
def test_a_file_that_changes_meanwhile_is_left(project, monkeypatch, command):
    """The edit was made for the text that was read, and must not be applied to another one."""
    p = project({"app/main.py": before(command), "app/second.py": before(command)}, LAX)
    path = p.root / "app" / "main.py"
    theirs = "# mine\n" + before(command)
    real = SourceText.edited

    def edited(*args: object) -> object:
        path.write_text(theirs)
        return real(*args)

    monkeypatch.setattr(SourceText, "edited", edited)
    run = functools.partial(check, fix=True) if command[0] == "check" else annotate
    with pytest.raises(WrongUse, match="has changed in the meantime; nothing was edited"):
        run(working_folder=p.root)
    assert path.read_text() == theirs
    assert (p.root / "app" / "second.py").read_text() == before(command)


def test_what_is_installed_below_the_project_is_not_edited(project):
    """But a callback in a package of the project that is not a source is."""
    files = {
        "app/main.py": """
            from arctic_codegen import CallbackMixin
            from helpers import log
            from lib import note

            class Trainer(CallbackMixin):
                callbacks = [("pre-step", log), ("pre-step", note)]

                def step(self, batch: int) -> None: ...
        """,
        "helpers.py": "def log(trainer, batch):\n    return batch\n",
        "env/site-packages/lib.py": "def note(trainer, batch):\n    return batch\n",
    }
    p = project(files, LAX.replace("[tool.mypy]", 'src = [".", "env/site-packages"]\n[tool.mypy]'))
    ran = p.cli("annotate", "--format", "concise")
    assert ran.code == 0, ran.stdout + ran.stderr
    assert 'def log(trainer: "Trainer", batch: int) -> int:' in (p.root / "helpers.py").read_text()
    assert (p.root / "env/site-packages/lib.py").read_text() == files["env/site-packages/lib.py"]

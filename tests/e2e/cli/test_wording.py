"""Messages for a new user: each has the right place, appears once, and says what to do."""

from __future__ import annotations

import shutil

import pytest

from arctic_codegen.cli.group import COMMANDS

BASE = """
from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    callbacks = [{}]

    def step(self) -> None: ...
"""


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_help_fits_on_a_screen_and_ends_with_examples(folder, cli, monkeypatch, command):
    monkeypatch.setenv("COLUMNS", "80")
    lines = cli(*filter(None, [command]), "--help").out.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 80
    assert "Examples:" in lines


def test_R37_an_edit_by_hand_that_is_replaced_is_reported(project, cli):
    assert "Replaced" not in cli("build").err
    compiled = project / "generated" / "app" / "main.py"
    for _ in range(2):  # compared with the output of the previous build each time
        compiled.write_text(compiled.read_text() + "# by hand\n")
        done = cli("build")
        assert done.code == 0
        said = "Replaced generated/app/main.py, which was edited by hand or damaged by a merge\n"
        assert said in done.err
        assert "by hand" not in compiled.read_text()
    assert "Replaced" not in cli("build").err


def test_R37_an_edit_by_hand_that_is_removed_is_reported(project, cli):
    (project / "app" / "other.py").write_text(BASE.format(""))
    assert cli("build").code == 0
    (project / "app" / "other.py").unlink()
    compiled = project / "generated" / "app" / "other.py"
    compiled.write_text(compiled.read_text() + "# by hand\n")
    assert "Removed generated/app/other.py, which was edited" in cli("build").err
    assert not compiled.exists()


def test_R70_files_of_the_output_are_named_from_where_the_command_runs(project, cli, monkeypatch):
    assert cli("build").code == 0
    compiled = project / "generated" / "app" / "main.py"
    compiled.write_text(compiled.read_text() + "# by hand\n")
    text = (
        "error[AC605]: '{0}generated/app/main.py' was edited by hand or damaged by a merge\n"
        " --> {1}generated/app/main.py\n"
        "help: change the source instead, then run `arctic-codegen build`, "
        "which replaces this file\n\n"
    )
    assert cli("build", "--check").out == text.format("", "")
    (project / "sub").mkdir()
    monkeypatch.chdir(project / "sub")
    assert cli("build", "--check").out == text.format("../", f"{project}/")
    assert cli("check").out == text.format("../", f"{project}/")
    monkeypatch.chdir(project.parent)
    config = f"{project.name}/pyproject.toml"
    inside = f"{project.name}/"
    assert cli("build", "--check", "--config", config).out == text.format(inside, inside)


def test_missing_output_is_one_finding(project, cli):
    done = cli("build", "--check", "--format", "concise")
    assert done.out == "generated:1:1: error[AC604] the output 'generated' has not been written\n"


def test_sources_without_a_mixin(folder, write, cli):
    write(app__main="class Trainer:\n    callbacks = []\n")
    (folder / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["app"]\n')
    none = "no class of the sources derives from a callback mixin"
    assert f"{none}, or each is abstract" in cli("build").err
    assert none in cli("list").err.lower()
    assert none in cli("explain", "app.main:Trainer").err


def test_files_outside_the_import_roots_are_one_finding(project, cli, tmp_path_factory):
    (project / "src").mkdir()
    (project / "src" / "one.py").write_text("x = 1\n")
    config = '[tool.arctic-codegen]\nsources = ["."]\nsrc = ["src"]\n'
    (project / "pyproject.toml").write_text(config)
    shutil.copy(project / "app" / "main.py", project / "app" / "other.py")
    shutil.copy(project / "app" / "main.py", project / "app" / "third.py")
    done = cli("build", "--format", "concise")
    assert done.out.count("AC012") == 1
    assert "'app/main.py' and 2 more files are not below an import root" in done.out


def test_a_notebook_is_no_source(project, cli):
    (project / "app" / "a.ipynb").write_text("{}")
    for command in ("build", "list"):
        done = cli(command, "app/a.ipynb")
        assert "'app/a.ipynb' is not a Python source file" in done.out
        assert "help: move the classes of the notebook into a module" in done.out


def test_init_prints_lines(project, cli):
    (project / "pyproject.toml").unlink()
    assert "found 3 classes\n\n" in cli("init").err


def test_what_was_meant_is_named_beside_errors(project, cli):
    with (project / "app" / "main.py").open("a") as file:
        file.write(BASE.format('("pre step", lambda self: None)').replace("Trainer", "Wrong"))
    for wrong in ("app.main.TrainrB", "TrainrB"):
        done = cli("explain", wrong)
        assert "did you mean app.main:TrainerB" in done.err


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ('("pre step", lambda self: None)', "'pre step' does not have the form"),
        ('("post-step", every(0, print))', "takes a positive integer, not 0"),
        ('("post-step", every(lambda self: None, 2))', "as in '@every(10)' and 'every(10, fn)'"),
    ],
)
def test_a_line_is_shown_once(project, cli, entry, message):
    text = BASE.format(entry).replace("import", "import every,")
    (project / "app" / "main.py").write_text(text)
    done = cli("build")
    assert message in done.out
    assert done.out.count(entry) == 1


MISTAKES = """
from arctic_codegen import CallbackMixin
from arctic_codegen.callbacks import Callback
import not_installed

class Base(CallbackMixin):
    def step(self) -> None: ...

class Timer(Callback):
    def post_step(self, trainer: Base) -> None: ...

def log(trainer: Base) -> None: ...

class Trainer(Base):
    {method}
    callbacks = [{entry}]

def later(trainer: Base) -> None: ...
"""


@pytest.mark.parametrize(
    ("entry", "helps"),
    [
        ("*Timer", "create an object: Timer()"),
        ("Timer", "create an object and unpack it: *Timer()"),
        ('("post-step", log(1))', "write 'log' without the call, if it is the callback"),
        ('("post-step", logg)', "did you mean 'log'?"),
        ('("post-step", unlike_any)', "define it, or import it from where it is defined"),
        ('("post-step", later)', "define it, or import it, before it is used"),
        ('("post-step", not_installed.log)', "check its name; install it"),
    ],
)
def test_the_help_fits_the_mistake(project, cli, entry, helps):
    (project / "app" / "main.py").write_text(MISTAKES.format(entry=entry, method=""))
    assert f"help: {helps}" in cli("build").out


@pytest.mark.parametrize(
    ("decorator", "helps"),
    [
        ("timed", "define 'timed'"),
        ("Basee.method", "did you mean 'Base'?"),
        ("not_installed.timed()", "check its name; install it"),
    ],
)
def test_a_decorator_that_is_not_defined_is_not_one_to_configure(project, cli, decorator, helps):
    method = f"@{decorator}\n    def step(self) -> None: ..."
    entry = '("post-step", log)'
    (project / "app" / "main.py").write_text(MISTAKES.format(entry=entry, method=method))
    done = cli("build")
    assert f"help: {helps}" in done.out
    assert "signature-preserving" not in done.out


def test_a_method_in_an_undecided_branch_is_shown_once(project, cli):
    branch = "    if input():\n        def post_step_callback(self) -> None: ...\n"
    (project / "app" / "main.py").write_text(BASE.format("") + branch)
    done = cli("build")
    assert "AC207" in done.out
    assert done.out.count("def post_step_callback") == 1


def test_a_revision_needs_a_repository(project, cli):
    done = cli("diff")
    assert done.code == 2
    assert "is not in a git repository" in done.err
    assert "fatal" not in done.err


def test_explain_takes_a_callback_method_for_its_event(project, cli):
    done = cli("explain", "app.main:TrainerB.post_epoch_callback")
    assert done.out == cli("explain", "app.main:TrainerB.epoch").out


def test_explain_lists_the_events_where_none_is_like_what_was_typed(project, cli):
    assert "help: its events: epoch, init, step" in cli("explain", "app.main:TrainerB.lr").err
    assert "help: did you mean epoch?" in cli("explain", "app.main:TrainerB.epok").err

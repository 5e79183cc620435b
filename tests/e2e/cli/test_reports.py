"""The output of ``list``, ``explain``, ``init`` and other commands."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import arctic_codegen
from arctic_codegen._version import LOCK_NAME, VERSION
from tests.harness import write_files

ARCTIC = """
from arctic_training import SFTTrainer


class Parent(SFTTrainer):
    name = "parent"

    def post_epoch_callback(self) -> None:
        print("parent")


class Child(Parent):
    name = "child"

    def post_epoch_callback(self) -> None:
        print("child")
"""


def test_a_class_that_is_the_only_one_of_its_name_is_a_target_of_list_too(project, cli):
    assert cli("list", "TrainerB").out == cli("list", "app.main:TrainerB").out != ""
    assert cli("list", "Trainer").out == cli("list", "app.main:Trainer").out
    assert cli("list", "rainerB").code == 2


def test_list_json(project, cli):
    done = cli("list", "--format", "json")
    assert done.code == 0
    document = json.loads(done.out)
    assert document["version"] == 1
    classes = {(c["module"], c["name"]): c for c in document["classes"]}
    assert list(classes) == [
        ("app.main", "Trainer"),
        ("app.main", "TrainerA"),
        ("app.main", "TrainerB"),
    ]
    b = classes["app.main", "TrainerB"]
    assert (b["framework"], b["kind"]) == ("own", "Trainer")
    events = {e["event"]: e for e in b["events"]}
    assert {"pre-epoch", "post-epoch", "pre-step", "post-step"} <= set(events)
    assert events["pre-epoch"] == {
        "event": "pre-epoch",
        "method": "epoch",
        "internal": False,
        "callbacks": [],
        "signature": "(self) -> None",
        "defined": {"path": "app/main.py", "line": 5},
    }
    callbacks = events["post-epoch"]["callbacks"]
    more = {
        "shown": "TrainerB.<lambda>",
        "reason": "an entry of TrainerB's list",
        "declared": {"path": "app/main.py", "line": 21},
        "installed": False,
        "log": False,
    }
    assert callbacks[1] == callbacks[1] | more
    contract = ("name", "path", "line", "kind", "class", "nested")
    assert [{key: one[key] for key in contract} for one in callbacks] == [
        {
            "name": "app.main.TrainerA.post_epoch_callback",
            "path": "app/main.py",
            "line": 15,
            "kind": "method",
            "class": "app.main.TrainerA",
            "nested": [],
        },
        {
            "name": "app.main.TrainerB.<lambda>",
            "path": "app/main.py",
            "line": 21,
            "kind": "entry",
            "class": "app.main.TrainerB",
            "nested": [],
        },
        {
            "name": "app.main.TrainerB.post_epoch_callback",
            "path": "app/main.py",
            "line": 23,
            "kind": "method",
            "class": "app.main.TrainerB",
            "nested": [],
        },
    ]


def test_list_text(project, cli):
    out = cli("list").out
    assert out.splitlines()[0] == "app.main"
    assert 'TrainerB (Trainer, name "b")  app/main.py:19' in out
    assert "1. TrainerA.post_epoch_callback  app/main.py:15" in out
    assert "other events: " in out


@pytest.mark.parametrize(
    ("target", "names"),
    [
        ("app", ["Trainer", "TrainerA", "TrainerB"]),
        ("app.main", ["Trainer", "TrainerA", "TrainerB"]),
        ("app/main.py", ["Trainer", "TrainerA", "TrainerB"]),
        ("app.main:TrainerA", ["TrainerA"]),
        ("app/main.py:TrainerB", ["TrainerB"]),
        (".", ["Trainer", "TrainerA", "TrainerB"]),
    ],
)
def test_list_targets(project, cli, target, names):
    document = json.loads(cli("list", target, "--format", "json").out)
    assert [c["name"] for c in document["classes"]] == names


def test_list_of_what_does_not_exist(project, cli):
    for target in ("app.main:TrainrB", "app.main.TrainerB"):
        done = cli("list", target)
        assert done.code == 2
        assert "did you mean app.main:TrainerB" in done.err
    done = cli("list", "app/nowhere.py")
    assert (done.code, done.err) == (1, "0 classes; found 1 error\n")


@pytest.mark.parametrize("target", ["app.plain", "app/plain.py", "app.parts", "json"])
def test_a_target_without_classes_is_not_called_a_wrong_class(project, write, cli, target):
    write(app__plain="SIZE = 3\n", app__parts____init__="")
    for command in ("list", "explain"):
        done = cli(command, target)
        assert done.code == 2
        assert f"no class in '{target}' derives from a callback mixin" in done.err


def test_lines_are_for_explain_and_start_at_one(project, cli):
    done = cli("list", "app/main.py:4")
    assert done.code == 2
    assert "`arctic-codegen explain app/main.py:4` shows what runs there" in done.err
    done = cli("explain", "app/main.py:0")
    assert (done.code, "'app/main.py' has no line 0" in done.err) == (2, True)


def test_targets_work_without_configuration(project, cli):
    (project / "pyproject.toml").unlink()
    assert cli("list", "app.main").code == 0
    assert cli("explain", "app.main:TrainerB").code == 0
    assert cli("list").code == 2
    done = cli("explain", "TrainerB")
    assert done.code == 2
    assert "no pyproject.toml with [tool.arctic-codegen] was found" in done.err


def test_explain_class(project, cli):
    done = cli("explain", "app.main:TrainerB")
    assert done.code == 0
    calls = [line for line in done.out.splitlines() if line[:4].strip().rstrip(".").isdigit()]
    assert [line.split()[1:3] for line in calls] == [
        ["call", "Trainer.epoch"],
        ["post", "TrainerA.post_epoch_callback"],
        ["post", "TrainerB.<lambda>"],
        ["post", "TrainerB.post_epoch_callback"],
        ["pre", "TrainerB.pre_step_callback"],
        ["call", "Trainer.step"],
    ]
    assert "app/main.py:21" in done.out
    for name in ("app.main.TrainerB", "TrainerB"):  # as `explain` prints it; the name is unique
        assert cli("explain", name).out == done.out


@pytest.mark.parametrize(
    "target",
    [
        "app.main:TrainerB.epoch",
        "app.main:TrainerB.post-epoch",
        "app/main.py:TrainerB.epoch",
        "app.main.TrainerB.epoch",
        "TrainerB.epoch",
    ],
)
def test_explain_event(project, cli, target):
    document = json.loads(cli("explain", target, "--format", "json").out)
    assert [e["event"] for e in document["classes"][0]["events"]] == ["pre-epoch", "post-epoch"]
    assert "step" not in cli("explain", target).out


@pytest.mark.parametrize(
    ("target", "hint"),
    [
        ("app.main:TrainrB", "app.main:TrainerB"),
        ("app.main:TrainerB.epok", "epoch"),
        ("app.mian:TrainerB", "app.main:TrainerB"),
        ("AC999", "AC9"),
    ],
)
def test_explain_of_what_does_not_exist(project, cli, target, hint):
    done = cli("explain", target)
    assert done.code == 2
    assert hint in done.err


def test_explain_names_the_class_that_a_mistake_elsewhere_may_hide(project, cli):
    with (project / "app" / "main.py").open("a") as file:
        file.write("def broken(:\n")
    done = cli("explain", "app.main:TrainerZ")
    assert done.code == 1
    assert "AC001" in done.out
    assert "app.main:TrainerZ" in done.err


def test_explain_code(folder, cli):
    done = cli("explain", "AC201")
    assert done.code == 0
    assert done.out.startswith("# AC201: unknown-event (error)\n")
    assert cli("explain", "unknown-event").out == done.out
    assert json.loads(cli("explain", "ac201", "--format", "json").out)["name"] == "unknown-event"


def test_R45_semantics_have_to_be_chosen_on_arctic_training(folder, write, cli):
    write(trainers=ARCTIC)
    config = '[tool.arctic-codegen]\nsources = ["trainers.py"]\n'
    (folder / "pyproject.toml").write_text(config)
    done = cli("build")
    assert done.code == 1
    assert "error[AC305]" in done.out
    assert '"trainers:Child" = "runtime"' in done.out
    assert "documented" in done.out
    assert done.out.count("error[") == 1
    compared = cli("explain", "trainers:Child.epoch", "--compare")
    assert "! post  Parent.post_epoch_callback" in compared.out
    assert (compared.code, cli("list").code) == (0, 0), "only what is compiled has to be chosen"
    (folder / "pyproject.toml").write_text(f'{config}semantics = "runtime"\n')
    listed = json.loads(cli("list", "trainers:Child", "--format", "json").out)["classes"][0]
    (epoch,) = [e for e in listed["events"] if e["event"] == "post-epoch"]
    assert [c["name"] for c in epoch["callbacks"]] == ["trainers.Child.post_epoch_callback"]


def test_R45_init_keeps_what_runs_today(folder, write, cli):
    write(trainers=ARCTIC)
    done = cli("init")
    assert done.code == 0
    text = (folder / "pyproject.toml").read_text()
    assert 'semantics = "runtime"\n' in text
    assert "#   trainers:Child\n" in text


def test_init_writes_what_build_needs(project, cli):
    (project / "pyproject.toml").write_bytes(b"[project]\r\nname = 'x'  # kept\r\n")
    dry = cli("init", "--dry-run")
    table = '[tool.arctic-codegen]\nsources = ["app"]\noutput = "generated"\n'
    assert (dry.code, dry.out) == (0, table)
    assert (project / "pyproject.toml").read_bytes() == b"[project]\r\nname = 'x'  # kept\r\n"
    done = cli("init")
    assert done.code == 0
    assert "app.main: Trainer, TrainerA, TrainerB" in done.err
    assert (project / "pyproject.toml").read_bytes() == (
        b"[project]\r\nname = 'x'  # kept\r\n\r\n" + table.replace("\n", "\r\n").encode()
    )
    assert cli("build").code == 0
    again = cli("init")
    assert again.code == 2
    assert "at line 4" in again.err


def test_init_in_a_src_layout(folder, write, cli):
    write(src__app__main="from arctic_codegen import CallbackMixin\nclass A(CallbackMixin): ...\n")
    assert cli("init").code == 0
    assert 'sources = ["src/app"]' in (folder / "pyproject.toml").read_text()
    assert cli("build").code == 0
    assert (folder / "generated" / "app" / "main.py").is_file()


CLASS = "from arctic_codegen import CallbackMixin\nclass A(CallbackMixin): ...\n"


@pytest.mark.parametrize(
    ("files", "src", "sources", "module"),
    [
        (["lib/x/app/__init__.py", "lib/x/app/main.py"], '[".", "lib/x"]', "lib/x/app", "app/main"),
        (["run-me/train.py"], '[".", "run-me"]', "run-me/train.py", "train"),
        (["run-me/app/__init__.py", "run-me/app/a.py"], '[".", "run-me"]', "run-me/app", "app/a"),
        (["src/app/a.py", "lib/b/__init__.py"], '[".", "src", "lib"]', "src/app", "app/a"),
        (["ns/part/a.py"], None, "ns", "ns/part/a"),
        (["ns/part/__init__.py", "ns/part/a.py", "use.py"], None, "ns", "ns/part/a"),
    ],
)
def test_init_finds_import_roots(folder, cli, files, src, sources, module):
    use = "from ns.part.a import A\nclass B: ...\n"
    write_files(folder, {name: use if name == "use.py" else CLASS for name in files})
    assert cli("init").code == 0
    text = (folder / "pyproject.toml").read_text()
    assert f'"{sources}"' in text
    assert (f"src = {src}\n" in text) if src else ("src" not in text)
    done = cli("build")
    assert done.code == 0, done.out
    assert (folder / "generated" / f"{module}.py").is_file()


def test_init_where_there_is_nothing(folder, write, cli):
    assert cli("init").code == 2
    write(a="class A: ...\n")
    assert cli("init").code == 2
    assert not (folder / "pyproject.toml").exists()


def test_init_of_a_broken_file(project, cli):
    (project / "pyproject.toml").write_text("a = [\n")
    done = cli("init", "--format", "concise")
    assert done.code == 1
    assert done.out.startswith("pyproject.toml:1:")


def test_help_and_version(folder, cli):
    assert "Examples:" in cli("--help").out
    assert cli("--version").out == f"arctic-codegen {VERSION}\n"
    for command in ("init", "build", "explain", "list"):
        done = cli(command, "--help")
        assert (done.code, "Examples:" in done.out) == (0, True)
    assert cli("biuld").code == 2
    assert "No such command 'biuld'" in cli("biuld").err
    assert cli("build", "--format", "xml").code == 2


def test_the_version_with_what_a_bug_report_needs(project, cli):
    cli("build")
    done = cli("--version", "--verbose")
    lines = done.out.splitlines()
    assert (done.code, done.err, lines[0]) == (0, "", f"arctic-codegen {VERSION}")
    assert f"package: {Path(arctic_codegen.__file__).parent}" in lines
    assert f"  libcst: {version('libcst')}" in lines
    assert f"configuration: {project / 'pyproject.toml'}" in lines
    assert '  sources = ["app"]' in lines
    assert lines[-1] == f"output: {project / 'generated'}, written by arctic-codegen {VERSION}"
    (project / "generated" / LOCK_NAME).write_text("{")
    assert "lock file that is damaged" in cli("--verbose", "--version").out
    (project / "generated" / LOCK_NAME).unlink()
    assert "without a lock file" in cli("-V", "--verbose").out
    assert cli("--verbose", "build").code == 2


@pytest.mark.parametrize(
    "text, said",
    [
        ("", "configuration: none"),
        (
            "[tool.arctic-codegen]\nsources = 1\n",
            "  has errors, which `arctic-codegen build` reports",
        ),
        ('[tool.arctic-codegen]\npython = "/bin/true"\n', "configured Python: the interpreter"),
        (
            f'[tool.arctic-codegen]\npython = "{sys.executable}"\n',
            f"configured Python: {sys.executable}\n  libcst: ",
        ),
    ],
)
def test_a_bug_report_about_the_configuration(folder, cli, text, said):
    (folder / "pyproject.toml").write_text(text)
    done = cli("--version", "--verbose")
    assert (done.code, done.err) == (0, "")
    assert said in done.out[done.out.index("configuration:") :]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion(folder, cli, shell):
    """The help explains how to enable click's completion."""
    assert "_ARCTIC_CODEGEN_COMPLETE=bash_source" in cli("--help").out
    done = subprocess.run(
        [sys.executable, "-c", "from arctic_codegen.cli.main import main; main()"],
        env={**os.environ, "_ARCTIC_CODEGEN_COMPLETE": f"{shell}_source"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0
    assert "_ARCTIC_CODEGEN_COMPLETE" in done.stdout


LOGS = """
from arctic_training import SFTTrainer
from arctic_training.callback.logging import post_init_log_cb
from arctic_training.callback.mixin import CallbackMixin


def beat(self) -> None: ...


class Again(SFTTrainer):
    name = "again"
    callbacks = [post_init_log_cb, ("post-epoch", beat)]


class Extra(CallbackMixin):
    callbacks = []


class WithoutLossLog(Extra, SFTTrainer):
    name = "without"
"""


SHOWN = """
from functools import partial

from arctic_codegen import every, rank_zero
from arctic_training import SFTTrainer


def clip(self, loss, limit=2.0):
    return min(loss, limit)


def at_most(limit):
    def fn(self, loss):
        return min(loss, limit)

    return fn


def beat(self) -> None: ...


class Shown(SFTTrainer):
    name = "shown"
    callbacks = [
        ("post-loss", partial(clip, limit=1.0)),
        ("post-loss", at_most(5.0)),
        ("post-step", rank_zero(every(200, beat))),
    ]

    def _own(self) -> None: ...
"""


def test_list_and_explain_show_what_the_project_declares(folder, write, cli):
    """ArcticTraining's log entries, internal events and full paths are shown with --all."""
    pytest.importorskip("arctic_training")
    write(trainers=SHOWN)
    (folder / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["trainers.py"]\nsemantics = "documented"\n'
    )
    listed = cli("list")
    assert [line.split("  ")[3].strip() for line in listed.out.splitlines() if ". " in line] == [
        "1. partial(clip, limit=1.0)",
        "2. at_most(5.0)",
        "1. rank_zero(every(200, beat))",
    ]
    assert "-own" not in listed.out
    assert "1 class; 4 log entries of ArcticTraining not shown (--all shows all)" in listed.err
    explained = cli("explain", "trainers:Shown")
    assert "  3. post  at_most(5.0) " in explained.out
    assert " arctic_training/trainer/sft_trainer.py:" in explained.out
    assert "site-packages" not in explained.out
    assert "4 log entries" in explained.err
    compared = cli("explain", "trainers:Shown", "--compare").out
    assert "init:" not in compared
    assert "_log" not in compared
    for command in (("list",), ("explain", "trainers:Shown")):
        everything = cli(*command, "--all")
        assert "_log_loss_value" in everything.out
        assert f"{os.sep}site-packages{os.sep}arctic_training" in everything.out
        assert "not shown" not in everything.err
    assert "-own" in cli("list", "--all").out
    assert "init:" in cli("explain", "trainers:Shown", "--compare", "--all").out


@pytest.mark.parametrize("columns", [80, 120])
def test_places_stand_in_one_column_of_the_terminal(project, cli, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    for command in (("list",), ("explain", "app.main:TrainerB")):
        lines = cli(*command).out.splitlines()
        numbered = [line for line in lines if line.strip()[:1].isdigit()]
        assert len(numbered) >= 4
        assert max(map(len, lines)) <= columns
    assert len({line.index("app/main.py") for line in numbered}) == 1


def test_R45_log_entries_do_not_make_init_choose_what_runs_today(folder, write, cli):
    """Log entries do not change the training."""
    pytest.importorskip("arctic_training")
    write(trainers=LOGS)
    done = cli("init")
    assert 'semantics = "documented"\n' in done.out
    assert "#" not in done.out
    assert cli("build").code == 0


@pytest.mark.long
def test_R45_what_was_chosen_fails_no_strict_run(folder, write, cli):
    """The notes are listed, but `init` has chosen the semantics for the user."""
    write(trainers=ARCTIC)
    assert cli("init").code == 0
    for command in ("build", "list", "check"):
        done = cli(command, "--strict", "--format", "concise")
        assert done.code == 0, done.out + done.err
        assert ("note[AC306]" in done.out) is (command != "list")
    assert (folder / "generated" / "trainers.py").exists()


def test_R45_an_entry_that_is_listed_twice_was_taken_out_by_nobody(folder, write, cli):
    write(trainers=LOGS)
    (folder / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["trainers.py"]\n')
    done = cli("explain", "trainers:Again", "--compare")
    assert "taken out" not in done.out
    assert "_post_init_log is listed by CallbackMixin and again by Again" in done.out


def test_explain_of_a_module_names_its_classes(project, cli):
    """The suggestion must not repeat the target."""
    for target in ("app.main", "app", "app/main.py", "app.main:"):
        done = cli("explain", target)
        assert done.code == 2
        assert "name one of its classes: app.main:Trainer, app.main:TrainerA, app.main" in done.err
        assert f"did you mean {target}" not in done.err
    for target in ("/", "../"):  # not read at all
        assert f"'{target}' is a folder, not a class" in cli("explain", target).err


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such terminals")
def test_the_progress_line_says_what_takes_long(project):
    """It must not show the step before: type checking takes longer than everything else."""
    import pty

    (project / "mypy.ini").write_text("[mypy]\nplugins = slow.py\n")
    (project / "slow.py").write_text(
        "import time\ntime.sleep(2)\nfrom mypy.plugin import Plugin\n"
        "plugin = lambda version: Plugin\n"
    )
    leader, follower = pty.openpty()
    command = [sys.executable, "-m", "arctic_codegen", "check"]
    process = subprocess.Popen(command, cwd=project, stderr=follower, stdout=subprocess.DEVNULL)
    os.close(follower)
    shown = b""
    with contextlib.suppress(OSError):
        while data := os.read(leader, 1000):
            shown += data
    process.wait(60)
    os.close(leader)
    lines = [one for one in shown.replace(b"\x1b[K", b"").split(b"\r") if b" ..." in one]
    assert b"checking types ..." in lines[-1], shown

"""``run``: which compiled file a recipe gets, what is started, and what is said instead."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from functools import partial

import pytest

from arctic_codegen import scan as scanning

pytest.importorskip("arctic_training")
yaml = pytest.importorskip("yaml")

CONFIG = '[tool.arctic-codegen]\nsources = ["my_trainer.py"]\nsemantics = "documented"\n'
TRAINER = """
from arctic_training import SFTTrainer


class MyTrainer(SFTTrainer):
    name = "my-trainer"

    def post_step_callback(self) -> None:
        print("step")
"""
RECIPE = "# the recipe\ntype: my-trainer\ncode: my_trainer.py\nepochs: 1\n"
LAUNCHER = """#!/bin/sh
echo "started: $@"
"""


class Started(BaseException):
    """The process would have become the launcher."""


_scanned = {}


@pytest.fixture(autouse=True)
def scan_once(monkeypatch):
    """ArcticTraining's own files are the same for each of many builds."""
    scan = scanning.scan

    def remembering(data, path, *, compiles=False):
        if (data, path, compiles) not in _scanned:
            _scanned[data, path, compiles] = scan(data, path, compiles=compiles)
        return _scanned[data, path, compiles]

    monkeypatch.setattr(scanning, "scan", remembering)


@pytest.fixture
def started(folder, write, monkeypatch):
    """A project, an environment with a launcher, and what is started."""
    write(my_trainer=TRAINER)
    (folder / "pyproject.toml").write_text(CONFIG)
    (folder / "recipe.yaml").write_text(RECIPE)
    programs = folder / "environment" / "bin"
    programs.mkdir(parents=True)
    for name in ("arctic_training", "arctic_training_run"):
        (programs / name).write_text(LAUNCHER)
        (programs / name).chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(programs / "python"))
    found = []

    def execve(program, arguments, environment):
        assert program == arguments[0]
        found.append((list(arguments), environment))
        raise Started

    monkeypatch.setattr(os, "execve", execve)
    return found


@pytest.fixture
def run(started, cli, folder):
    """Gives the command line that was started, with the launcher's name first."""

    def call(*arguments):
        with pytest.raises(Started):
            cli("run", *arguments)
        (line, _), *_ = started[-1:]
        assert line[0] == str(folder / "environment" / "bin" / "arctic_training")
        return ["arctic_training", *line[1:]]

    return call


def data(path):
    return yaml.safe_load(path.read_text())


def test_the_recipe_is_started_with_the_compiled_file(folder, started, run):
    assert run("recipe.yaml") == ["arctic_training", "recipe.arctic-codegen.yaml"]
    assert (folder / "generated" / "my_trainer.py").is_file()
    derived = folder / "recipe.arctic-codegen.yaml"
    assert data(derived) == {**data(folder / "recipe.yaml"), "code": "generated/my_trainer.py"}
    assert "# the recipe\n" in derived.read_text()
    assert (folder / "recipe.yaml").read_text() == RECIPE
    first = derived.stat()
    run("recipe.yaml", "--", "--num_gpus", "2", "--bind_cores_to_rank")
    assert started[-1][0][1:] == [derived.name, "--num_gpus", "2", "--bind_cores_to_rank"]
    assert derived.stat().st_mtime_ns == first.st_mtime_ns, "what is there already stays"
    assert run("recipe.yaml", "--", "process-data", "--launcher", "ray") == [
        "arctic_training",
        "process-data",
        "recipe.arctic-codegen.yaml",
        "--launcher",
        "ray",
    ]


def test_the_runner_is_found_where_no_environment_is_activated(folder, started, run, monkeypatch):
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    run("recipe.yaml")
    programs = str(folder / "environment" / "bin")
    assert started[-1][1]["PATH"] == f"{programs}:/usr/bin:/bin"
    monkeypatch.setenv("PATH", f"/usr/bin:{programs}")
    run("recipe.yaml")
    assert started[-1][1]["PATH"] == f"/usr/bin:{programs}"


def test_code_is_relative_to_the_recipe_and_the_folder_to_nothing(folder, run, monkeypatch):
    """Started from elsewhere, with links on the way, and in a folder of recipes."""
    (folder / "configs" / "eight b").mkdir(parents=True)
    recipe = folder / "configs" / "eight b" / "a.yml"
    recipe.write_text(RECIPE.replace("my_trainer.py", "../../my_trainer.py"))
    (folder / "elsewhere" / "deep").mkdir(parents=True)
    (folder / "elsewhere" / "deep" / "recipes").symlink_to(folder / "configs" / "eight b")
    monkeypatch.chdir("/")
    shown = str(folder / "elsewhere" / "deep" / "recipes" / "a.yml")
    assert run(shown)[1] == shown.replace("a.yml", "a.arctic-codegen.yml")
    derived = recipe.parent / "a.arctic-codegen.yml"
    assert data(derived)["code"] == "../../generated/my_trainer.py"
    assert (derived.parent / data(derived)["code"]).resolve().is_file()


def test_a_dry_run_writes_and_starts_nothing(folder, started, cli):
    before = sorted(folder.rglob("*"))
    done = cli("run", "recipe.yaml", "--dry-run", "--", "--num_gpus", "2")
    assert (done.code, started, sorted(folder.rglob("*"))) == (0, [], before)
    command, _, shown, *text = done.out.splitlines()
    assert command.startswith("$ ")
    assert command.endswith("bin/arctic_training recipe.arctic-codegen.yaml --num_gpus 2")
    assert shown == "--- recipe.arctic-codegen.yaml"
    assert yaml.safe_load("\n".join(text))["code"] == "generated/my_trainer.py"


def test_a_recipe_that_names_the_compiled_file_is_started_itself(folder, run):
    (folder / "recipe.yaml").write_text(RECIPE.replace("my_trainer", "generated/my_trainer"))
    assert run("recipe.yaml") == ["arctic_training", "recipe.yaml"]
    assert not list(folder.glob("*arctic-codegen.yaml"))


def test_code_without_compiled_classes_is_loaded_first(folder, write, run):
    """What it registers is there; the trainer is the compiled one."""
    write(train="from my_trainer import MyTrainer\n")
    (folder / "recipe.yaml").write_text("type: my-trainer\n")
    run("recipe.yaml")
    assert data(folder / "recipe.arctic-codegen.yaml")["code"] == "recipe_yaml_arctic_codegen.py"
    text = (folder / "recipe_yaml_arctic_codegen.py").read_text()
    calls = [line for line in text.splitlines() if line.startswith("load_user")]
    assert calls == [
        'load_user_module_from_path(_here / "train.py")',
        'load_user_module_from_path(_here / "generated/my_trainer.py")',
    ]
    compile(text, "script", "exec")
    run("recipe.yaml")  # what was written beside the recipe is no source of anything


def test_code_that_a_recipe_leaves_to_the_default(folder, run):
    """ArcticTraining loads ``train.py`` beside the recipe, and takes the trainer ``sft``."""
    (folder / "my_trainer.py").rename(folder / "train.py")
    (folder / "pyproject.toml").write_text(CONFIG.replace("my_trainer.py", "train.py"))
    (folder / "recipe.yaml").write_text("# no code\ntype: my-trainer\n")
    run("recipe.yaml")
    derived = (folder / "recipe.arctic-codegen.yaml").read_text()
    assert derived.splitlines()[1:] == [
        "# no code",
        "code: generated/train.py",
        "type: my-trainer",
    ]


def test_the_configuration_is_the_nearest_to_the_working_folder(folder, run, monkeypatch):
    """A recipe may stand outside the project that trains it."""
    (folder / "project").mkdir()
    for name in ("my_trainer.py", "pyproject.toml"):
        (folder / name).rename(folder / "project" / name)
    (folder / "recipe.yaml").write_text(RECIPE.replace("my_trainer.py", "project/my_trainer.py"))
    monkeypatch.chdir(folder / "project")
    assert run("../recipe.yaml")[1] == "../recipe.arctic-codegen.yaml"
    derived = data(folder / "recipe.arctic-codegen.yaml")
    assert derived["code"] == "project/generated/my_trainer.py"


def test_a_recipe_without_code_gets_its_trainer_s_file(folder, run):
    sources = '["my_trainer.py", "arctic_training.trainer.sft_trainer"]'
    (folder / "pyproject.toml").write_text(CONFIG.replace('["my_trainer.py"]', sources))
    (folder / "recipe.yaml").write_text("epochs: 1\n")
    run("recipe.yaml")
    derived = data(folder / "recipe.arctic-codegen.yaml")
    assert derived == {"code": "generated/arctic_training/trainer/sft_trainer.py", "epochs": 1}


def told(cli, *arguments):
    done = cli("run", "recipe.yaml", "--format", "concise", *arguments)
    assert done.code == 1, done
    assert done.err.endswith("nothing is started.\n")
    return done.out


def test_what_is_not_compiled_is_named_with_the_line_to_add(folder, write, started, cli):
    (folder / "recipe.yaml").write_text("# a\ntype: dpo\ncode: my_trainer.py\n")
    (line,) = told(cli).splitlines()
    assert line.startswith("recipe.yaml:2:7: error[AC019] the trainer 'dpo' (arctic_training.")
    full = cli("run", "recipe.yaml").out
    assert 'sources = ["my_trainer.py", "arctic_training"]' in full
    (folder / "recipe.yaml").write_text("# a\ntype: my-trainr\ncode: my_trainer.py\n")
    assert "recipe.yaml:2:7: error[AC019] no trainer with the name 'my-trainr'" in told(cli)
    assert "there are my-trainer" in cli("run", "recipe.yaml").out
    write(
        train="""
        from arctic_training.data.sft_factory import SFTDataFactory


        class MyData(SFTDataFactory):
            name = "my-data"
        """
    )
    (folder / "recipe.yaml").write_text("type: my-trainer\ncode: train.py\n")
    assert told(cli).startswith("recipe.yaml:2:7: error[AC019] 'MyData' in the recipe's code")
    assert 'sources = ["my_trainer.py", "train.py"]' in cli("run", "recipe.yaml").out
    assert started == []
    assert sorted(path.name for path in folder.glob("recipe*")) == ["recipe.yaml"]


def test_code_that_is_not_there(folder, started, cli):
    for code in ("train.py", "configs/my_trainer.py", "generated/other.py", "environment"):
        (folder / "recipe.yaml").write_text(f"type: my-trainer\ncode: {code}\n")
        assert told(cli).startswith(f"recipe.yaml:2:7: error[AC018] the recipe's code '{code}' is")
    assert str(folder / "environment") in cli("run", "recipe.yaml").out
    assert started == []


def test_a_bad_recipe_is_told_at_its_line(folder, started, cli):
    (folder / "recipe.yaml").write_text("type: my-trainer\ncode: a.py\ncode: my_trainer.py\n")
    assert told(cli) == "recipe.yaml:3:1: error[AC017] invalid YAML: the key 'code' stands twice\n"
    (folder / "recipe.yaml").unlink()
    assert "recipe.yaml:1:1: error[AC017] the recipe cannot be read: No such file" in told(cli)
    assert not (folder / "generated").exists()


@pytest.mark.parametrize("what", ["fifo", "device", "large", "null", "deep", "fifo beside"])
def test_a_recipe_that_no_person_wrote(folder, started, cli, what, request):
    """Nothing is waited for at a pipe, wherever one stands."""
    recipe = folder / "recipe.yaml"
    recipe.unlink()
    if what == "fifo":
        os.mkfifo(recipe)
    elif what == "device":
        recipe.symlink_to("/dev/zero")
    elif what == "large":
        recipe.write_text(RECIPE + f"text: {'a' * 1_000_000}\n")
    elif what == "null":
        recipe.write_text('type: my-trainer\ncode: "my_trainer.py\\0"\n')
    elif what == "deep":
        request.addfinalizer(partial(sys.setrecursionlimit, sys.getrecursionlimit()))
        sys.setrecursionlimit(1000)  # libraries that other tests load raise it
        recipe.write_text(RECIPE + f"a: {'[' * 5000}{']' * 5000}\n")
    else:
        recipe.write_text(RECIPE)
        os.mkfifo(folder / "recipe.arctic-codegen.yaml")
        done = cli("run", "recipe.yaml")
        assert done.code == 2
        assert "it is not a regular file" in done.err
        return
    said = told(cli)
    assert said.startswith("recipe.yaml:")
    assert "error[AC017]" in said
    assert cli("init", "--config", "new.toml").code == 0


def test_errors_in_the_sources_start_nothing(folder, write, started, cli):
    write(my_trainer=TRAINER.replace("post_step", "post_stepp"))
    assert "my_trainer.py:7:9: error[AC201]" in told(cli)
    assert started == []


def test_warnings_are_told_and_the_run_goes_on(folder, write, started, cli):
    write(my_trainer=f"{TRAINER}\n    x = 1  # arctic-codegen: ignore[AC201]\n")
    with pytest.raises(Started):
        cli("run", "recipe.yaml", "--output", "report.txt", "--format", "concise")
    assert "warning[AC013]" in (folder / "report.txt").read_text()


def test_foreign_files_stay(folder, started, cli):
    (folder / "recipe.arctic-codegen.yaml").write_text("type: mine\n")
    assert told(cli).startswith("recipe.arctic-codegen.yaml:1:1: error[AC601]")
    assert (folder / "recipe.arctic-codegen.yaml").read_text() == "type: mine\n"
    assert started == []


def test_wrong_use(folder, run, started, cli, monkeypatch):
    run("recipe.yaml")
    again = cli("run", "recipe.arctic-codegen.yaml")
    assert again.code == 2
    assert "run the recipe that it was made from" in again.err
    (folder / "pyproject.toml").unlink()
    assert "arctic-codegen init" in cli("run", "recipe.yaml").err
    (folder / "pyproject.toml").write_text(CONFIG)

    def read_only(path, data):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr("arctic_codegen.recipes.deriving.replace_file", read_only)
    (folder / "recipe.arctic-codegen.yaml").unlink()
    done = cli("run", "recipe.yaml")
    assert done.code == 2
    assert "Permission denied" in done.err
    monkeypatch.setattr(sys, "executable", str(folder / "bin" / "python"))
    monkeypatch.setenv("PATH", "/nowhere")
    done = cli("run", "recipe.yaml")
    assert done.code == 2
    assert "launcher `arctic_training` is neither beside" in done.err
    assert "pip install" in done.err
    assert len(started) == 1


PYTHON = sys.executable
"""The real one: fixtures put another in its place."""

PROGRAM = """#!{python}
import os, signal, sys, time
if "wait" in sys.argv:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(99))
    print("ready", os.getpid(), flush=True)
    time.sleep(60)
print(sys.argv[1:])
sys.exit(int(sys.argv[-1]))
"""


def test_exit_codes_and_signals_are_the_launcher_s(folder, started):
    program = folder / "environment" / "bin" / "arctic_training"
    real = PYTHON
    program.write_text(PROGRAM.format(python=real))
    start = (
        "import sys; sys.executable = sys.argv.pop(1); "
        "from arctic_codegen.cli.main import main; main()"
    )
    command = [real, "-c", start, str(program.parent / "python"), "run", "recipe.yaml", "--"]
    done = subprocess.run([*command, "--x", "7"], capture_output=True, text=True)
    assert done.returncode == 7
    assert done.stdout == "['recipe.arctic-codegen.yaml', '--x', '7']\n"
    assert done.stderr.startswith("$ ")
    process = subprocess.Popen([*command, "--x", "wait"], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    _, number = process.stdout.readline().split()
    assert int(number) == process.pid
    time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    process.stdout.close()
    assert process.wait(timeout=30) == 99

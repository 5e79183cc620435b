"""``build``: its output files, its report, and its exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.e2e.cli.conftest import APP

WRONG = """
from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    callbacks = [("post-stpe", lambda self: None)]

    def step(self) -> None: ...
"""


def test_build_writes_and_tells_what_it_did(project, cli):
    done = cli("build")
    assert (done.code, done.out) == (0, "")
    assert re.fullmatch(
        r"Compiled 3 classes from 1 module into generated/ \(\d+ files written\) in \d+\.\d\d s\n",
        done.err,
    )
    assert (project / "generated" / "app" / "main.py").is_file()
    again = cli("build")
    assert "nothing to write" in again.err


def test_the_page_s_example_prints_its_three_lines(project, cli):
    assert cli("build").code == 0
    code = "from generated.app.main import TrainerB; TrainerB().epoch()"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "epoch\na\nlambda\nb\n"


def test_errors_are_told_on_standard_output_and_nothing_is_written(project, cli):
    (project / "app" / "main.py").write_text(WRONG)
    done = cli("build", "--format", "concise")
    assert done.code == 1
    assert done.out.startswith("app/main.py:6:19: error[AC201] ")
    assert done.err == "Found 1 error; nothing was written.\n"
    assert not (project / "generated").exists()


def test_full_format_shows_the_line(project, cli):
    (project / "app" / "main.py").write_text(WRONG)
    out = cli("build").out
    assert " --> app/main.py:6:19\n" in out
    assert '6 |     callbacks = [("post-stpe", lambda self: None)]\n' in out
    assert "^^^^^^^^^^^" in out
    assert "\x1b" not in out


def test_json_is_a_document_with_and_without_findings(project, cli):
    assert json.loads(cli("build", "--format", "json").out) == {"version": 1, "findings": []}
    (project / "app" / "main.py").write_text(WRONG)
    (found,) = json.loads(cli("build", "--format", "json").out)["findings"]
    assert (found["code"], found["path"], found["line"]) == ("AC201", "app/main.py", 6)


def test_output_option_takes_the_report(project, cli):
    (project / "app" / "main.py").write_text(WRONG)
    done = cli("build", "--format", "concise", "--output", "report.txt")
    assert (done.code, done.out) == (1, "")
    assert "AC201" in (project / "report.txt").read_text()


def test_check_writes_nothing_and_fails_until_the_output_is_current(project, cli):
    first = cli("build", "--check", "--format", "concise")
    assert first.code == 1
    assert "error[AC604]" in first.out
    assert not (project / "generated").exists()
    assert cli("build").code == 0
    assert cli("build", "--check").code == 0
    compiled = project / "generated" / "app" / "main.py"
    compiled.write_text(compiled.read_text() + "x = 1\n")
    edited = cli("build", "--check", "--format", "concise")
    assert edited.code == 1
    assert "generated/app/main.py:1:1: error[AC605]" in edited.out


def test_R36_a_class_that_nothing_depends_on_is_no_difference(project, cli):
    cli("build")
    path = project / "app" / "main.py"
    text = path.read_text()
    path.write_text(text + "\n\nclass Report(dict): ...\n")
    assert cli("build", "--check").code == 0
    path.write_text(text + "\n\nclass TrainerC(TrainerB): ...\n")
    assert cli("build", "--check").code == 1
    path.write_text(text.replace("batch: int", "batch: float"))
    assert cli("build", "--check").code == 1


def test_R37_what_stands_in_the_way_is_told_and_nothing_is_said_to_be_current(project, cli):
    cli("build")
    output = project / "generated" / "app" / "main.py"
    output.write_text("x = 1\n")
    done = cli("build", "--format", "concise")
    assert done.code == 1
    assert "error[AC601]" in done.out
    assert "not written" in done.err
    assert "is up to date" not in done.err


def test_R2_an_interpreter_that_cannot_be_started_is_told_where_it_is_named(project, cli):
    (project / "notes.txt").write_text("x")
    with (project / "pyproject.toml").open("a") as file:
        file.write('python = "notes.txt"\n')
    done = cli("build", "--format", "concise")
    assert done.code == 1
    assert done.out.startswith("pyproject.toml:3:1: error[AC010] the interpreter")


def test_diff_prints_what_would_change_and_writes_nothing(project, cli):
    assert cli("build").code == 0
    source = project / "app" / "main.py"
    source.write_text(source.read_text().replace('"lambda"', '"changed"'))
    done = cli("build", "--diff")
    assert done.code == 1
    assert "--- a/generated/app/main.py\n+++ b/generated/app/main.py\n" in done.out
    assert '+    print("changed")' in done.out
    assert "changed" not in (project / "generated" / "app" / "main.py").read_text()


def test_removed_modules_leave_no_output(project, cli):
    assert cli("build").code == 0
    (project / "app" / "main.py").rename(project / "app" / "other.py")
    assert cli("build").code == 0
    assert not (project / "generated" / "app" / "main.py").exists()
    assert (project / "generated" / "app" / "other.py").is_file()


def test_notes_are_counted_and_listed_with_strict(project, cli):
    source = project / "app" / "main.py"
    source.write_text(
        source.read_text().replace(
            "(self, batch: int) -> int:\n        return", "(self, batch):\n        return"
        )
    )
    done = cli("build", "--format", "concise")
    assert (done.code, done.out) == (0, "")
    assert "1 note" in done.err
    strict = cli("build", "--strict", "--format", "concise")
    assert strict.code == 1
    assert "note[AC413]" in strict.out


def test_quiet_says_nothing(project, cli):
    done = cli("build", "--quiet")
    assert (done.code, done.out, done.err) == (0, "", "")


def test_without_configuration_a_path_is_needed(folder, write, cli):
    done = cli("build")
    assert done.code == 2
    assert "arctic-codegen init" in done.err
    write(trainers=WRONG.replace("stpe", "step"))
    assert cli("build", "trainers.py").code == 0
    assert (folder / "generated" / "trainers.py").is_file()


def test_bad_configuration_is_a_finding(project, cli):
    (project / "pyproject.toml").write_text('[tool.arctic-codegen]\nsource = ["app"]\n')
    done = cli("build", "--format", "concise")
    assert done.code == 1
    assert done.out == "pyproject.toml:2:1: error[AC010] unknown key 'source'\n"


def test_a_configuration_that_does_not_exist(project, cli):
    assert cli("build", "--config", "none.toml").code == 2


def test_ignore_comments(project, cli):
    (project / "app" / "main.py").write_text(
        WRONG.replace("None)]", "None)]  # arctic-codegen: ignore[AC201]")
        + "x = 1  # arctic-codegen: ignore[AC401]\n"
    )
    done = cli("build", "--format", "concise")
    assert done.code == 0
    assert [line.split(" ")[1] for line in done.out.splitlines()] == ["warning[AC013]"]


def test_semantics_of_an_unknown_class(project, cli):
    (project / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["app"]\n'
        '[tool.arctic-codegen.semantics-of]\n"app.main:TrainerC" = "runtime"\n'
    )
    done = cli("build")
    assert done.code == 1
    assert "did you mean 'app.main:Trainer" in done.out


def test_the_standard_library_is_never_meant_by_a_source(project, cli):
    for source in ("nope", "nopath", "jsn"):
        done = cli("build", source)
        assert done.code == 1
        assert f"'{source}' is not a file, a folder or a module" in done.out
        guesses = re.findall(r"did you mean '(\w+)'", done.out)
        assert not set(guesses) & sys.stdlib_module_names


def test_closed_standard_output(project):
    """``arctic-codegen build | head`` ends without a traceback."""
    (project / "app" / "main.py").write_text(WRONG)
    read, written = os.pipe()
    os.close(read)
    done = subprocess.run(
        [sys.executable, "-m", "arctic_codegen", "build"],
        stdout=written,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(written)
    assert done.returncode == 1
    assert done.stderr == "Found 1 error; nothing was written.\n"


def test_a_terminal_that_knows_ascii_only(project):
    (project / "app" / "main.py").write_text(WRONG.replace("stpe", "st\u00e9p"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "arctic_codegen", "build"],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert done.returncode == 1
    assert b"st\\xe9p" in done.stdout


def test_a_fault_of_the_tool_names_the_file(project, cli, monkeypatch):
    from arctic_codegen.scan import scanner

    def fail(data: bytes, path: str, *, compiles: bool) -> None:
        raise RuntimeError("out of ideas")

    monkeypatch.setattr(scanner, "scan", fail)
    done = cli("build")
    assert done.code == 2
    assert "error[AC901]: internal error in" in done.err
    assert "RuntimeError: out of ideas" in done.err
    assert f"while reading {project / 'app' / 'main.py'}\n" in done.err
    assert "Traceback" not in done.err
    monkeypatch.setenv("ARCTIC_CODEGEN_DEBUG", "1")
    assert "Traceback" in cli("build").err


def test_interrupted(project, cli, monkeypatch):
    from arctic_codegen.cli import build

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(build, "build", interrupt)
    done = cli("build")
    assert done.code == 130
    assert "Traceback" not in done.err


def test_R1_no_user_code_runs(project, cli):
    flag = project / "ran"
    source = project / "app" / "main.py"
    source.write_text(
        source.read_text() + f"\nopen({str(flag)!r}, 'w').close()\nraise SystemExit\n"
    )
    assert cli("build").code == 0
    assert cli("list").code == 0
    assert not flag.exists()


def test_start_up_is_light() -> None:
    code = (
        "import sys; import arctic_codegen.cli.main as m; m.run(['--help']);"
        "bad = {'libcst', 'jinja2', 'rich', 'msgspec', 'torch'} & set(sys.modules);"
        "print('LOADED', sorted(bad))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("LOADED []\n")


def test_paths_are_relative_to_the_working_folder(project, cli, monkeypatch):
    (project / "app" / "main.py").write_text(WRONG)
    monkeypatch.chdir(project / "app")
    assert cli("build", "--format", "concise").out.startswith("main.py:6:19: ")
    other = project / "elsewhere"
    other.mkdir()
    monkeypatch.chdir(other)
    assert cli("build", "--format", "concise").out.startswith(f"{Path(project) / 'app/main.py'}:6:")


@pytest.mark.parametrize("output", ["generated", "src/app/compiled"])
def test_R70_findings_about_output_name_the_path_with_its_folder(folder, write, cli, output):
    """So that the user can open the file from the project's folder."""
    (folder / "pyproject.toml").write_text(
        f'[tool.arctic-codegen]\nsources = ["src/app"]\noutput = "{output}"\n'
    )
    write(src__app__main=APP, src__app__other=APP.replace("name = ", "label = "))
    assert cli("build").code == 0
    here = folder / output / "app"
    (here / "main.py").unlink()
    other = (here / "other.py").read_text()
    (here / "other.py").write_text(other + "#\n")
    (here / "gone.py").write_text(other)
    done = cli("build", "--check", "--format", "concise")
    for name in ("main", "other", "gone"):
        path = f"{output}/app/{name}.py"
        assert f"{path}:1:1: error[AC60" in done.out
        assert f"] '{path}' " in done.out
    (here / "main.py").write_text("# mine\n")
    done = cli("build", "--format", "concise")
    assert f"] '{output}/app/main.py' was not generated" in done.out

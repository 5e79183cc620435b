"""A build with nothing to do repeats its report, and detects every change."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from arctic_codegen.build.cache import facts, observer, sealed_files
from arctic_codegen.cli import group
from arctic_codegen.cli.main import run

BASE = """
from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self, batch: int) -> int:
        return batch

    def epoch(self) -> None:
        pass
"""
LEAF = """
from app.base import Trainer
from app.helpers import log


class TrainerA(Trainer):
    callbacks = [("pre-step", log)]

    def post_epoch_callback(self) -> None:
        pass
"""
HELPERS = """
def log(trainer: object, batch: int) -> int:
    return batch
"""
CONFIG = '[tool.arctic-codegen]\nsources = ["app"]\n'
HEAVY = ("libcst", "jinja2", "mypy", "rich", "click", "msgspec", "arctic_codegen.build.driver")
SHOWN = f"""
import sys
from arctic_codegen.cli.main import run
code = run(sys.argv[1:])
print("\\nloaded:", sorted(set({HEAVY!r}) & set(sys.modules)), code, file=sys.stderr)
"""


class Built(NamedTuple):
    """The result of a build; ``again`` means that nothing was compiled."""

    again: bool
    code: int
    out: str
    summary: str


def without_seconds(text: str) -> str:
    return re.sub(r"\d+\.\d\d s", "? s", text)


def process(folder: Path, *arguments: str) -> Built:
    """A build in a separate process."""
    done = subprocess.run(
        [sys.executable, "-c", SHOWN, "build", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    said, _, loaded = done.stderr.rpartition("\nloaded: ")
    names, _, code = loaded.rpartition(" ")
    return Built(names == "[]", int(code), done.stdout, without_seconds(said))


@pytest.fixture
def build(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]):
    """A build in this process."""
    compiled: list[object] = []
    original = group.carry_out
    monkeypatch.setattr(group, "carry_out", lambda given: compiled.append(given) or original(given))

    def call(folder: Path, *arguments: str) -> Built:
        compiled.clear()
        capfd.readouterr()
        monkeypatch.chdir(folder)
        code = run(["build", *arguments])
        captured = capfd.readouterr()
        return Built(not compiled, code, captured.out, without_seconds(captured.err))

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("base", BASE), ("leaf", LEAF), ("helpers", HELPERS), ("__init__", "")):
        path = tmp_path / "app" / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    (tmp_path / "pyproject.toml").write_text(CONFIG)
    return tmp_path


def records_in(folder: Path) -> list[Path]:
    return sorted((folder / ".arctic-codegen-cache" / "replies").glob("*"))


@pytest.mark.parametrize(
    "arguments",
    [(), ("--check",), ("--format", "json", "-q", "app")],
)
def test_nothing_heavy_is_loaded_and_the_same_is_said(folder, arguments):
    leaf = folder / "app" / "leaf.py"
    # A finding that does not fail the build.
    leaf.write_text(leaf.read_text() + "# arctic-codegen: ignore[AC201]\n")
    first = process(folder) if "--check" in arguments else process(folder, *arguments)
    assert not first.again
    second = process(folder, *arguments)
    third = process(folder, *arguments)
    assert third.again
    assert (third.code, third.out, third.summary) == (second.code, second.out, second.summary)
    if "json" in arguments:
        assert [one["code"] for one in json.loads(third.out)["findings"]] == ["AC013"]
        assert third.summary == ""
    else:
        assert "warning[AC013]" in third.out


def changes(folder: Path):
    """Changes that make a build necessary: how to make each, and how to undo it."""
    app, output = folder / "app", folder / "generated" / "app"

    def edit_with_the_old_times():
        path = app / "helpers.py"
        before = path.stat()
        path.write_text(path.read_text().replace("batch", "botch"))
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    def replace_with_the_old_times():
        path = app / "helpers.py"
        before = path.stat()
        other = folder / "other"
        other.write_text(path.read_text().replace("batch", "botch"))
        os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
        other.replace(path)

    return {
        "edit": lambda: (app / "base.py").write_text(BASE.replace("epoch", "epoc")),
        "edit with the old times": edit_with_the_old_times,
        "another file with the old times": replace_with_the_old_times,
        "a file goes": lambda: (app / "helpers.py").unlink(),
        "a source comes": lambda: (app / "more.py").write_text(
            LEAF.replace("TrainerA", "TrainerC")
        ),
        "a module that comes first": lambda: (
            (app / "helpers").mkdir(),
            (app / "helpers" / "__init__.py").write_text(HELPERS),
        ),
        "a root comes": lambda: (folder / "src").mkdir(),
        "output is edited": lambda: (output / "leaf.py").write_text("# mine\n"),
        "output is lost": lambda: (output / "leaf.py").unlink(),
        "output is too much": lambda: (output / "stray.py").write_text(
            (output / "leaf.py").read_text()
        ),
        "output is a link": lambda: (
            (output / "leaf.py").rename(folder / "leaf.txt"),
            (output / "leaf.py").symlink_to(folder / "leaf.txt"),
        ),
        "the lock file is lost": lambda: (folder / "generated" / "arctic-codegen.lock").unlink(),
        "a setting": lambda: (folder / "pyproject.toml").write_text(CONFIG + 'on-stale = "warn"\n'),
        "the configuration goes": lambda: (folder / "pyproject.toml").unlink(),
    }


@pytest.mark.parametrize("what", changes(Path()))
def test_whatever_is_different_is_seen(folder, build, what):
    assert not build(folder).again
    assert build(folder).again
    changes(folder)[what]()
    assert not build(folder).again


def test_a_configuration_that_is_nearer(folder, build):
    inside = folder / "app"
    assert not build(inside).again
    assert build(inside).again
    (inside / "pyproject.toml").write_text("[tool.ruff]\n")
    assert not build(inside).again
    assert build(inside).again
    (inside / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["leaf.py"]\n')
    assert not build(inside).again


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:-7]),
        lambda path: path.write_bytes(path.read_bytes().replace(b"codegen 2", b"codegen 1", 1)),
        lambda path: path.write_bytes(b"arctic-codegen 2\n" + bytes(40)),
        lambda path: (path.unlink(), path.mkdir()),
    ],
    ids=["empty", "torn", "old", "foreign", "a folder"],
)
def test_a_record_that_is_no_use_is_as_none(folder, build, spoil):
    first = build(folder)
    (path,) = records_in(folder)
    spoil(path)
    second = build(folder)
    assert (second.again, second.code, second.out) == (False, 0, first.out)


def test_a_value_that_is_no_record(folder, build):
    build(folder)
    (path,) = records_in(folder)
    for value in (None, 3, ("a", "b"), ((0, ""), (0, ""), ("", "", ""), True)):
        assert sealed_files.write(str(path), value)
        built = build(folder)
        assert (built.again, built.code) == (False, 0)


def test_no_cache_and_folders_that_cannot_be_written(folder, build):
    build(folder, "--no-cache")
    assert not (folder / ".arctic-codegen-cache").exists()
    (folder / ".arctic-codegen-cache").write_text("in the way")
    for _ in range(2):
        built = build(folder)
        assert (built.again, built.code) == (False, 0)


def test_records_do_not_pile_up(folder, monkeypatch, capfd):
    monkeypatch.chdir(folder)
    for number in range(20):
        assert run(["build", "-q", *["app"] * number]) == 0
    assert len(records_in(folder)) == 16
    names = {path.name for path in (folder / ".arctic-codegen-cache").iterdir()}
    assert {".gitignore", "CACHEDIR.TAG"} <= names


def test_stamps_alone_do_once_they_are_old(folder, monkeypatch, capfd):
    """A file with an old stamp is not read; a recent edit with the same stamp is detected."""
    monkeypatch.chdir(folder)
    assert run(["build"]) == 0
    read: list[str] = []
    original = facts.digest_of_file
    monkeypatch.setattr(facts, "digest_of_file", lambda path: read.append(path) or original(path))
    assert run(["build"]) == 0
    assert str(folder / "app" / "base.py") in read
    monkeypatch.setattr(facts, "GRAIN", -(10**12))  # as if everything were years old
    read.clear()
    assert run(["build"]) == 0
    assert read == []


def test_another_tool_builds_again(folder, build, monkeypatch, tmp_path):
    tool = tmp_path / "tool.py"
    tool.write_text("1")
    monkeypatch.setattr(observer, "tool_stamps", lambda: {str(tool): facts.stamp_of(str(tool))})
    assert not build(folder).again
    assert build(folder).again
    tool.write_text("2")
    assert not build(folder).again
    assert build(folder).again

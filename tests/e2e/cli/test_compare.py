"""R45: both orders side by side, and the reasons for the differences."""

from __future__ import annotations

from pathlib import Path

import pytest

from arctic_codegen.cli.main import run

pytest.importorskip("arctic_training")

ENGINES = """
from arctic_training.callback.mixin import CallbackMixin, callback_wrapper


def first(self) -> None: ...
def second(self) -> None: ...


class Engine(CallbackMixin):
    callbacks = []

    @callback_wrapper("save")
    def save(self) -> None: ...


class Overrides(Engine):
    def post_save_callback(self) -> None: ...


class Nearest(Overrides):
    def post_save_callback(self) -> None: ...


class Cooperative(Overrides):
    def post_save_callback(self) -> None:
        super().post_save_callback()


class Left(Engine):
    callbacks = [("pre-save", first)]


class Right(Engine):
    callbacks = [("pre-save", second)]


class Diamond(Left, Right): ...


class Late(Engine):
    callbacks = []


class Methods(Overrides):
    callbacks = [("post-save", second)]


Late.callbacks.append(("pre-save", first))
"""

WHY = {
    "Nearest": "ArcticTraining runs only the nearest 'post_save_callback': Nearest's hides"
    " Overrides's; its documentation says that both run",
    "Diamond": "ArcticTraining collects lists along a single chain of bases, and Right is not in"
    " that of Diamond",
    "Late": "ArcticTraining reads a list when the class is created: what engines adds to Late's"
    " list later comes too late",
    "Methods": "post: ArcticTraining runs the entries of all lists first, then callback methods in"
    " alphabetical order; its documentation says class by class, from the root",
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "engines.py").write_text(ENGINES)
    (tmp_path / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["engines.py"]\n')
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", WHY)
def test_R45_compare_says_why_in_words(
    project: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    assert run(["explain", f"engines:{name}.save", "--compare"]) == 0
    assert f"    ({WHY[name]})\n" in capsys.readouterr().out


def test_R45_compare_has_nothing_to_say_where_the_two_agree(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", "engines:Cooperative.save", "--compare"]) == 0
    out = capsys.readouterr().out
    assert "save:  (the same)" in out
    assert "    (" not in out


def test_R45_the_error_of_a_build_says_why_too(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["build"]) == 1
    out = capsys.readouterr().out
    for sentence in WHY.values():
        assert sentence in out


def test_R45_hidden_log_entries_are_no_difference(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["explain", "engines:Left.init", "--compare", "--all"]) == 0
    out = capsys.readouterr().out
    assert (
        "(the first list that a class below ArcticTraining's mixin declares hides the mixin's own"
        " log entries)" in out
    )
    assert run(["build", "--format", "concise"]) == 1
    assert "'Left'" not in capsys.readouterr().out

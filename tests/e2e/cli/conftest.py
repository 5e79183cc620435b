"""A folder to run commands in."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from arctic_codegen.cli.main import run
from tests.harness import CONFIG, write_files

APP = """
from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def epoch(self) -> None:
        print("epoch")

    def step(self, batch: int) -> int:
        return batch


class TrainerA(Trainer):
    name = "a"

    def post_epoch_callback(self) -> None:
        print("a")


class TrainerB(TrainerA):
    name = "b"
    callbacks = [("post-epoch", lambda self: print("lambda"))]

    def post_epoch_callback(self) -> None:
        print("b")

    def pre_step_callback(self, batch: int) -> int:
        return batch
"""


class Outcome:
    """The result of one command."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ARCTIC_CODEGEN_DEBUG", raising=False)
    return tmp_path


@pytest.fixture
def write(folder: Path) -> Callable[..., None]:
    def write_sources(**files: str) -> None:
        """Write files; in names, ``__`` stands for a slash, and the suffix is omitted."""
        for name, text in files.items():
            path = name.replace("__", "/") + ".py"
            write_files(folder, {path: textwrap.dedent(text).lstrip("\n")})

    return write_sources


@pytest.fixture
def project(folder: Path) -> Path:
    """A project with a configuration and three classes."""
    app = {"app/__init__.py": "", "app/main.py": APP.lstrip("\n")}
    write_files(folder, {"pyproject.toml": CONFIG, **app})
    return folder


@pytest.fixture
def cli(capfd: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    def call(*arguments: str) -> Outcome:
        capfd.readouterr()
        code = run(arguments)
        captured = capfd.readouterr()
        return Outcome(code, captured.out, captured.err)

    return call

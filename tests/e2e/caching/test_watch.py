"""``build --watch`` builds on each save, and reports findings as they appear and disappear."""

from __future__ import annotations

import gc
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from arctic_codegen.build.session import Session
from arctic_codegen.cli.main import run
from arctic_codegen.cli.options import Options
from arctic_codegen.cli.watch import _Watched

pytest.importorskip("watchfiles")

SOURCE = """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    callbacks = [("post-step", lambda self, value: value)]

    def step(self, batch: int) -> int:
        return batch
"""
SECONDS = 120


class Watching:
    """A process that watches, and the lines that it prints."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "arctic_codegen", "build", "--watch", *arguments],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.lines: queue.Queue[str] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def until(self, text: str) -> list[str]:
        """The lines up to the first that contains this text."""
        found: list[str] = []
        end = time.monotonic() + SECONDS
        while not (found and text in found[-1]):
            try:
                found.append(self.lines.get(timeout=max(end - time.monotonic(), 0.01)))
            except queue.Empty:
                raise AssertionError(f"'{text}' is not among {found}") from None
        return found

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=SECONDS)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text(SOURCE)
    (tmp_path / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["app"]\n')
    return tmp_path


@pytest.mark.skipif(sys.platform == "win32", reason="processes are interrupted otherwise there")
def test_saves_are_built_and_findings_come_and_go(folder):
    source = folder / "app" / "main.py"
    watching = Watching(folder, "--format", "concise")
    try:
        watching.until("Watching for changes")
        assert (folder / "generated" / "app" / "main.py").exists()
        source.write_text(SOURCE.replace("post-step", "post-stop"))
        came = watching.until("not built")
        assert any("error[AC201]" in line for line in came)
        source.write_text(SOURCE)
        went = watching.until("0 files written")
        assert not any("error[AC201]" in line for line in went)
        # In a folder that did not exist before.
        (folder / "app" / "more").mkdir()
        (folder / "app" / "more" / "other.py").write_text(SOURCE)
        watching.until("written")
        (folder / "app" / "more" / "other.py").write_text(SOURCE.replace("value)]", "value + 1)]"))
        watching.until("written")
        assert "value + 1" in (folder / "generated" / "app" / "more" / "other.py").read_text()
        assert watching.interrupt() == 0
    finally:
        watching.process.kill()


@pytest.mark.skipif(sys.platform == "win32", reason="processes are interrupted otherwise there")
def test_a_configuration_that_is_away_for_a_moment(folder):
    """Some editors remove a file before they write the new one."""
    config = folder / "pyproject.toml"
    text = config.read_text()
    watching = Watching(folder, "--format", "concise")
    try:
        watching.until("Watching for changes")
        config.unlink()
        watching.until("no pyproject.toml")
        config.write_text(text + 'output = "other"\n')
        watching.until("written")
        assert (folder / "other" / "app" / "main.py").exists()
        assert watching.interrupt() == 0
    finally:
        watching.process.kill()


def test_wrong_use(folder, monkeypatch, capfd):
    monkeypatch.chdir(folder)
    assert run(["build", "--watch", "--check"]) == 2
    monkeypatch.setitem(sys.modules, "watchfiles", None)
    assert run(["build", "--watch"]) == 2
    assert "pip install 'arctic-codegen[watch]'" in capfd.readouterr().err


def test_nothing_of_a_build_is_left_in_memory(tmp_path):
    """The process rarely collects garbage, so cycles would accumulate with each save."""
    (tmp_path / "app.py").write_text(SOURCE)
    (tmp_path / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["app.py"]\n')
    options = Options("full", None, None, True, True, tmp_path)
    gc.collect()
    gc.disable()
    try:
        _Watched((), options, False).build()
        assert (tmp_path / "generated").is_dir()
        assert not [one for one in gc.get_objects() if isinstance(one, Session)]
    finally:
        gc.enable()

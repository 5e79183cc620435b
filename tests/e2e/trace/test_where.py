"""Which call each rank of a run is in (R63)."""

from __future__ import annotations

import os
import subprocess
import sys
import time

import pytest

from tests.harness import Project

TRAINER = """
    from __future__ import annotations

    import os
    import time

    from arctic_codegen import CallbackMixin

    def meet(self: Trainer) -> None:
        while os.path.exists("hang"):
            time.sleep(0.05)

    class Trainer(CallbackMixin):
        callbacks = [("post-step", meet)]

        def step(self) -> None:
            if os.environ.get("RANK") == "1":
                while os.path.exists("hang"):
                    time.sleep(0.05)
    """
MAIN = """
    from generated.app.trainers import Trainer

    trainer = Trainer()
    for _ in range(2):
        trainer.step()
    """


@pytest.fixture
def hanging(tmp_path):
    """A run of three ranks: rank 1 hangs in its method, and the others in a callback."""
    p = Project(
        tmp_path, {"app/__init__.py": "", "app/trainers.py": TRAINER, "main.py": MAIN, "hang": ""}
    ).built()
    command = [sys.executable, "-m", "arctic_codegen.trace", "--breadcrumbs", "crumbs", "main.py"]
    ranks = [
        subprocess.Popen(command, cwd=p.root, env={**os.environ, "RANK": str(rank)})
        for rank in range(3)
    ]
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(p.cli("where", "crumbs").stdout.splitlines()) < 4:
        time.sleep(0.1)
    yield p, ranks
    for rank in ranks:
        rank.kill()
        rank.wait()


def test_R63_the_rank_that_differs_is_marked(hanging):
    p, ranks = hanging
    told = p.cli("where", "crumbs").stdout.splitlines()
    assert [line.split()[0] for line in told] == ["rank", "0", "1", "2"]
    usual = "Trainer.step post app.trainers.meet"
    assert told[1].endswith(usual)
    assert told[3].endswith(usual)
    assert told[2].endswith("Trainer.step method app.trainers.Trainer.step   <- differs")
    assert all(" runs " in line for line in told[1:])

    ranks[2].kill()
    ranks[2].wait()
    (p.root / "hang").unlink()
    for rank in ranks[:2]:
        assert rank.wait(timeout=60) == 0
    told = p.cli("where", "crumbs").stdout.splitlines()
    assert [line.split()[2] for line in told[1:]] == ["ended", "ended", "died"]
    assert told[1].endswith("after Trainer.step")
    assert told[3].endswith(f"{usual}   <- differs")


def test_R63_breadcrumbs_alone_write_no_trace(hanging):
    p, _ = hanging
    assert not list(p.root.glob("trace*"))


def test_a_folder_without_breadcrumbs_is_said(tmp_path):
    told = Project(tmp_path, {}).cli("where", "nowhere")
    assert told.code == 2
    assert "there are no breadcrumbs of a run in nowhere" in told.stderr

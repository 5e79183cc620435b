"""If two ranks have different output on their nodes, neither of them trains."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest

from tests.harness import Project, free_port

pytest.importorskip("arctic_training")

pytestmark = pytest.mark.long

CONFIG = '[tool.arctic-codegen]\nsources = ["app.py"]\nsemantics = "documented"\n'
APP = """
from arctic_training import SFTTrainer


class MyTrainer(SFTTrainer):
    name = "mine"

    def __init__(self, number: int) -> None:
        print(f"made {number}")

    def post_step_callback(self) -> None:
        print("same")
"""
PROGRAM = """
import os
import sys

import torch.distributed as dist
from generated.app import MyTrainer

dist.init_process_group("gloo")
for number in (1, 2):
    try:
        MyTrainer(number)
    except RuntimeError as error:
        print(f"{type(error).__name__}: {error}")
        break
dist.barrier()
sys.stdout.flush()
os._exit(0)  # a thread of gloo may still hold a tensor when the interpreter is taken down
"""


def train(nodes):
    """The output of each rank; each has its own folder, as on nodes without a shared file
    system."""
    port = str(free_port())
    started = []
    for rank, node in enumerate(nodes):
        environment = {
            **os.environ,
            "RANK": str(rank),
            "LOCAL_RANK": str(rank),
            "WORLD_SIZE": str(len(nodes)),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": port,
        }
        command = [sys.executable, "program.py"]
        started.append(
            subprocess.Popen(command, cwd=node, env=environment, stdout=-1, stderr=-1, text=True)
        )
    told = []
    for process in started:
        out, err = process.communicate(timeout=180)
        assert process.returncode == 0, err
        told.append(out.splitlines())
    return told


def test_ranks_with_other_output_end_before_they_train(tmp_path):
    files = {"app.py": APP, "program.py": PROGRAM}
    projects = [Project(tmp_path / name, files, CONFIG).built() for name in ("one", "two")]
    nodes = [project.root for project in projects]
    assert train(nodes) == [["made 1", "made 2"]] * 2
    projects[1].write({"app.py": APP.replace("post_step", "pre_train")})
    projects[1].built()
    host = socket.gethostname()
    for told in train(nodes):
        (error,) = told
        assert error.startswith("OutputDiffersError: not all ranks have the same compiled classes")
        assert f"{host} (rank 1) has the output " in error
        assert f" in {nodes[1]}/generated. " in error

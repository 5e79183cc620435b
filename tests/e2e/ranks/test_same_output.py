"""All ranks of a run have the same output, or none of them trains."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import types

import pytest

from arctic_codegen.runtime import same_output
from arctic_codegen.runtime.errors import OutputDiffersError
from tests.harness import free_port

RANK = """
import json, os, sys
from datetime import timedelta

import torch.distributed as dist

from arctic_codegen.runtime.same_output import check_same_output

dist.init_process_group("gloo", timeout=timedelta(seconds=60))
told = {}
for folder in sys.argv[1:]:
    for again in ("", " again"):
        try:
            check_same_output(folder)
            told[os.path.basename(folder) + again] = None
        except RuntimeError as error:
            told[os.path.basename(folder) + again] = f"{type(error).__name__}: {error}"
dist.barrier()
with open(os.environ["REPORT"] + os.environ["RANK"], "w") as report:
    json.dump(told, report)
os._exit(0)  # a thread of gloo may still hold a tensor when the interpreter is taken down
"""


def on_ranks(tmp_path, folders_of):
    """What each rank, a separate process, reports about its folders."""
    (tmp_path / "rank.py").write_text(RANK)
    port = free_port()
    started = []
    for rank, folders in enumerate(folders_of):
        environment = {
            **os.environ,
            "RANK": str(rank),
            "WORLD_SIZE": str(len(folders_of)),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": str(port),
            "REPORT": str(tmp_path / "report"),
        }
        command = [sys.executable, str(tmp_path / "rank.py"), *map(str, folders)]
        started.append(
            subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
        )
    for process in started:
        _, err = process.communicate(timeout=120)
        assert process.returncode == 0, err
    return [json.loads((tmp_path / f"report{rank}").read_text()) for rank in range(len(folders_of))]


def output(folder, text):
    folder.mkdir(parents=True)
    if text is not None:
        (folder / "arctic-codegen.lock").write_bytes(text)
    return folder


def test_two_real_ranks_compare_each_output_once(tmp_path):
    pytest.importorskip("torch")
    one, two = tmp_path / "one", tmp_path / "two"
    told = on_ranks(
        tmp_path,
        [
            [output(one / "same", b'{"a": 1}\n'), output(one / "generated", b'{"b": 1}\n')],
            [output(two / "same", b'{"a": 1}\r\n'), output(two / "generated", b'{"b": 2}\n')],
        ],
    )
    host = socket.gethostname()
    for of_rank in told:
        assert of_rank["same"] is None
        error = of_rank["generated"]
        assert error.startswith("OutputDiffersError: not all ranks have the same compiled classes")
        assert f"{host} (rank 0) has the output " in error
        assert f"; {host} (rank 1) has the output " in error
        assert "arctic-codegen build" in error
        # Nothing is sent a second time: a collective that only some ranks call would hang.
        assert of_rank["generated again"] is None


@pytest.fixture
def torch_stub(monkeypatch):
    """A ``torch.distributed`` with given ranks."""
    same_output._checked.clear()
    calls = []

    def give(ranks, *, available=True, initialized=True):
        def gather(into, own):
            calls.append(own)
            into[:] = ranks

        stub = types.SimpleNamespace(
            is_available=lambda: available,
            is_initialized=lambda: initialized,
            get_world_size=lambda: len(ranks),
            all_gather_object=gather,
        )
        monkeypatch.setitem(sys.modules, "torch.distributed", stub)
        return calls

    yield give
    same_output._checked.clear()


def test_without_a_process_group_there_is_nothing_to_compare(tmp_path, monkeypatch, torch_stub):
    monkeypatch.delitem(sys.modules, "torch.distributed", raising=False)
    same_output.check_same_output(str(tmp_path))
    assert "torch.distributed" not in sys.modules
    rank = ("a", "host", str(tmp_path))
    for stated in ({"available": False}, {"initialized": False}):
        assert torch_stub([rank, rank], **stated) == []
        same_output.check_same_output(str(tmp_path))
    assert torch_stub([rank]) == []
    same_output.check_same_output(str(tmp_path))


def test_a_group_that_is_set_up_later_is_compared_then(tmp_path, torch_stub):
    rank = ("a", "host", str(tmp_path))
    torch_stub([rank, rank], initialized=False)
    same_output.check_same_output(str(tmp_path))
    calls = torch_stub([rank, rank])
    same_output.check_same_output(str(tmp_path))
    assert len(calls) == 1


def test_nodes_are_named_with_their_ranks(tmp_path, torch_stub):
    digest, other = "0123456789abcdef", "fedcba9876543210"
    here = [(digest, "node-a", "/x/generated")] * 4
    there = [(other, "node-b", "/x/generated")] * 3
    gone = [(None, "node-c", "/y/generated"), (digest, "node-c", "/y/generated")]
    torch_stub([*here, *there, *gone, (other, "node-b", "/x/generated")])
    with pytest.raises(OutputDiffersError) as raised:
        same_output.check_same_output(str(tmp_path))
    assert "node-a (rank 0) has the output 0123456789ab in /x/generated; " in str(raised.value)
    assert "node-b (ranks 4-6, 9) has the output fedcba987654 in /x/generated" in str(raised.value)
    assert "node-c (rank 7) has no lock file in /y/generated. Copy the" in str(raised.value)


def test_outputs_of_wheels_have_nothing_to_compare(tmp_path, torch_stub):
    rank = (None, "node-a", str(tmp_path))
    calls = torch_stub([rank, rank])
    same_output.check_same_output(str(tmp_path))
    assert calls == [(None, socket.gethostname(), str(tmp_path))]

"""The workers themselves: their results, when there are none, and what happens if they fail."""

from __future__ import annotations

import multiprocessing
import os
import sys
import threading
from pathlib import Path

import msgspec
import pytest

from arctic_codegen import api
from arctic_codegen.build.cache.scans_and_texts import packed as as_kept
from arctic_codegen.build.workers import early
from arctic_codegen.build.workers import pool as workers
from arctic_codegen.build.workers.channel import Channel
from arctic_codegen.build.workers.worker import DECLS, FINDING
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.decls import ModuleDecls
from arctic_codegen.scan import scan

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="there is no safe fork elsewhere"
)

FILES = {
    "/p/a.py": b"class A: ...\n",
    "/p/b.py": b"def broken(:\n",
    "/p/\xe9.py": "x = 'é'\n".encode(),
    "/p/\udcff.py": b"",
    "/p/half.py": b"def f(x=lambda: '\\ud800'): ...\n",
    "/p/deep.py": b"x = " + b"(" * 150 + b")" * 150 + b"\n",
}


def children() -> set[str]:
    """The processes that this one has started and not waited for."""
    return {
        pid
        for task in Path("/proc/self/task").iterdir()
        for pid in (task / "children").read_text().split()
    }


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    """Ignore what earlier tests have left in this process, such as threads of libraries."""
    left, count, before = threading.active_count() - 1, threading.active_count, children()
    monkeypatch.setattr(threading, "active_count", lambda: count() - left)
    yield
    assert children() <= before


@pytest.fixture
def two(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    made = workers.begin()
    assert made is not None
    yield made
    made.end()


@pytest.mark.parametrize("pack", [True, False])
def test_workers_say_what_a_scan_says(two, pack):
    two.add(list(FILES.items()), pack=pack)
    told = 0
    for path, data in reversed(FILES.items()):
        expected = scan(data, path)
        reply = two.result(path)
        if reply is None:
            continue
        told += 1
        kind = ModuleDecls if isinstance(expected, ModuleDecls) else Finding
        assert reply.kind == (DECLS if kind is ModuleDecls else FINDING)
        assert msgspec.msgpack.decode(reply.data, type=kind) == expected
        assert reply.kept == (as_kept(reply.data) if pack and reply.kind == DECLS else b"")
    assert told >= 4
    assert two.works


def test_files_that_are_asked_for_one_by_one(two):
    for path, data in FILES.items():
        assert not two.has(path)
        two.add([(path, data)], pack=False)
        assert two.has(path)
        two.result(path)
    assert two.works


def test_more_questions_than_a_pipe_holds_and_nobody_who_takes_the_answers(two):
    files = [(f"/p/{n}.py", b"x = %d\n" % n) for n in range(6000)]
    two.add(files, pack=False)
    reply = two.result("/p/5999.py")
    assert reply is not None
    assert msgspec.msgpack.decode(reply.data, type=ModuleDecls) == scan(*reversed(files[-1]))


def test_where_there_is_no_room_they_are_done_without(two, monkeypatch):
    def fail(*_):
        raise OSError("no room")

    monkeypatch.setattr(os, "pwrite", fail)
    two.add([("/p/a.py", b"x = 1\n")], pack=False)
    assert not two.works
    two.dismiss()


def test_there_are_none_beside_threads(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    ended = threading.Event()
    thread = threading.Thread(target=ended.wait)
    thread.start()
    try:
        assert workers.begin() is None
    finally:
        ended.set()
        thread.join()


@pytest.mark.parametrize(
    ("where", "name", "value"),
    [
        (os, "sched_getaffinity", lambda _: {0}),
        (sys, "platform", "darwin"),
        (multiprocessing.current_process(), "_config", {"daemon": True}),
    ],
    ids=["one processor", "another system", "a daemon's process"],
)
def test_there_are_none_where_they_are_of_no_use_or_not_safe(monkeypatch, where, name, value):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(where, name, value)
    assert workers.begin() is None


@pytest.mark.parametrize("missing", ["fork", "memfd_create"])
def test_where_the_system_gives_no_more_nothing_is_left_open(monkeypatch, missing):
    def fail(*_):
        raise OSError("no more")

    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr(os, missing, fail)
    before = len(os.listdir("/proc/self/fd"))
    assert workers.begin() is None
    assert len(os.listdir("/proc/self/fd")) == before


def test_they_begin_early_for_a_build_that_finds_nothing_kept(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(early, "begin", lambda: made.append(1))
    monkeypatch.chdir(tmp_path)
    for arguments in (["check"], ["build", "--watch"], ["build", "--help"], []):
        early.begin_early(arguments)
    assert not made
    early.begin_early(["build"])
    assert len(made) == 1
    (tmp_path / ".arctic-codegen-cache" / "scans").mkdir(parents=True)
    early.begin_early(["build"])
    assert len(made) == 2
    (tmp_path / ".arctic-codegen-cache" / "scans" / ("a" * 16)).touch()
    inside = tmp_path / "inside"
    inside.mkdir()
    monkeypatch.chdir(inside)
    early.begin_early(["build"])
    assert len(made) == 2
    early.begin_early(["build", "--no-cache"])
    assert len(made) == 3


def test_a_program_that_builds_has_no_children_afterwards(tmp_path: Path, monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    monkeypatch.setattr("arctic_codegen.build.loader.ENOUGH", 0)
    (tmp_path / "a.py").write_text(
        "from arctic_codegen import CallbackMixin\nclass T(CallbackMixin):\n"
        "    def step(self) -> None: ...\n    def post_step_callback(self) -> None: ...\n"
    )
    (tmp_path / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["a"]\n')
    begun = []
    original = workers.begin
    monkeypatch.setattr(
        "arctic_codegen.build.loader.begin", lambda: begun.append(original()) or begun[0]
    )
    result = api.build(working_folder=tmp_path)
    assert result.exit_code == 0
    assert begun[0] is not None


def test_values_come_in_turn_and_then_the_end():
    channel = Channel()
    values = ["a" * 300_000, ("/p/\udcff.py", b"\0", True), ()]
    for value in values:
        channel.send(value)
    os.close(channel.sending)
    assert [channel.take() for _ in range(4)] == [*values, None]
    os.close(channel.taking)
    os.close(channel.memory)

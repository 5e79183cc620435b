"""Generated files that are kept by their plans: what is planned as before is not written anew."""

from __future__ import annotations

import zlib

import pytest

from arctic_codegen.build import record as builds
from arctic_codegen.caching import disk, packs, records, results
from arctic_codegen.cli.main import run
from arctic_codegen.emit import format as formatting
from arctic_codegen.emit import render
from arctic_codegen.model.plan import ModulePlan

BASE = """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    def step(self, batch: int) -> int:
        return batch
"""
LEAF = """
from app.base import Trainer

class Trainer{name}(Trainer):
    callbacks = [("pre-step", lambda self, batch: batch + 1)]
"""


@pytest.fixture
def built(tmp_path, monkeypatch):
    """Builds, and tells which modules were rendered, and the output."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "base.py").write_text(BASE)
    for name in "AB":
        (tmp_path / "app" / f"{name.lower()}.py").write_text(LEAF.format(name=name))
    (tmp_path / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["app"]\n')
    monkeypatch.chdir(tmp_path)
    rendered: list[str] = []
    original = render.rendered

    def rendering(plan):
        if isinstance(plan, ModulePlan):
            rendered.append(plan.module)
        return original(plan)

    monkeypatch.setattr(render, "rendered", rendering)

    def build(*arguments):
        rendered.clear()
        assert run(["build", "-q", "--timings", *arguments]) == 0
        files = {path: path.read_bytes() for path in (tmp_path / "generated").rglob("*.*")}
        return sorted(rendered), files

    return build


def test_only_other_plans_are_written(built, tmp_path):
    modules, first = built()
    assert modules == ["app.a", "app.b", "app.base"]
    assert built() == ([], first)
    leaf = tmp_path / "app" / "a.py"
    leaf.write_text(leaf.read_text().replace("+ 1", "+ 2"))
    modules, second = built()
    assert modules == ["app.a"]
    assert built("--no-cache") == (["app.a", "app.b", "app.base"], second)


def forget_the_build(folder):
    for path in (folder / ".arctic-codegen-cache" / "builds").iterdir():
        path.unlink()


def test_another_formatter_writes_all_anew(built, tmp_path, monkeypatch):
    _, first = built()
    forget_the_build(tmp_path)
    monkeypatch.setattr(results, "state_of", lambda rooms, libraries: "another")
    assert built() == (["app.a", "app.b", "app.base"], first)


def test_the_formatter_is_not_started_in_vain(built, tmp_path, monkeypatch):
    _, first = built()
    forget_the_build(tmp_path)
    monkeypatch.setattr(formatting, "formatted", None)
    assert built() == ([], first)


def test_what_is_torn_is_written_anew(built, tmp_path):
    _, first = built()
    (path,) = (tmp_path / ".arctic-codegen-cache" / "texts").glob("*.pack")
    data = path.read_bytes()
    path.write_bytes(data[:-40] + bytes(40))
    forget_the_build(tmp_path)
    _, again = built()
    assert again == first


def poisoned(store, key):
    """A kept text as someone else would have it, where ours stands."""
    place, length, _ = store._packs[0].index[key]
    blob = zlib.compress(store.get(key).replace(b"Compiled", b"Poisoned"), 9)
    assert len(blob) <= length
    return place, blob.ljust(length, b"\0")


@pytest.mark.parametrize("ours", [True, False], ids=["index of ours", "index of theirs"])
def test_texts_that_came_with_a_checkout_do_not_reach_the_output(
    built, tmp_path, monkeypatch, ours
):
    _, first = built()
    folder = tmp_path / ".arctic-codegen-cache" / "texts"
    (path,) = folder.glob("*.pack")
    name = path.name.rpartition("-")[0]
    store = packs.PackStore(str(folder), name)
    blobs = dict(poisoned(store, key) for key in store._packs[0].index)
    if ours:
        with path.open("r+b") as file:
            for place, blob in blobs.items():
                file.seek(place)
                file.write(blob)
    else:
        path.unlink()
        with monkeypatch.context() as elsewhere:
            # There the tool's own file has other times and another inode.
            elsewhere.setattr(disk, "stamp_of", lambda _: (1, 2, 3, 4))
            theirs = packs.PackStore(str(folder), name)
            for key in store._packs[0].index:
                theirs.add(key, store.get(key).replace(b"Compiled", b"Poisoned"))
            theirs.save()
        assert len(list(folder.glob("*.pack"))) == 1
    forget_the_build(tmp_path)
    for one in (tmp_path / "generated").rglob("*.py"):
        one.unlink()
    assert built() == (["app.a", "app.b", "app.base"], first)


def test_a_build_that_came_with_a_checkout_is_not_taken_up(built, tmp_path, monkeypatch):
    _, first = built()
    (path,) = (tmp_path / ".arctic-codegen-cache" / "builds").iterdir()
    data = bytes(records.read_sealed(str(path), builds._MARK))
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(disk, "stamp_of", lambda _: (1, 2, 3, 4))
        records.write_sealed(str(path), builds._MARK, data.replace(b"app.a", b"app.z"))
    assert records.read_sealed(str(path), builds._MARK) is None
    leaf = tmp_path / "app" / "a.py"
    leaf.write_text(leaf.read_text().replace("+ 1", "+ 2"))
    modules, second = built()
    assert modules == ["app.a"]
    assert second.keys() == first.keys()

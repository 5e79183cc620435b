"""Generated files are cached by their plans: an unchanged plan is not rendered again."""

from __future__ import annotations

import zlib

import pytest

from arctic_codegen.build.cache import facts, scans_and_texts, sealed_files
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
    """Build; returns which modules were rendered, and the output."""
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
    monkeypatch.setattr(scans_and_texts, "tool_state", lambda: "another")
    assert built() == (["app.a", "app.b", "app.base"], first)


def test_the_formatter_is_not_started_in_vain(built, tmp_path, monkeypatch):
    _, first = built()
    forget_the_build(tmp_path)
    monkeypatch.setattr(formatting, "formatted", None)
    assert built() == ([], first)


def test_what_is_torn_is_written_anew(built, tmp_path):
    _, first = built()
    (path,) = (tmp_path / ".arctic-codegen-cache" / "texts").iterdir()
    data = path.read_bytes()
    path.write_bytes(data[:-40] + bytes(40))
    forget_the_build(tmp_path)
    _, again = built()
    assert again == first


@pytest.mark.parametrize("ours", [True, False], ids=["our seal", "their seal"])
def test_texts_that_came_with_a_checkout_do_not_reach_the_output(
    built, tmp_path, monkeypatch, ours
):
    _, first = built()
    (path,) = (tmp_path / ".arctic-codegen-cache" / "texts").iterdir()
    sealed = path.read_bytes()
    kept = sealed_files.read(str(path))
    poisoned = {
        key: scans_and_texts.packed(zlib.decompress(blob).replace(b"Compiled", b"Poisoned"))
        for key, blob in kept.items()
    }
    with monkeypatch.context() as elsewhere:
        # Another installation has other times and another inode.
        elsewhere.setattr(facts, "stamp_of", lambda _: (1, 2, 3, 4))
        sealed_files.write(str(path), poisoned)
    if ours:
        head = len(sealed_files._MARK) + facts.SEAL_SIZE
        path.write_bytes(sealed[:head] + path.read_bytes()[head:])
    forget_the_build(tmp_path)
    for one in (tmp_path / "generated").rglob("*.py"):
        one.unlink()
    assert built() == (["app.a", "app.b", "app.base"], first)


def test_a_build_that_came_with_a_checkout_is_not_taken_up(built, tmp_path, monkeypatch):
    _, first = built()
    (path,) = (tmp_path / ".arctic-codegen-cache" / "builds").iterdir()
    data = sealed_files.read(str(path))
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr(facts, "stamp_of", lambda _: (1, 2, 3, 4))
        sealed_files.write(str(path), data.replace(b"app.a", b"app.z"))
    assert sealed_files.read(str(path)) is None
    leaf = tmp_path / "app" / "a.py"
    leaf.write_text(leaf.read_text().replace("+ 1", "+ 2"))
    modules, second = built()
    assert modules == ["app.a"]
    assert second.keys() == first.keys()

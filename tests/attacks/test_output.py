"""No string of a source becomes code, and no path leads a write out of the output folder."""

from __future__ import annotations

import ast
import os

import pytest

SOURCE = """from arctic_codegen import CallbackMixin


class T(CallbackMixin):
    def post_init_callback(self) -> None: ...
"""
STRINGS = (
    '"""\nevil()\n"""',
    "'''\nevil()\n'''",
    '"); evil(); ("',
    "\\",
    "\\\nevil()",
    "a\x0cevil()",
    "a\u2028evil()",
    "x\revil()",
    "{{ evil() }}{% if evil() %}",
    "# fmt: on\nevil()",
    "]]; evil()",
)
MODULE = """
from typing import Any
from arctic_codegen import CallbackMixin

class Keyed(CallbackMixin):
    def __init_subclass__(cls, key: str = "", **more: Any) -> None: ...

class Trainer(Keyed, key={text!r}):
    name = {text!r}
    {text!r}

    def step(self, a: {text!r} = {text!r}, *, b: "Any" = {text!r}) -> {text!r}:  # type: ignore
        {text!r}
        return a

    def pre_step_callback(self, a):
        return a

    callbacks = [
        ("post-step", lambda self, value: value + {text!r}),
        ("post-step", lambda self, value, text={text!r}: value),
    ][:1]
"""


def test_strings_stay_strings(hostile):
    files = {f"app/m{n}.py": MODULE.format(text=text) for n, text in enumerate(STRINGS)}
    p = hostile(files)
    ended = p.build()
    assert ended.code == 0, ended.stdout + ended.stderr
    made = sorted((p.root / "generated").rglob("*.py"))
    assert len(made) >= len(files)
    for path in made:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.Name) and node.id == "evil"), path
    assert ended.stdout.count("\n") == ended.stdout.count("[AC")


NAMES = ("a b", "a-b", "a;evil()", 'a"b', "a'b", "a\nb", "a.b", "class")


@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_none_are_not_written(hostile, name):
    p = hostile({f"app/{name}.py": SOURCE, f"app/{name} /x.py": SOURCE})
    ended = p.build()
    assert ended.code == 1
    assert {one.code for one in ended.findings} == {"AC012"}
    assert not (p.root / "generated").exists()


@pytest.mark.parametrize("what", ["folder", "dangling", "file", "lock", "package"])
def test_links_in_the_output_lead_nowhere(hostile, tmp_path, what):
    p = hostile({"app/main.py": SOURCE})
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "main.py").write_text("mine")
    (outside / "arctic-codegen.lock").write_text("{}")
    output = p.root / "generated"
    output.mkdir()
    if what == "folder":
        (output / "app").symlink_to(outside, target_is_directory=True)
    elif what == "dangling":
        (output / "app").symlink_to(outside / "new", target_is_directory=True)
    elif what == "file":
        (output / "app").mkdir()
        (output / "app" / "main.py").symlink_to(outside / "main.py")
    elif what == "lock":
        (output / "arctic-codegen.lock").symlink_to(outside / "arctic-codegen.lock")
    else:
        (output / "__init__.py").symlink_to(outside / "fresh.py")
    ended = p.build()
    assert ended.code == 1
    assert {one.code for one in ended.findings} == {"AC601"}
    assert sorted(os.listdir(outside)) == ["arctic-codegen.lock", "main.py"]
    assert (outside / "main.py").read_text() == "mine"
    assert (outside / "arctic-codegen.lock").read_text() == "{}"


def test_names_that_differ_in_case_alone_are_told(hostile):
    p = hostile({"app/main.py": SOURCE, "app/Main.py": SOURCE})
    if len(os.listdir(p.root / "app")) < 3:
        pytest.skip("case does not count on this disk")
    ended = p.build()
    assert {one.code for one in ended.findings} == {"AC602"}
    assert not (p.root / "generated" / "app").exists()

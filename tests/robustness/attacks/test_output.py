"""No string of a source becomes code, and no path makes a build write outside its output."""

from __future__ import annotations

import ast
import os

import pytest

from tests.robustness.reliability.record import attacked

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

    callbacks = [("post-step", lambda self, value: value + {text!r})]
    others = [("post-step", lambda self, value, text={text!r}: value)]
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
    attacked("strings", len(STRINGS) * MODULE.count("{text!r}"))


NAMES = ("a b", "a-b", "a;evil()", 'a"b', "a'b", "a\nb", "a.b", "class")


@pytest.mark.parametrize("name", NAMES)
def test_names_that_are_none_are_not_written(hostile, name):
    p = hostile({f"app/{name}.py": SOURCE, f"app/{name} /x.py": SOURCE})
    ended = p.build()
    assert ended.code == 1
    assert {one.code for one in ended.findings} == {"AC012"}
    assert not (p.root / "generated").exists()
    attacked("names")


@pytest.mark.parametrize("what", ["folder", "empty", "dangling", "file", "lock", "package"])
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
    elif what == "empty":
        (tmp_path / "empty").mkdir()
        (output / "app").symlink_to(tmp_path / "empty", target_is_directory=True)
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
    assert what != "empty" or os.listdir(tmp_path / "empty") == []
    assert (outside / "main.py").read_text() == "mine"
    assert (outside / "arctic-codegen.lock").read_text() == "{}"
    attacked("out")


RESERVED = ("aux", "con", "NUL", "com1", "lpt9")


@pytest.mark.parametrize("name", RESERVED)
def test_names_that_windows_reserves_are_told(hostile, name):
    """On Windows `aux.py` is a device in any folder; elsewhere it is an ordinary file."""
    p = hostile({f"app/{name}.py": SOURCE, f"{name}/__init__.py": "", f"{name}/x.py": SOURCE})
    ended = p.cli("build", "app", name, "--format", "concise")
    assert {(one.severity, one.code) for one in ended.findings} == {("warning", "AC607")}
    assert len(ended.findings) == 2
    assert ended.code == 0
    assert p.cli("build", "--strict", "app").code == 1
    attacked("names")


LINES = (
    "a\n::error title=x::owned", "a\r::error::owned", "a%0A::error::owned", "a\x1b[31mred",
    "a\u2028::error::owned", "a\u202etxt", "a\x07", "*/ evil() /*", "-->", "a\x85::error::owned",
)  # fmt: skip


@pytest.mark.parametrize("form", ["concise", "full", "github", "json", "sarif"])
def test_names_are_no_lines_of_a_report(hostile, form):
    """A folder may have any name: no report contains a line, a command or a colour from it."""
    bad = SOURCE.replace("post_init", "post_nothing")
    files = {f"app/{name.replace('/', chr(0x2215))}/x.py": bad for name in LINES}
    strings = "".join(f"    callbacks.append(('post-' + {name!r}, print))\n" for name in LINES)
    files["app/main.py"] = f"{SOURCE}    callbacks = []\n{strings}"
    p = hostile(files)
    ended = p.cli("build", "--format", form)
    assert ended.code == 1
    for text in (ended.stdout, ended.stderr):
        for line in text.splitlines():
            assert not line.startswith(("::error title=x", "::error::"))
        assert not any(one in text for one in "\x1b\x07\u202e\u2028\x85\r"), form
    if form == "concise":
        assert ended.stdout.count("\n") == ended.stdout.count("[AC")
    if form == "github":
        assert all(line.startswith("::") for line in ended.stdout.splitlines())
        assert ended.stdout.count("\n::") == ended.stdout.count("title=arctic-codegen") - 1
    attacked("names", len(LINES))


def test_names_that_differ_in_case_alone_are_told(hostile):
    p = hostile({"app/main.py": SOURCE, "app/Main.py": SOURCE})
    if len(os.listdir(p.root / "app")) < 3:
        pytest.skip("case does not count on this disk")
    ended = p.build()
    assert {one.code for one in ended.findings} == {"AC602"}
    assert not (p.root / "generated" / "app").exists()
    attacked("out")

"""Which files are not parsed, as seen from the command line."""

from __future__ import annotations

import sys

import pytest

from arctic_codegen import api
from arctic_codegen.build.relevance import syntax
from arctic_codegen.build.relevance.texts import packages_mentioned, searchable
from tests.harness import write_files

HOST = """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    callbacks = [("pre-step", lambda self, x: x)]
    def step(self, x: int) -> int:
        return x
"""
PLAIN = """
import os
import json as j
from typing import Any

class Settings:
    size = 3

    def read(self) -> Any:
        return j.loads(os.environ["SETTINGS"])
"""


def config(*sources, **settings):
    lines = [
        f"sources = {[*sources]!r}",
        *(f"{key} = {value!r}" for key, value in settings.items()),
    ]
    return "[tool.arctic-codegen]\n" + "\n".join(lines).replace("'", '"') + "\n"


def parsed(folder):
    built = api.build(working_folder=folder, use_cache=False)
    assert built.complete, built.findings
    return dict(built.counts)["files parsed"], built.classes


def test_only_what_can_matter_is_parsed(tmp_path):
    plain = {f"app/plain{n}.py": PLAIN for n in range(30)}
    write_files(tmp_path, {"app/host.py": HOST, **plain, "pyproject.toml": config("app")})
    mixin = 2  # the package that contains it, and the module
    files, classes = parsed(tmp_path)
    assert classes == 1
    assert files <= 1 + mixin


def test_timings_tell_how_many(folder, cli):
    plain = {f"app/plain{n}.py": PLAIN for n in range(30)}
    write_files(folder, {"app/host.py": HOST, **plain, "pyproject.toml": config("app")})
    assert "   30    files skipped\n" in cli("build", "--timings").err
    write_files(folder, {"app/host.py": HOST + "# edited\n"})
    assert "   30    files skipped\n" in cli("build", "--timings").err


MATTERS = {
    "renamed": {
        "app/names.py": "from app.host import Trainer as Hidden\n",
        "app/mine.py": "from app.names import Hidden\nclass Mine(Hidden): pass\n",
    },
    "assigned": {
        "app/names.py": "import app.host\n(Hidden) = [Other, app.host.Trainer][1]\n"
        "Hidden = app.host.Trainer\n",
        "app/mine.py": "from app.names import Hidden\nclass Mine(Hidden): pass\n",
    },
    "gathered by a star": {
        "app/names.py": "from app.host import *\n",
        "app/mine.py": "from app.names import *\nclass Mine(Trainer): pass\n",
    },
    "through a package": {
        "app/__init__.py": "from . import host as h\n",
        "app/mine.py": "import app\nclass Mine(app.h.Trainer): pass\n",
    },
    "in a header of several lines": {
        "app/mine.py": "import app.host as h\nclass Mine \\\n  (\n  # a ) comment\n  h . \\\n  "
        "Trainer,\n): pass\n",
    },
    "an import of several lines": {
        "app/mine.py": "from app \\\n  . host \\\n  import (  # all of ) it\n  Trainer \\\n  as "
        "T,\n)\nclass Mine(T): pass\n",
    },
    "an attribute of a class": {
        "app/names.py": "from app.host import Trainer\nclass Bases:\n    first = Trainer\n",
        "app/mine.py": "from app.names import Bases\nclass Mine(Bases.first): pass\n",
    },
    "bound in an expression": {
        "app/names.py": "from app import host\nif (Hidden := host.Trainer): pass\n",
        "app/mine.py": "from app.names import Hidden\nclass Mine(Hidden): pass\n",
    },
    "another form of the letters": {
        "app/mine.py": "from app.host import \N{FULLWIDTH LATIN CAPITAL LETTER T}rainer\n"
        "class Mine(\N{MATHEMATICAL BOLD CAPITAL T}rainer): pass\n",
    },
    "a byte order mark and lone returns": {
        "app/mine.py": "\N{ZERO WIDTH NO-BREAK SPACE}import os\rfrom app.host import Trainer\r"
        "class Mine(Trainer): pass\r",
    },
    "from a module that is no source": {
        "beside.py": "from app.host import Trainer\nHidden = Trainer\n",
        "app/mine.py": "import beside\nclass Mine(beside.Hidden): pass\n",
    },
    "a star from a module that is no source": {
        "beside.py": "from app.host import Trainer as Hidden\n",
        "app/names.py": "from beside import *\n",
        "app/mine.py": "from app import names\nclass Mine(names.Hidden): pass\n",
    },
}


@pytest.mark.parametrize("way", MATTERS)
def test_a_host_class_is_found(tmp_path, way):
    plain = {f"app/plain{n}.py": PLAIN for n in range(5)}
    files = {"app/host.py": HOST, **plain, "pyproject.toml": config("app"), **MATTERS[way]}
    write_files(tmp_path, files)
    count, classes = parsed(tmp_path)
    assert classes == 2
    assert count < len(files)


@pytest.mark.parametrize("enough", [10**9, 100], ids=["Python's own parser", "ruff"])
@pytest.mark.parametrize(
    "mistake, code",
    [
        ("def f(:\n", "AC001"),
        ("x = '''\n", "AC001"),
        ("if 1:\nx = 2\n", "AC001"),
        ("x = 1\0\n", "AC001"),
        ("# coding: no-such-thing\n", "AC003"),
        ("match x:\n    case 1: pass\ntype X = int\nclass A[T]: pass\n", None),
        ("return 1\n", None),
        ("# ruff: noqa\nx = (\n", "AC001"),
    ],
)
def test_mistakes_are_told_all_the_same(folder, cli, monkeypatch, mistake, code, enough):
    monkeypatch.setattr(syntax, "ENOUGH", enough)
    if enough == 100 and code != "AC003" and "\0" not in mistake:
        # Python's own parser is not used if ruff has answered.
        monkeypatch.setattr(syntax, "syntax_tree", lambda data: pytest.fail("parsed"))
    text = mistake + PLAIN + "\n" * 200 if "coding" in mistake else PLAIN + "\n" * 200 + mistake
    write_files(
        folder, {"app/host.py": HOST, "app/plain.py": text, "pyproject.toml": config("app")}
    )
    done = cli("build")
    if code is None:
        assert done.code == 0, done.out + done.err
    else:
        assert done.code == 1
        assert f"error[{code}]" in done.out
        assert "app/plain.py:" in done.out
        assert not (folder / "generated").exists()


def test_a_file_that_cannot_be_decoded_is_told(folder, cli):
    write_files(folder, {"app/host.py": HOST, "pyproject.toml": config("app")})
    (folder / "app" / "plain.py").write_bytes(b"x = 1\ny = '\xff'\n")
    done = cli("build")
    assert done.code == 1
    assert "error[AC003]" in done.out
    assert "app/plain.py:2:" in done.out


@pytest.mark.parametrize(
    "metadata, classes",
    [
        (None, 2),
        ("Requires-Dist: arctic-codegen (>=0.1)\n", 2),
        ("Requires-Dist: Middle_Lib\n", 2),
        ("Requires-Dist: numpy\n", 1),
    ],
    ids=["of no distribution", "requires it", "through another one", "requires another"],
)
def test_host_classes_of_an_installed_package(tmp_path, monkeypatch, metadata, classes):
    site = tmp_path / "site"
    write_files(site, {"hostlib/__init__.py": "from hostlib.deep import Base\n"})
    write_files(site, {"hostlib/deep.py": HOST.replace("Trainer", "Base")})
    if metadata is not None:
        write_files(site, {"hostlib-1.0.dist-info/METADATA": f"Name: hostlib\n{metadata}\n"})
        write_files(site, {"middle_lib-2.dist-info/METADATA": "Requires-Dist: arctic.codegen[x]\n"})
    monkeypatch.setattr(sys, "path", [*sys.path, str(site)])
    project = tmp_path / "project"
    mine = "import hostlib\nclass Mine(hostlib.Base): pass\n"
    write_files(project, {"app/host.py": HOST, "other/mine.py": mine})
    write_files(project, {"pyproject.toml": config("app", "other")})
    assert parsed(project)[1] == classes


@pytest.mark.parametrize(
    "text, packages",
    [
        ("import a.b.c", {"a"}),
        ("import a . b, c as d", {"a", "c", "as", "d"}),
        ("from a.b import c, d", {"a"}),
        ("from . import c", set()),
        ("from .a import c", set()),
        ("from a \\\n  .b \\\r\n import c", {"a"}),
        ("import \\\n  a, \\\n b", {"a", "b"}),
        ("x = 1; import a; from b import c", {"a", "b"}),
        ("if x: import a", {"a"}),
        ("from a import(b)", {"a"}),
        ("from a import*", {"a"}),
        ("\timport\ta\r\x0cimport b", {"a", "b"}),
        ("import_a = important", set()),
    ],
)
def test_packages_mentioned(text, packages):
    found = packages_mentioned(text.encode())
    assert packages - {"as", "d"} <= found <= packages


def test_words_of_other_letters():
    data = "import \N{MATHEMATICAL BOLD SMALL A}rctic_codegen".encode()
    text = searchable(data)
    assert text is not None
    assert packages_mentioned(text) >= {"arctic_codegen"}
    assert searchable(b"x = 1\0") is None
    assert searchable(b"# coding: latin-1\nx = '\xe9'") is None
    assert searchable(b"\xff") is None


def test_explain_speaks_of_mistakes_elsewhere(folder, cli):
    write_files(folder, {"app/host.py": HOST, "app/plain.py": "x = (\n"})
    write_files(folder, {"pyproject.toml": config("app")})
    done = cli("explain", "app.host:Trainer")
    assert "1 finding elsewhere: `arctic-codegen build` reports all\n" in done.err
    write_files(folder, {"app/other.py": "y = [\n"})
    assert "2 findings elsewhere" in cli("explain", "app.host:Trainer").err

"""R3: modules are found in the same files as by Python's import system."""

from __future__ import annotations

import importlib.machinery
import importlib.util
import json
import subprocess
import sys

import pytest

from arctic_codegen.discover.finder import Finder, module_name
from arctic_codegen.discover.interpreter import SearchPath, own_search_path
from arctic_codegen.discover.trees import DiskTree, MemoryTree
from tests.harness import write_files

SUFFIXES = tuple(importlib.machinery.EXTENSION_SUFFIXES)
SO = SUFFIXES[0]


def finder(files, roots=("/p",), folders=("/lib", "/site"), builtin=("sys",)):
    tree = MemoryTree(dict.fromkeys(files, ""))
    return Finder(tree, roots, SearchPath(folders, frozenset(builtin), SUFFIXES))


def what(found):
    return found.kind, found.path, found.is_package, found.installed


def test_packages_come_before_modules_and_extensions_before_sources():
    found = finder(
        ["/p/a/__init__.py", "/p/a.py", f"/p/b{SO}", "/p/b.py", "/p/b/data.txt", "/p/c.pyc"]
    ).find
    assert what(found("a")) == ("source", "/p/a/__init__.py", True, False)
    assert what(found("b")) == ("opaque", f"/p/b{SO}", False, False)
    assert what(found("c")) == ("opaque", "/p/c.pyc", False, False)
    assert what(found("d"))[0] == "missing"


def test_the_first_entry_wins_and_namespaces_come_last():
    found = finder(["/p/a/x.py", "/lib/a.py", "/p/b.py", "/site/b/__init__.py"]).find
    assert what(found("a")) == ("source", "/lib/a.py", False, True)
    assert what(found("b")) == ("source", "/p/b.py", False, False)


def test_namespace_packages_span_entries():
    found = finder(["/p/ns/one.py", "/site/ns/two.py", "/site/ns/deep/three.py"])
    assert what(found.find("ns")) == ("namespace", None, True, False)
    assert what(found.find("ns.one")) == ("source", "/p/ns/one.py", False, False)
    assert what(found.find("ns.two")) == ("source", "/site/ns/two.py", False, True)
    assert what(found.find("ns.deep.three"))[0] == "source"
    assert found.submodules("ns") == ("ns.deep", "ns.one", "ns.two")
    assert what(finder(["/site/ns/two.py"]).find("ns")) == ("namespace", None, True, True)


def test_a_package_hides_the_rest_of_its_name():
    found = finder(["/p/a/__init__.py", "/site/a/b.py", "/p/m.py", "/p/m/x.py"]).find
    assert found("a.b").kind == "missing"
    assert found("m.x").kind == "missing"


def test_an_extension_can_be_a_package():
    found = finder([f"/site/a/__init__{SO}", "/site/a/b.py"]).find
    assert what(found("a")) == ("opaque", f"/site/a/__init__{SO}", True, True)
    assert found("a.b").kind == "source"


def test_built_in_and_frozen_modules_cannot_be_shadowed():
    found = finder(["/p/sys.py", "/p/os.py", "/lib/os.py", "/p/logging.py", "/lib/logging.py"]).find
    assert what(found("sys")) == ("opaque", None, False, True)
    assert found("os").path == "/lib/os.py"
    assert found("logging").path == "/p/logging.py"


def test_a_library_in_an_archive_exists():
    assert finder([]).find("json").kind == "opaque"
    assert finder(["/lib/os.py"]).find("json").kind == "missing"


@pytest.mark.parametrize("name", ["", ".", "a.", ".a", "a..b", "a\0", "../a", "a/b"])
def test_odd_names_are_missing(name):
    assert finder(["/p/a.py", "/p/a/b.py"]).find(name).kind == "missing"


def test_submodules_are_modules_only():
    files = ["__init__.py", "a.py", "not-one.py", "b/__init__.py", "c/x.py", "data/x.txt"]
    files += ["__pycache__/a.pyc", ".hidden.py", f"e{SO}", "a.pyi", "README"]
    found = finder([f"/p/pkg/{file}" for file in files])
    assert found.submodules("pkg") == ("pkg.a", "pkg.b", "pkg.c", "pkg.e")
    assert found.submodules("pkg.a") == ()
    assert found.submodules("none") == ()


def test_folders_are_listed_once():
    class Counting(MemoryTree):
        listed: list[str]

        def names(self, folder):
            self.listed.append(folder)
            return super().names(folder)

    tree = Counting({"/p/pkg/__init__.py": "", "/p/pkg/a.py": "", "/p/pkg/b.py": ""})
    tree.listed = []
    found = Finder(tree, ["/p"], SearchPath((), frozenset(), SUFFIXES))
    for name in ("pkg", "pkg.a", "pkg.b", "pkg.c", "x", "y", "pkg"):
        found.find(name)
    assert len(tree.listed) == len(set(tree.listed))


def test_site_packages_inside_the_project_are_installed():
    site = "/p/.venv/lib/python3.11/site-packages"
    found = finder([f"{site}/dep/__init__.py", "/p/mine.py"], folders=(site,))
    assert found.find("dep").installed
    assert not found.find("mine").installed


def test_an_entry_that_is_a_root_is_the_project():
    """An editable install of the project itself is still the project."""
    assert not finder(["/p/mine.py"], folders=("/p",)).find("mine").installed


REAL = ["json", "json.decoder", "email.mime.text", "os", "abc", "xml", "_ctypes", "click.core"]


@pytest.mark.parametrize("name", [*REAL, "no_such_module", "json.no_such_module", "libcst.native"])
def test_the_import_system_agrees(name):
    """The oracle: the running interpreter itself, with parents imported."""
    found = Finder(DiskTree(), [], own_search_path(DiskTree())).find(name)
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    if spec is None:
        assert found.kind == "missing"
    elif spec.origin in ("built-in", "frozen"):
        assert found.kind in ("opaque", "source")
    elif spec.origin.endswith(".py"):
        assert (found.kind, found.path) == ("source", spec.origin)
        assert found.is_package is (spec.submodule_search_locations is not None)
    else:
        assert (found.kind, found.path) == ("opaque", spec.origin)


MADE_UP = [
    "one/ns/a.py",
    "two/ns/b.py",
    "two/ns/__init__x.py",
    "one/pkg/x.py",
    "two/pkg/__init__.py",
    "two/pkg/y.py",
    "one/mod.py",
    "two/mod/__init__.py",
    "one/both.py",
    "one/both/__init__.py",
    "one/only/deep/er/z.py",
    "two/only/deep/w.py",
    f"one/native{SO}",
    "one/native.py",
    "one/class/if.py",
    "one/é.py",
]
NAMES = ["ns", "ns.a", "ns.b", "ns.c", "pkg", "pkg.x", "pkg.y", "mod", "both", "only", "only.deep"]
NAMES += ["only.deep.er.z", "only.deep.w", "no", "no.no", "mod.x", "native", "class.if", "é"]
ORACLE = """
import importlib.util, json, sys
entries, names = json.loads(sys.argv[1])
sys.path += entries
answers = {}
for name in names:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        spec = None
    places = spec and spec.submodule_search_locations
    answers[name] = spec and [spec.origin, None if places is None else list(places)]
print(json.dumps(answers))
"""


def test_the_import_system_agrees_on_a_made_up_path(tmp_path):
    write_files(tmp_path, dict.fromkeys(MADE_UP, ""))
    entries = [str(tmp_path / "one"), str(tmp_path / "two")]
    found = Finder(DiskTree(), entries, SearchPath((), frozenset(), SUFFIXES))
    command = [sys.executable, "-I", "-B", "-c", ORACLE, json.dumps([entries, NAMES])]
    answers = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
    for name, answer in answers.items():
        ours = found.find(name)
        if answer is None:
            assert ours.kind == "missing", name
            continue
        origin, places = answer
        assert ours.path == origin, name
        assert ours.is_package is (places is not None), name
        assert [entry.folder for entry in ours.search] == (places or []), name
    assert sum(answer is None for answer in answers.values()) == 5


@pytest.mark.parametrize(
    "path, name",
    [
        ("/p/a.py", "a"),
        ("/p/a/b/c.py", "a.b.c"),
        ("/p/a/__init__.py", "a"),
        ("/p/src/a.py", "a"),
        ("/p/srcs/a.py", "srcs.a"),
        ("/p/src/__init__.py", None),
        ("/p/not-a/b.py", None),
        ("/p/a/class.py", None),
        ("/p/a/1.py", None),
        ("/q/a.py", None),
        ("/p/a.txt", None),
        ("/p/é.py", "é"),
        ("/p/a/__main__.py", "a.__main__"),
    ],
)
def test_R2_a_file_belongs_to_the_longest_root(path, name):
    assert module_name(path, ["/p", "/p/src"]) == name
    assert module_name(path, ["/p/src", "/p"]) == name

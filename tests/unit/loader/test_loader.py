"""The loader finds, reads and scans each module once, and returns failures as values."""

from __future__ import annotations

import hashlib

from arctic_codegen import scan
from arctic_codegen.build.loader import FileLoader
from arctic_codegen.discover.interpreter import SearchPath
from arctic_codegen.discover.trees import MemoryTree
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import Loader

SEARCH = SearchPath(("/p/.venv/site-packages",), frozenset({"sys"}), (".so",))
FILES = {
    "/p/pkg/__init__.py": "x = 1\n",
    "/p/pkg/bad.py": "x = = 1\n",
    "/p/ns/a.py": "",
    "/p/.venv/site-packages/dep.py": "class A: pass\n",
    "/p/.venv/site-packages/native.so": "",
}


class Counting(MemoryTree):
    def __init__(self, files):
        super().__init__(files)
        self.reads = []

    def read(self, path):
        self.reads.append(path)
        if path.endswith("locked.py"):
            raise PermissionError(13, "Permission denied")
        return super().read(path)


def make(files=FILES, python=None, search=SEARCH):
    tree = Counting(files)
    settings = Settings(
        root="/p",
        output="/p/generated",
        src=("/p",),
        python=python,
        python_version=(3, 11),
        platform="linux",
    )
    return FileLoader(tree, settings, search=search)


def test_modules():
    loader: Loader = make()
    module = loader.module("pkg")
    assert (module.kind, module.is_package, module.installed) == ("source", True, False)
    assert module.file.path == "/p/pkg/__init__.py"
    assert module.file.digest == hashlib.sha256(b"x = 1\n").hexdigest()
    assert module.decls.body[0].targets[0].id == "x"
    assert loader.module("ns").kind == "namespace"
    assert loader.module("sys").kind == "opaque"
    assert loader.module("native").kind == "opaque"
    assert loader.module("none").kind == "missing"
    assert loader.submodules("pkg") == ("pkg.bad",)


def test_site_packages_in_the_project_folder_are_installed():
    assert make().module("dep").installed


def test_a_failure_is_a_value():
    files = {**FILES, "/p/locked.py": "x", "/p/text.py": b"\xff"}
    loader = make(files)
    for name, code in (("pkg.bad", "AC001"), ("locked", "AC002"), ("text", "AC003")):
        module = loader.module(name)
        assert (module.kind, module.decls, module.failure.code) == ("source", None, code)
    assert loader.module("locked").failure.message == "the file cannot be read: Permission denied"
    assert loader.module("locked").file is None


def test_each_file_is_read_and_scanned_once(monkeypatch):
    scanned = []
    original = scan.scan

    def counted(data, path, **more):
        scanned.append(path)
        return original(data, path, **more)

    monkeypatch.setattr(scan, "scan", counted)
    loader = make()
    first = loader.module("pkg")
    assert loader.module("pkg") is first
    loader.module("pkg.bad")
    loader.module("pkg.bad")
    assert scanned == loader.tree.reads == ["/p/pkg/__init__.py", "/p/pkg/bad.py"]
    assert [module.name for module in loader.loaded()] == ["pkg", "pkg.bad"]


def test_R2_an_interpreter_that_is_none_is_a_finding():
    loader = make(python="/no/such/python", search=None)
    assert loader.problem is not None
    assert loader.problem.code == "AC010"
    assert loader.module("sys").kind == "opaque"
    assert make().problem is None

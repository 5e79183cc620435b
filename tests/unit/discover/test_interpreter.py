"""R1, R2: packages of another interpreter are found without running their code."""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from arctic_codegen.discover import interpreter
from arctic_codegen.discover.finder import Finder
from arctic_codegen.discover.interpreter import InterpreterProblem, SearchPath
from arctic_codegen.discover.trees import DiskTree, MemoryTree


def test_path_lines_are_read_as_text():
    tree = MemoryTree(
        {
            "/site/a.pth": "# why\n/elsewhere/src\nimport os; os.abort()\n\n../near\n/nowhere\n",
            "/site/.hidden.pth": "/hidden\n",
            "/site/b.pth": b"\xef\xbb\xbf/bom\r\nimport\tos\n",
            "/site/c.txt": "/text\n",
            "/elsewhere/src/x.py": "",
            "/near/x.py": "",
            "/bom/x.py": "",
            "/hidden/x.py": "",
            "/text/x.py": "",
        }
    )
    assert interpreter.path_lines("/site", tree) == ["/elsewhere/src", "/near", "/bom"]


def test_the_running_one_leaves_out_the_script_folder(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", ["", "/lib/one", "", "/lib/two", "/lib/one"])
    assert interpreter.own_search_path(DiskTree()).folders == ("/lib/one", "/lib/two")
    monkeypatch.setattr(sys, "path", [str(tmp_path), "/lib/one"])
    assert interpreter.own_search_path(DiskTree()).folders == ("/lib/one",)
    monkeypatch.setattr(sys, "argv", ["/tools/bin/arctic-codegen"])
    monkeypatch.setattr(sys, "path", ["/tools/bin", "/lib/one", "/tools/bin"])
    assert interpreter.own_search_path(DiskTree()).folders == ("/lib/one", "/tools/bin")


def test_where_it_is_started_from_makes_no_difference(tmp_path):
    command = (
        "from arctic_codegen.discover.interpreter import own_search_path\n"
        "from arctic_codegen.discover.trees import DiskTree\n"
        "print(own_search_path(DiskTree()).folders)"
    )
    outputs = {
        subprocess.run(
            [sys.executable, *flags, "-c", command], cwd=folder, capture_output=True, check=True
        ).stdout
        for folder in (tmp_path, tmp_path.parent)
        for flags in ([], ["-I"])
    }
    assert len(outputs) == 1


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    folder = tmp_path_factory.mktemp("env")
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv" / "bin" / "python"
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (folder / "editable" / "pkg").mkdir(parents=True)
    (folder / "editable" / "pkg" / "__init__.py").write_text("")
    (site / "__editable__.pkg.pth").write_text(f"{folder / 'editable'}\n")
    (site / "evil.pth").write_text(
        f"import pathlib; pathlib.Path({str(folder)!r}, 'ran').touch()\n"
    )
    (site / "sitecustomize.py").write_text(
        f"import pathlib; pathlib.Path({str(folder)!r}, 'ran').touch()\n"
    )
    (site / "dep.py").write_text("")
    return folder, python, site


def test_R2_another_interpreter(environment):
    folder, python, site = environment
    tree = DiskTree()
    found = interpreter.search_path_of(str(python), tree)
    assert isinstance(found, SearchPath)
    assert str(site) in found.folders
    assert "sys" in found.builtin_names
    finder = Finder(tree, [], found)
    assert finder.find("dep").path == str(site / "dep.py")
    assert finder.find("pkg").path == str(folder / "editable" / "pkg" / "__init__.py")
    assert finder.find("json").kind == "source"
    # The packages of the environment's base Python are not visible.
    assert finder.find("libcst").kind == "missing"
    assert not (folder / "ran").exists()


def test_an_environment_that_sees_the_system(environment):
    folder, python, site = environment
    config = folder / "venv" / "pyvenv.cfg"
    before = config.read_text()
    config.write_text(before.replace("= false", "= true"))
    try:
        found = interpreter.search_path_of(str(python), DiskTree())
    finally:
        config.write_text(before)
    assert isinstance(found, SearchPath)
    sites = [entry for entry in found.folders if entry.endswith(("site-packages", "dist-packages"))]
    assert sites[0] == str(site)
    assert len(sites) > 1


@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="no Python of the system's own")
def test_an_environment_of_the_system_python(tmp_path):
    """Outside of an environment, Debian's Python searches other folders than inside."""
    subprocess.run(["/usr/bin/python3", "-m", "venv", "--without-pip", tmp_path / "v"], check=True)
    (site,) = (tmp_path / "v" / "lib").glob("python3.*/site-packages")
    found = interpreter.search_path_of(str(tmp_path / "v" / "bin" / "python"), DiskTree())
    assert isinstance(found, SearchPath)
    assert str(site) in found.folders


def test_the_same_interpreter_gives_the_same_packages(monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    found = interpreter.search_path_of(sys.executable, DiskTree())
    assert isinstance(found, SearchPath)
    own = [
        entry for entry in interpreter.own_search_path(DiskTree()).folders if os.path.isdir(entry)
    ]
    missing = [entry for entry in own if entry not in found.folders]
    assert [entry for entry in missing if entry.endswith("site-packages")] == []


@pytest.mark.parametrize("python", ["/no/such/python", "/bin/true", "/bin/echo", "/", "a\0b"])
def test_what_is_no_interpreter_is_told(python):
    with pytest.raises(InterpreterProblem) as found:
        interpreter.search_path_of(python, DiskTree())
    assert python in str(found.value)


def test_R3_setuptools_editable_installs_are_read_as_text():
    hook = "import sys\nMAPPING: dict[str, str] = {'pkg': '/away/code/pkg', 'one': '/away/one'}\n"
    tree = MemoryTree(
        {
            "/site/__editable___pkg_1_0_finder.py": hook,
            "/site/__editable___bad_finder.py": "MAPPING = {open('/etc/passwd')}\n",
            "/away/code/pkg/__init__.py": "",
            "/away/code/pkg/sub.py": "",
            "/away/one.py": "",
        }
    )
    mapping = interpreter.editable_packages(["/site"], tree)
    assert mapping == (("pkg", "/away/code/pkg"), ("one", "/away/one"))
    finder = Finder(tree, [], SearchPath(("/site",), frozenset(), (".so",), mapping))
    assert finder.find("pkg").path == "/away/code/pkg/__init__.py"
    assert finder.find("pkg.sub").installed
    assert finder.find("one").path == "/away/one.py"
    assert finder.find("two").kind == "missing"

"""R2, R3: from the entries of ``sources`` to module names."""

from __future__ import annotations

import os

import pytest

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.discover.finder import Finder
from arctic_codegen.discover.interpreter import SearchPath
from arctic_codegen.discover.requested import requested_modules
from arctic_codegen.discover.trees import DiskTree, MemoryTree
from arctic_codegen.discover.walk import Walker
from arctic_codegen.model.settings import Settings

FILES = [
    "/p/my_project/__init__.py",
    "/p/my_project/trainers.py",
    "/p/my_project/data/factories.py",
    "/p/my_project/data/notes.txt",
    "/p/my_project/__pycache__/trainers.py",
    "/p/my_project/.hidden/secret.py",
    "/p/my_project/node_modules/x.py",
    "/p/my_project/env/pyvenv.cfg",
    "/p/my_project/env/lib/dep.py",
    "/p/generated/my_project/trainers.py",
    "/p/my_project/old_output/arctic-codegen.lock",
    "/p/my_project/old_output/my_project/trainers.py",
    "/p/scripts/run.py",
    "/p/top.py",
    "/p/src/other/__init__.py",
    "/p/src/other/mod.py",
    "/lib/os.py",
    "/site/installed/__init__.py",
    "/site/installed/sub/mod.py",
    "/site/installed/sub/not-one.py",
    "/site/single.py",
    "/site/native.pyc",
]
ALL = ["my_project", "my_project.data.factories", "my_project.trainers", "other", "other.mod"]
ALL += ["scripts.run", "top"]


def request(*sources, files=FILES, src=("/p", "/p/src"), places=(), output="/p/generated"):
    contents = files if isinstance(files, dict) else dict.fromkeys(files, "")
    tree = MemoryTree(contents)
    settings = Settings(
        root="/p",
        sources=sources,
        source_places=places,
        output=output,
        src=src,
        python_version=(3, 11),
        platform="linux",
    )
    finder = Finder(tree, src, SearchPath(("/lib", "/site"), frozenset({"sys"}), (".so",)))
    return requested_modules(tree, finder, settings)


@pytest.mark.parametrize(
    "sources, modules",
    [
        (["."], ALL),
        (["my_project"], ALL[:3]),
        (["my_project/"], ALL[:3]),
        (["./my_project/data"], ["my_project.data.factories"]),
        (["my_project/trainers.py"], ["my_project.trainers"]),
        (["my_project.trainers"], ["my_project.trainers"]),
        (["my_project.data"], ["my_project.data.factories"]),
        (["other"], ["other", "other.mod"]),
        (["src"], ["other", "other.mod"]),
        (["/p/src/other/mod.py"], ["other.mod"]),
        (["installed"], ["installed", "installed.sub.mod"]),
        (["installed.sub"], ["installed.sub.mod"]),
        (["single"], ["single"]),
        (["/site/single.py"], ["single"]),
        (["*/trainers.py"], ["my_project.trainers"]),
        (["my_project/*"], ["my_project", "my_project.data.factories", "my_project.trainers"]),
        (["**/*.py"], ALL),
        (["**/mod.py", "t?p.py"], ["other.mod", "top"]),
        (["my_project/[a-t]*.py"], ["my_project.trainers"]),
        (["top.py", "top", "./top.py"], ["top"]),
    ],
)
def test_sources(sources, modules):
    found = request(*sources)
    assert found.findings == ()
    assert list(found.modules) == modules


def test_the_order_of_sources_and_files_makes_no_difference():
    one = request("my_project", "other", "top.py")
    assert one == request("top.py", "other", "my_project", files=FILES[::-1])


@pytest.mark.parametrize(
    "source, hint",
    [
        ("my_projekt", "my_project"),
        ("my_project/trainer.py", "my_project/trainers.py"),
        ("my_project/trainers", "my_project/trainers.py"),
        ("my_project.trainer", "my_project.trainers"),
        ("installd", "installed"),
        ("installed.sub.mode", "installed.sub.mod"),
    ],
)
def test_AC011_has_a_near_match(source, hint):
    place = Place("/p/pyproject.toml", Span(3, 12, 3, 20))
    (finding,) = request(source, places=(place,)).findings
    assert (finding.code, finding.place) == ("AC011", place)
    assert f"'{hint}'" in finding.hint


def test_AC011_of_installed_packages_only_very_similar_ones_are_suggested():
    (finding,) = request("inhaled").findings
    assert finding.hint == "name a file, a folder or a module"


@pytest.mark.parametrize(
    "source, says",
    [
        ("nothing_like_this_anywhere", "is not a file, a folder or a module"),
        ("x y z", "is not a file, a folder or a module"),
        ("sys", "no Python source"),
        ("native", "no Python source"),
        ("my_project/data/notes.txt", "not a Python source file"),
        ("generated", "output folder"),
        ("generated/my_project/trainers.py", "output folder"),
        ("*.none", "matches no Python file"),
        ("generated/**/*.py", "output folder"),
        ("my_project/__pycache__/*.pyc", "matches no Python file"),
        ("my_project/nothing", "is not a file, a folder or a module"),
        ("", "is not a file, a folder or a module"),
    ],
)
def test_AC011(source, says):
    if source == "":
        assert request(source).modules == tuple(ALL)  # The project's own folder.
        return
    found = request(source)
    assert found.modules == ()
    assert [finding.code for finding in found.findings] == ["AC011"]
    assert says in found.findings[0].message


def test_AC011_a_folder_without_python():
    (finding,) = request("docs", files=["/p/docs/index.md", "/p/a.py"]).findings
    assert (finding.code, finding.message) == ("AC011", "the folder 'docs' contains no Python file")


@pytest.mark.parametrize(
    "source, path",
    [
        ("/q/away.py", "/q/away.py"),
        ("/q", "/q"),
        ("not-one/a.py", "/p/not-one/a.py"),
        ("not-one", "/p/not-one"),
        ("class.py", "/p/class.py"),
        ("\ufb01ne.py", "/p/\ufb01ne.py"),
        ("__init__.py", "/p/__init__.py"),
    ],
)
def test_AC012(source, path):
    files = ["/q/away.py", "/p/not-one/a.py", "/p/class.py", "/p/\ufb01ne.py", "/p/__init__.py"]
    found = request(source, files=files)
    assert found.modules == ()
    (finding,) = found.findings
    assert (finding.code, finding.place.path) == ("AC012", path)
    assert finding.hint


def test_AC012_names_the_file_of_a_folder_with_a_right_name():
    (finding,) = request("steps", files=["/p/steps/01.py", "/p/steps/02.py"]).findings
    assert "'steps/01.py' cannot be imported: '01' is not a valid" in finding.message


def test_AC012_in_a_folder_only_for_files_that_matter():
    files = {
        "/p/a.py": "",
        "/p/do-it.py": "print(1)",
        "/p/train-it.py": "from my_project import X\nX.callbacks.append(1)\n",
    }
    found = request(".", files=files)
    assert found.modules == ("a",)
    assert [(each.code, each.place.path) for each in found.findings] == [
        ("AC012", "/p/train-it.py")
    ]


def test_AC012_a_file_that_pythons_own_module_hides():
    (finding,) = request("sys.py", files=["/p/sys.py"]).findings
    assert (finding.code, finding.place.path) == ("AC012", "/p/sys.py")
    assert "is a standard library module" in finding.message


def test_AC014_two_files_with_one_name():
    files = ["/p/one/trainers.py", "/p/two/trainers.py"]
    found = request("one", "two", files=files, src=("/p/one", "/p/two"))
    (finding,) = found.findings
    assert (finding.code, finding.place.path) == ("AC014", "/p/two/trainers.py")
    assert finding.related[0].place.path == "/p/one/trainers.py"


@pytest.mark.parametrize("sources", ["a.py", "."])
def test_AC014_a_module_that_a_package_hides(sources):
    files = dict.fromkeys(["/p/a.py", "/p/a/__init__.py"], "from arctic_codegen import *\n")
    (finding,) = request(sources, files=files).findings
    assert (finding.code, finding.place.path) == ("AC014", "/p/a.py")
    assert finding.related[0].place.path == "/p/a/__init__.py"


def test_AC014_a_file_that_another_root_hides():
    found = request("two/a.py", files=["/p/one/a.py", "/p/two/a.py"], src=("/p/one", "/p/two"))
    assert [each.code for each in found.findings] == ["AC014"]


@pytest.mark.parametrize(
    ("output", "other"),
    [
        ("/p/generated", "/p/generated.py"),
        ("/p/generated", "/p/src/generated/__init__.py"),
        ("/p/generated", "/p/src/generated.py"),
        ("/p/src/pkg/made", "/p/src/pkg/made.py"),
    ],
)
def test_AC014_a_module_that_has_the_name_of_the_output(output, other):
    """One of them would be imported instead of the other."""
    files = ["/p/a.py", other, "/p/src/pkg/__init__.py", f"{output}/__init__.py"]
    (finding,) = request("a.py", files=files, output=output).findings
    assert (finding.code, finding.place.path) == ("AC014", other)


@pytest.mark.parametrize("other", ["/p/src/generated/arctic-codegen.lock", "/lib/generated.py"])
def test_two_outputs_may_have_one_name(other):
    files = ["/p/a.py", other, "/p/src/generated/x/y.py", "/p/generated/__init__.py"]
    assert request("a.py", files=files).findings == ()


def test_walks_end_where_links_lead_back(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "m.py").write_text("")
    (tmp_path / "a" / "b" / "up").symlink_to("..")
    (tmp_path / "a" / "self").symlink_to(".")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "n.py").write_text("")
    (tmp_path / "a" / "linked").symlink_to(tmp_path / "other")
    (tmp_path / "other" / "back").symlink_to(tmp_path / "a")
    walker = Walker(DiskTree(), str(tmp_path / "generated"))
    names = [os.path.relpath(path, tmp_path) for path in walker.files(str(tmp_path / "a"))]
    assert names == ["a/b/m.py", "a/linked/n.py"]
    found = walker.matches(str(tmp_path / "**" / "m.py"))
    assert [os.path.relpath(path, tmp_path) for path in found] == ["a/b/m.py"]


def test_special_files_are_passed_over(tmp_path):
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "a.py").write_text("")
    walker = Walker(DiskTree(), str(tmp_path / "generated"))
    assert walker.files(str(tmp_path)) == (str(tmp_path / "a.py"),)

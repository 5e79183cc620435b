"""Which files ``init`` reads: those that import a mixin, directly or indirectly."""

from __future__ import annotations

import sys

import pytest

from arctic_codegen.build.relevance import relevant_files

HEAVY = "import torch\nfrom transformers import Model\nclass Big(Model): ...\n"
TRAINERS = "from arctic_training import Trainer\nclass A(Trainer): ...\n"

PROJECTS = {
    "by name": ({"a.py": TRAINERS, "b.py": "from a import A\n", "c.py": HEAVY}, "a b"),
    "by module": ({"a.py": TRAINERS, "b.py": "import a as x\nclass B(x.A): ...\n"}, "a b"),
    "own mixin": ({"a.py": "import arctic_codegen as ac\n", "b.py": HEAVY}, "a"),
    "through a third": (
        {"a.py": TRAINERS, "b.py": "from a import *\n", "c.py": "import os, b\n", "d.py": HEAVY},
        "a b c",
    ),
    "package": (
        {"p/__init__.py": "", "p/a.py": TRAINERS, "b.py": "import p\n", "p/c.py": HEAVY},
        "p/a b",
    ),
    "relative": (
        {
            "p/a.py": TRAINERS,
            "p/b.py": "from .a import (\n    A,\n)\n",
            "p/q/c.py": "from ..b import A\n",
            "p/q/d.py": "from .. import other\n",
            "z/e.py": "from . import x\n",
        },
        "p/a p/b p/q/c p/q/d",
    ),
    "over several lines": (
        {"p/a.py": TRAINERS, "b.py": "from p import (  # x\n    z,\n    a,\n)\n"},
        "p/a b",
    ),
    "inside a function": ({"a.py": TRAINERS, "b.py": "def f():\n    from a import A\n"}, "a b"),
    "spoken of alone": ({"a.py": TRAINERS, "b.py": "# see arctic_training\nx = 'a'\n"}, "a"),
    "nothing": ({"a.py": HEAVY}, ""),
}


@pytest.mark.parametrize("name", PROJECTS)
def test_files_that_are_looked_at(name):
    files, expected = PROJECTS[name]
    texts = {f"/project/{path}": text.encode() for path, text in files.items()}
    wanted = {f"/project/{path}.py" for path in expected.split()}
    assert set(relevant_files(texts, "/project/generated")) == wanted


def test_installed_packages_on_a_mixin_count(tmp_path, monkeypatch):
    packages = {
        "our_lib-1.0": ("Requires-Dist: arctic-training>=0.8\n", "ours/__init__.py,,\nx.py,,\n"),
        "by_path-1.0": ("Requires-Dist: Arctic_Codegen\n", "__editable__.by_path.pth,,\n"),
        "optional-2": (
            "Requires-Dist: arctic.training; extra == 'x'\n",
            "optional/__init__.py,,\n",
        ),
        "through-2": ("Requires-Dist: Our.Lib\n", "through/__init__.py,,\n"),
        "other-1.0": ("Requires-Dist: arctic-training-plots\n", "other/__init__.py,,\n"),
        "torch-2.0": ("Requires-Dist: numpy\n", "torch/__init__.py,,\n"),
    }
    site, folder = tmp_path / "site", tmp_path / "folder"
    for name, (metadata, record) in packages.items():
        info = site / f"{name}.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text(metadata)
        (info / "RECORD").write_text(record)
        for line in record.split():
            path = site / line.partition(",")[0]
            path.parent.mkdir(exist_ok=True)
            path.write_text("")
    (folder / "by_path").mkdir(parents=True)
    (folder / "by_path" / "__init__.py").write_text("import arctic_codegen\n")
    monkeypatch.setattr(sys, "path", [*sys.path, str(site), str(folder)])
    modules = ("ours", "x", "by_path", "optional", "through", "other", "torch")
    texts = {f"/p/use_{name}.py": b"import %s.deep\n" % name.encode() for name in modules}
    found = {path.rpartition("use_")[2] for path in relevant_files(texts, "/p/generated")}
    assert found == {"ours.py", "x.py", "by_path.py", "optional.py", "through.py"}

"""Which files ``init`` reads: those that import a mixin, or something that imports one."""

from __future__ import annotations

import pytest

from arctic_codegen.discover import distributions
from arctic_codegen.relevance import relevant_files

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
    texts = {f"/project/{path}": text for path, text in files.items()}
    wanted = {f"/project/{path}.py" for path in expected.split()}
    assert set(relevant_files(texts, [])) == wanted


def test_installed_packages_on_a_mixin_count(tmp_path, monkeypatch):
    monkeypatch.setattr(distributions, "_installed", distributions._installed.__wrapped__)
    monkeypatch.setattr(distributions, "_record", distributions._record.__wrapped__)
    packages = {
        "our_lib-1.0": ("Requires-Dist: arctic-training>=0.8\n", "ours/__init__.py,,\nx.py,,\n"),
        "by_path-1.0": ("Requires-Dist: Arctic_Codegen\n", "__editable__.by_path.pth,,\n"),
        "optional-2": ("Requires-Dist: arctic.training; extra == 'x'\n", "optional/a.py,,\n"),
        "other-1.0": ("Requires-Dist: arctic-training-plots\n", "other/a.py,,\n"),
        "torch-2.0": ("Requires-Dist: numpy\n", "torch/__init__.py,,\n"),
    }  # fmt: skip
    for name, (metadata, record) in packages.items():
        folder = tmp_path / f"{name}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(metadata)
        (folder / "RECORD").write_text(record)
    modules = ("ours", "x", "by_path", "optional", "other", "torch")
    texts = {f"/p/use_{name}.py": f"import {name}.deep\n" for name in modules}
    found = {path.rpartition("use_")[2] for path in relevant_files(texts, [str(tmp_path)])}
    assert found == {"ours.py", "x.py", "by_path.py", "optional.py"}

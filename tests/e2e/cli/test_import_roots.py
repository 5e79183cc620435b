"""R70: `init` derives import roots from the existing imports, and a build works with them."""

from __future__ import annotations

import re

import pytest

BASE = """
from arctic_codegen import CallbackMixin


class Base(CallbackMixin):
    def step(self) -> None:
        print("step")

    def post_step_callback(self) -> None:
        print("base")
"""


def child(imported: str, name: str = "Base") -> str:
    return f"""
{imported}


class Child({name}):
    callbacks = [("post-step", lambda self: print("child"))]
"""


LAYOUTS = {
    # A script, and the modules next to it.
    "scripts": (
        {
            "scripts/train.py": child("import data\nfrom data import Base"),
            "scripts/data.py": BASE,
        },
        [".", "scripts"],
        ["scripts/data.py", "scripts/train.py"],
        "generated.train",
    ),
    "scripts_of_a_package": (
        {
            "tools/scripts/train.py": child("from common.base import Base"),
            "tools/scripts/common/base.py": BASE,
            "tools/__init__.py": "",
        },
        [".", "tools/scripts"],
        ["tools/scripts/common", "tools/scripts/train.py"],
        "generated.train",
    ),
    # The name in the imports of tests counts, not that in the imports of a script.
    "scripts_with_tests": (
        {
            "scripts/train.py": child("from scripts.data import Base"),
            "scripts/data.py": BASE,
            "tests/test_train.py": "from scripts.train import Child\n",
        },
        None,
        ["scripts"],
        "generated.scripts.train",
    ),
    "src": (
        {
            "src/pkg/__init__.py": "",
            "src/pkg/base.py": BASE,
            "src/pkg/child.py": child("from .base import Base"),
            "tests/test_child.py": "from pkg.child import Child\n",
        },
        None,
        ["src/pkg"],
        "generated.pkg.child",
    ),
    # A folder `src` that is a package, with and without an `__init__.py`.
    "src_package": (
        {
            "src/__init__.py": "",
            "src/base.py": BASE,
            "src/child.py": child("from src.base import Base"),
        },
        ["."],
        ["src"],
        "generated.src.child",
    ),
    "src_namespace": (
        {
            "src/base.py": BASE,
            "src/child.py": child("from .base import Base"),
            "train.py": "if True:\n    import os, src.child as child\n",
        },
        ["."],
        ["src"],
        "generated.src.child",
    ),
    "src_of_scripts": (
        {"src/base.py": BASE, "src/child.py": child("from base import Base")},
        None,
        ["src/base.py", "src/child.py"],
        "generated.child",
    ),
    # Packages without `__init__`, whose names only their importers show.
    "tests_say": (
        {
            "python/pkg/base.py": BASE,
            "python/pkg/child.py": child("from .base import Base"),
            "tests/test_child.py": "def test():\n    from pkg.child import Child\n",
        },
        [".", "python"],
        ["python/pkg"],
        "generated.pkg.child",
    ),
    "monorepo": (
        {
            "packages/core/src/core/__init__.py": "",
            "packages/core/src/core/base.py": BASE,
            "packages/app/src/app/__init__.py": "",
            "packages/app/src/app/child.py": child("from core.base import Base"),
        },
        [".", "packages/app/src", "packages/core/src"],
        ["packages/app/src/app", "packages/core/src/core"],
        "generated.app.child",
    ),
    "flat": (
        {
            "pkg/__init__.py": "",
            "pkg/base.py": BASE,
            "pkg/child.py": child("from pkg import base", "base.Base"),
            "conftest.py": "import pkg.child\n",
        },
        None,
        ["pkg"],
        "generated.pkg.child",
    ),
    # The files with callbacks are next to them; only a function is elsewhere.
    "helpers": (
        {
            "training/run.py": """
from arctic_codegen import CallbackMixin
from hooks.log import log


class Child(CallbackMixin):
    callbacks = [("post-step", log)]

    def step(self) -> None:
        print("step")
""",
            "training/hooks/log.py": "def log(trainer):\n    print('log')\n",
        },
        [".", "training"],
        ["training/run.py"],
        "generated.run",
    ),
    # Modules with this name exist in several folders, but not where they are imported from.
    "not_known": (
        {
            "train/run.py": child("from train.base import Base\nif False:\n    import utils"),
            "train/base.py": BASE,
            "one/utils.py": "",
            "two/utils.py": "",
        },
        None,
        ["train"],
        "generated.train.run",
    ),
    # A module of the standard library or of an installed package is not the project's.
    "not_ours": (
        {
            "tools/click/train.py": child("import json, click\nfrom tools.click.base import Base"),
            "tools/click/base.py": BASE,
            "tools/click/json.py": "",
            "other/click/__init__.py": "",
        },
        None,
        ["tools"],
        "generated.tools.click.train",
    ),
}


@pytest.mark.parametrize("name", LAYOUTS)
def test_what_init_writes_builds_and_runs(tmp_path, name):
    from tests.harness import Project

    files, src, sources, module = LAYOUTS[name]
    p = Project(tmp_path, files, "")
    done = p.cli("init")
    assert done.code == 0, done.stderr
    text = (p.root / "pyproject.toml").read_text()
    found = dict(re.findall(r"(\w+) = (.*)", text))
    assert found["sources"] == str(sources).replace("'", '"')
    assert found.get("src") == (None if src is None else str(src).replace("'", '"'))
    built = p.build()
    assert (built.code, built.stdout) == (0, ""), built.stdout
    path = [p.root / "src", *(p.root / one for one in src or [])]
    out = p.python(f"""
        import sys
        sys.path[:0] = {[str(one) for one in path if src != ["."]]}
        from {module} import Child
        Child().step()
    """)
    assert out.split() == (["step", "log"] if name == "helpers" else ["step", "base", "child"])


def test_scripts_of_one_name_keep_longer_ones(folder, write, cli):
    """Their other imports from their own folders have nothing to do with callbacks."""
    text = BASE + "\n\nfrom seeds import seed\n"
    both = {f"{one}__train": text for one in ("sft", "dpo")}
    write(**both, **{f"{one}__seeds": "def seed(): ..." for one in ("sft", "dpo")})
    done = cli("init")
    assert done.code == 0, done.err
    assert 'sources = ["dpo", "sft"]\n' in done.out
    assert "src" not in done.out
    assert cli("build").code == 0
    assert (folder / "generated" / "dpo" / "train.py").exists()


def test_files_that_would_be_one_module_are_for_projects_of_their_own(folder, write, cli):
    both = {f"{one}__train": child("from data import Base") for one in ("sft", "dpo")}
    both |= {f"{one}__data": BASE for one in ("sft", "dpo")}
    write(**both)
    done = cli("init")
    assert done.code == 2
    assert "'dpo/data.py' and 'sft/data.py' would both be the module 'data'" in done.err
    assert not (folder / "pyproject.toml").exists()

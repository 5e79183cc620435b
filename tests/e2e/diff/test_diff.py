"""``diff``: differences between the calls now and at a git revision."""

from __future__ import annotations

import json
import os
import subprocess

import pytest

from tests.harness import Project

CONFIG = """
[tool.arctic-codegen]
sources = ["app"]
"""
FILES = {
    "app/__init__.py": "",
    "app/callbacks.py": """
        def log(trainer: object) -> None:
            print("log")


        def scale(trainer: object, batch: int) -> int:
            return batch * 2


        def clip(trainer: object, batch: int) -> int:
            return min(batch, 3)
    """,
    "app/base.py": """
        from arctic_codegen import CallbackMixin

        from app.callbacks import clip, log, scale


        class Base(CallbackMixin):
            callbacks = [("pre-step", scale), ("pre-step", clip), ("post-step", log)]

            def step(self, batch: int) -> None: ...

            def loss(self) -> float:
                return 1.0

            def post_loss_callback(self, value: float) -> float:
                return value
    """,
    "app/children.py": """
        from app.base import Base
        from app.callbacks import log


        class Child(Base):
            callbacks = [("pre-step", log), ("post-step", lambda self: print("child"))]


        class Other(Base):
            pass
    """,
    ".gitignore": "generated/\nvenv/\n",
}


def git(folder, *arguments):
    subprocess.run(
        ["git", "-c", "user.name=a", "-c", "user.email=a@b", *arguments],
        cwd=folder,
        check=True,
        capture_output=True,
    )


def committed(root, files):
    """A project whose files are committed as the first commit of a repository."""
    p = Project(root, files, CONFIG)
    git(p.root, "init", "-q")
    git(p.root, "add", "-A")
    git(p.root, "commit", "-q", "-m", "first")
    return p


@pytest.fixture
def repository(tmp_path):
    return committed(tmp_path / "repo", FILES)


def change(p, name, old, new):
    path = p.root / "app" / name
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def told(p, *arguments):
    """Class, event, kind of change, name, before, after."""
    ran = p.cli("diff", "--format", "json", *arguments)
    assert ran.code == 0, ran.stdout + ran.stderr
    return [
        (cls["name"], event["event"], one["change"], one["name"], one["before"], one["after"])
        for cls in json.loads(ran.stdout)["classes"]
        for event in cls["events"]
        for one in event["changes"]
    ]


ALL = ("Base", "Child", "Other")
MORE = "step(self, batch: int, *, more: str = 'x')"
APPEND = "Child.callbacks.append(('post-loss', lambda s, v: v))"
SCALE = ("batch: int) -> int:\n    return batch * 2", "batch: int) -> bool:\n    return True")
FIRST, SECOND = '("pre-step", scale)', '("pre-step", clip)'
EDITS = {
    "nothing": ([], []),
    "comments_and_lines": (
        [("base.py", "class Base", "# a comment\n\n\nclass Base")],
        [],
    ),
    "entry_added": (
        [("base.py", '("post-step", log)]', '("post-step", log), ("post-loss", lambda s, v: v)]')],
        [(cls, "post-loss", "added", "app.base.Base.<lambda>", None, 1) for cls in ALL],
    ),
    "entry_removed": (
        [("base.py", '("pre-step", scale), ', "")],
        [(cls, "pre-step", "removed", "app.callbacks.scale", 1, None) for cls in ALL],
    ),
    "entry_moved": (
        [("base.py", f"{FIRST}, {SECOND}", f"{SECOND}, {FIRST}")],
        [(cls, "pre-step", "moved", "app.callbacks.scale", 1, 2) for cls in ALL],
    ),
    "method_added_in_a_child": (
        [("children.py", "    pass", "    def pre_loss_callback(self) -> None: ...")],
        [("Other", "pre-loss", "added", "app.children.Other.pre_loss_callback", None, 1)],
    ),
    "appended_elsewhere": (
        [("children.py", "class Other", f"{APPEND}\n\n\nclass Other")],
        [("Child", "post-loss", "added", "app.children.<lambda>", None, 2)],
    ),
    "callback_renamed": (
        [("callbacks.py", "def clip", "def clipped"), ("base.py", "clip", "clipped")],
        [
            (cls, "pre-step", "declaration", "app.callbacks.clipped",
             "app.callbacks.clip of app.base.Base", "app.callbacks.clipped of app.base.Base")
            for cls in ALL
        ],
    ),
    "body_of_a_lambda": (
        [("children.py", 'print("child")', 'print("other")')],
        [("Child", "post-step", "body", "app.children.Child.<lambda>",
          'print("child")', 'print("other")')],
    ),
    "signature_of_a_callback": (
        [("callbacks.py", "min(batch, 3)", "min(batch, 4)"), ("callbacks.py", *SCALE)],
        [
            (cls, "pre-step", "signature", "app.callbacks.scale",
             "(self: object, batch: int) -> int", "(self: object, batch: int) -> bool")
            for cls in ALL
        ],
    ),
    "signature_of_a_method": (
        [("base.py", "def step(self, batch: int)", f"def {MORE}")],
        [
            (cls, "pre-step", "signature", "app.base.Base.step",
             "(self, batch: int) -> None", "(self, batch: int, *, more: str = 'x') -> None")
            for cls in ALL
        ],
    ),
    "class_added": (
        [("children.py", "class Other", "class New(Base):\n    callbacks = []\n\n\nclass Other")],
        [
            ("New", "post-loss", "added", "app.base.Base.post_loss_callback", None, 1),
            ("New", "pre-step", "added", "app.callbacks.scale", None, 1),
            ("New", "pre-step", "added", "app.callbacks.clip", None, 2),
            ("New", "post-step", "added", "app.callbacks.log", None, 1),
        ],
    ),
    "class_removed": (
        [("children.py", "class Other(Base):\n    pass\n", "")],
        [
            ("Other", "post-loss", "removed", "app.base.Base.post_loss_callback", 1, None),
            ("Other", "pre-step", "removed", "app.callbacks.scale", 1, None),
            ("Other", "pre-step", "removed", "app.callbacks.clip", 2, None),
            ("Other", "post-step", "removed", "app.callbacks.log", 1, None),
        ],
    ),
    "inherited_dropped": (
        [("children.py", "    pass", "    post_loss_callback = None")],
        [("Other", "post-loss", "removed", "app.base.Base.post_loss_callback", 1, None)],
    ),
}  # fmt: skip


def test_exactly_the_edits_are_told(repository):
    p = repository
    for name, (edits, wanted) in EDITS.items():
        for file, old, new in edits:
            change(p, file, old, new)
        assert told(p) == wanted, name
        git(p.root, "checkout", "-q", "--", "app")


def test_a_person_reads_marks_and_places(repository):
    p = repository
    change(p, "base.py", '("pre-step", scale), ("pre-step", clip)', '("pre-step", clip)')
    change(p, "children.py", "    pass", "    def pre_loss_callback(self) -> None: ...")
    ran = p.cli("diff")
    assert ran.code == 0
    assert ran.stdout == (
        "app.base:Base\n"
        "  pre-step:\n"
        "    - 1. app.callbacks.scale\n"
        "\n"
        "app.children:Child\n"
        "  pre-step:\n"
        "    - 1. app.callbacks.scale\n"
        "\n"
        "app.children:Other\n"
        "  pre-loss:\n"
        "    + 1. app.children.Other.pre_loss_callback  app/children.py:10\n"
        "  pre-step:\n"
        "    - 1. app.callbacks.scale\n"
    )
    assert ran.stderr == "3 classes differ from HEAD\n"
    assert p.cli("diff", "--against", "HEAD~0").stdout == ran.stdout


def test_R47_what_stands_around_a_callback_is_a_difference(repository):
    p = repository
    imported = "from arctic_codegen import CallbackMixin"
    change(p, "base.py", imported, f"{imported}, every, optional, rank_zero")
    change(p, "base.py", '("post-step", log)', '("post-step", rank_zero(log))')
    change(p, "base.py", '("pre-step", clip)', '("pre-step", every(10, clip))')
    ran = p.cli("diff")
    assert (
        "! app.callbacks.log  app/callbacks.py:1  was no wrapper, now rank_zero(...)" in ran.stdout
    )
    git(p.root, "commit", "-aqm", "guards")
    change(p, "base.py", "every(10, clip)", "every(20, optional(clip))")
    clip = ("wrappers", "app.callbacks.clip", "every(10, ...)", "every(20, optional(...))")
    assert told(p) == [(cls, "pre-step", *clip) for cls in ALL]


def test_the_configuration_of_the_revision_counts(repository):
    p = repository
    p.write({"pyproject.toml": CONFIG.replace('"app"', '"app/base.py"')})
    assert {(name, kind) for name, _, kind, *_ in told(p)} == {
        ("Child", "removed"),
        ("Other", "removed"),
    }


def test_files_that_git_does_not_have_and_ones_that_it_ignores(repository):
    """A new file does not exist at the revision; an installed package that git ignores does."""
    p = repository
    p.write(
        {
            "app/new.py": """
                from app.base import Base


                class New(Base):
                    pass
            """,
            "venv/lib/tool.py": "def ignored(trainer: object) -> None: ...\n",
            "pyproject.toml": CONFIG + 'src = [".", "venv/lib"]\n',
        }
    )
    change(p, "children.py", "from app.callbacks import log", "from tool import ignored as log")
    names = {(cls, kind, name) for cls, _, kind, name, *_ in told(p)}
    assert ("New", "added", "app.callbacks.clip") in names
    assert ("Child", "declaration", "tool.ignored") in names
    git(p.root, "add", "-A")
    git(p.root, "commit", "-q", "-m", "second")
    assert told(p) == []
    assert ("Child", "declaration", "tool.ignored") in {
        (cls, kind, name) for cls, _, kind, name, *_ in told(p, "--against", "HEAD~1")
    }


def test_links_and_names_of_all_kinds(repository):
    p = repository
    (p.root / "app" / "näme.py").write_bytes((p.root / "app" / "children.py").read_bytes())
    (p.root / "real").mkdir()
    (p.root / "real" / "inner.py").write_bytes((p.root / "app" / "children.py").read_bytes())
    os.symlink("../real", p.root / "app" / "linked")
    git(p.root, "add", "-A")
    git(p.root, "commit", "-q", "-m", "second")
    assert told(p) == []
    (p.root / "real" / "inner.py").write_text("")
    assert {cls for cls, *_ in told(p)} == {"Child", "Other"}


def test_mistakes_at_either_time(repository):
    p = repository
    change(p, "children.py", '"pre-step", log', '"pre-stpe", log')
    ran = p.cli("diff", "--format", "concise")
    assert ran.code == 1
    assert [code for _, _, code in ran.codes] == ["AC201"]
    git(p.root, "commit", "-q", "-a", "-m", "broken")
    git(p.root, "checkout", "-q", "HEAD~1", "--", "app")
    ran = p.cli("diff")
    assert ran.code == 0
    assert "At HEAD the sources have 1 error" in ran.stderr


def test_wrong_use(repository, tmp_path):
    p = repository
    for revision in ("nope", "--output=x", ""):
        ran = p.cli("diff", f"--against={revision}")
        assert ran.code == 2, revision
        assert f"there is no git revision '{revision}'" in ran.stderr
    assert not (p.root / "x").exists()
    outside = Project(tmp_path / "plain", FILES, CONFIG)
    ran = outside.cli("diff", env={"GIT_CEILING_DIRECTORIES": str(tmp_path)})
    assert ran.code == 2
    assert "is not in a git repository" in ran.stderr
    ran = p.cli("diff", env={"PATH": ""})
    assert ran.code == 2
    assert "git cannot be run" in ran.stderr


def test_lambdas_of_one_list_match_those_with_their_wrappers(repository):
    p = repository
    change(
        p,
        "base.py",
        "from arctic_codegen import CallbackMixin",
        "from arctic_codegen import CallbackMixin, every",
    )
    entry = '("post-step", lambda self: print("child"))'
    other = '("post-step", every(2, lambda self: print("second")))'
    change(
        p,
        "children.py",
        "from app.base import",
        "from arctic_codegen import every\nfrom app.base import",
    )
    change(p, "children.py", entry, f"{entry}, {other}")
    git(p.root, "commit", "-aqm", "two lambdas")
    change(p, "children.py", f"{entry}, {other}", other.replace('"second"', '"third"'))
    name = "app.children.Child.<lambda>"
    assert told(p) == [
        ("Child", "post-step", "removed", name, 2, None),
        ("Child", "post-step", "body", name, 'print("second")', 'print("third")'),
    ]
    change(p, "children.py", 'print("third")', '__import__("os")')
    assert told(p)[1:] == [("Child", "post-step", "body", name, 'print("second")', "another")]

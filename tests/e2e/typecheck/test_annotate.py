"""``annotate`` adds the missing annotations of callbacks, and changes nothing else."""

from __future__ import annotations

import codecs
import re
import shutil
from importlib.util import find_spec
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.e2e.typecheck.conftest import CONFIG
from tests.harness import Project

LAX = CONFIG.replace("strict = true", "")

TYPES = """
from dataclasses import dataclass


@dataclass
class Batch:
    size: int
"""
HOSTS = '''
"""Trainers."""
from typing import Optional
import app.types as kinds
from app import logs
from app.types import Batch
from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    callbacks = [("pre-step", logs.log), ("post-loss", logs.keep), ("pre-two", logs.both)]

    def step(self, batch: Batch, more: "Optional[kinds.Batch]" = None) -> None: ...

    def loss(self) -> float:
        return 1.0

    def two(self, a: int, b: list[str]) -> None: ...

    def free(self, x): ...

    def send(self, batch: Batch, kind: "kinds.Batch") -> Batch:
        return batch

    def pre_step_callback(self, more):
        return more

    def post_step_callback(self): print("after")

    def post_loss_callback(
        self,
        value,  # the value
    ):  # -> no
        """Doc: x."""
        return value

    def pre_two_callback(self, b: list[str], a):
        return b, a

    def pre_free_callback(self, x):
        return x

    def pre_send_callback(self, kind):
        return kind

    def post_send_callback(self, value):
        return value


class Child(Trainer):
    callbacks = [("pre-step", logs.child), ("post-step", logs.scaled(3)), ("post-loss", logs.each)]


class Box(CallbackMixin):
    callbacks = [("pre-put", logs.boxed)]

    def put(self, item: "Batch") -> "Box":
        return self

    def post_put_callback(self, box): return box
'''
LOGS = """
from typing import Any


def log(trainer, batch):
    return batch


def keep(trainer, value): return value


def both(trainer, *, b, a):
    return b, a


def child(self):
    print(self)


def scaled(by):
    def inner(trainer):
        print(by, trainer)
    return inner


class Each:
    def __call__(self, trainer, value):
        return value

each = Each()


def boxed(box, item):
    # type: (Any, Any) -> Any
    return item


def unused(trainer, batch):
    return batch
"""
LOGS_AFTER = """
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.main import Child, Trainer
    from app.types import Batch


def log(trainer: "Trainer", batch: "Batch") -> "Batch":
    return batch


def keep(trainer: "Trainer", value: float) -> float: return value


def both(trainer: "Trainer", *, b: list[str], a: int) -> tuple[list[str], int]:
    return b, a


def child(self: "Child") -> None:
    print(self)


def scaled(by):
    def inner(trainer: "Child") -> None:
        print(by, trainer)
    return inner


class Each:
    def __call__(self, trainer: "Child", value: float) -> float:
        return value

each = Each()


def boxed(box, item):
    # type: (Any, Any) -> Any
    return item


def unused(trainer, batch):
    return batch
"""
HOSTS_AFTER = [
    ("(self, more):", '(self, more: "Optional[kinds.Batch]") -> "Optional[kinds.Batch]":'),
    ("callback(self): print", "callback(self) -> None: print"),
    (
        "        value,  # the value\n    ):  #",
        "        value: float,  # the value\n    ) -> float:  #",
    ),
    ("b: list[str], a):", "b: list[str], a: int) -> tuple[list[str], int]:"),
    ("send_callback(self, kind):", "send_callback(self, kind: kinds.Batch) -> kinds.Batch:"),
    ("send_callback(self, value):", "send_callback(self, value: Batch) -> Batch:"),
    ("post_put_callback(self, box):", 'post_put_callback(self, box: "Box") -> "Box":'),
]
FILES = {"app/main.py": HOSTS, "app/logs.py": LOGS, "app/types.py": TYPES}


def after() -> str:
    text = HOSTS.lstrip("\n")
    for old, new in HOSTS_AFTER:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_callbacks_get_the_types_of_their_methods(project):
    p = project(FILES, LAX)
    assert p.build().code == 0
    shown = p.cli("annotate", "--diff")
    assert shown.code == 1
    assert (p.root / "app" / "logs.py").read_text() == LOGS.lstrip("\n")
    assert '+def child(self: "Child") -> None:\n' in shown.stdout
    ran = p.cli("annotate", "--format", "concise")
    assert ran.code == 0, ran.stdout + ran.stderr
    assert "13 callbacks in 2 sources are annotated" in ran.stderr
    text = (p.root / "app" / "main.py").read_text()
    assert text.replace('"Optional[kinds.Batch]"', '"Optional[Batch]"') == after().replace(
        '"Optional[kinds.Batch]"', '"Optional[Batch]"'
    )
    assert (p.root / "app" / "logs.py").read_text() == LOGS_AFTER.lstrip("\n")
    again = p.cli("annotate", "--diff")
    assert (again.code, again.stdout) == (0, "")
    assert again.stderr == "Nothing to annotate\n"
    # The program still runs, and the checkers report nothing.
    assert p.build().code == 0
    p.python(
        "from generated.app.main import Child, Box; from app.types import Batch;"
        "Child().step(Batch(1)); Child().two(1, []); print(Child().loss(), Box().put(Batch(2)))"
    )
    left = p.cli("check", "--strict", "--format", "concise")
    left_alone = [
        (p.root / found.path).read_text().split("\n")[found.line - 1].strip()
        for found in left.findings
        if found.code == "AC413"
    ]
    # The first has a type comment; the second has a parameter without a type in its method.
    assert left_alone == ["def boxed(box, item):", "def pre_free_callback(self, x):"]


def test_only_files_in_the_given_paths_are_edited(project):
    head = "from arctic_codegen import CallbackMixin\n\n\n"
    text = f"{head}class Trainer(CallbackMixin):\n    def step(self, batch: int) -> None: ...\n"
    callback = "\n    def pre_step_callback(self, batch):\n        return batch\n"
    files = {f"app/{name}.py": text + callback for name in ("one", "two", "part/three")}
    p = project({**files, "app/part/__init__.py": ""}, LAX)
    for path, edited in (("app/one.py", "one"), ("app.part", "part/three"), ("app/part", "")):
        shown = p.cli("annotate", "--diff", path)
        assert shown.stdout.count("+++") == bool(edited)
        assert p.cli("annotate", "--format", "concise", path).code == 0
        changed = {name for name in files if p.root.joinpath(name).read_text() != files[name]}
        assert changed == ({f"app/{edited}.py"} if edited else set())
        files.update((name, p.root.joinpath(name).read_text()) for name in changed)


def test_R47_callbacks_inside_wrappers_are_annotated(project):
    text = """
        from functools import partial

        from arctic_codegen import CallbackMixin, every, optional, rank_zero


        @rank_zero
        def look(trainer, value):
            return value


        def scale(trainer, batch, *, by):
            return batch * by


        class Trainer(CallbackMixin):
            callbacks = [
                ("post-loss", look),
                ("pre-step", optional(every(2, partial(scale, by=3)))),
            ]

            def step(self, batch: int) -> None: ...

            def loss(self) -> float:
                return 1.0

            @optional
            @every(10)
            def post_step_callback(self):
                print(self)
    """
    p = project(text, LAX)
    assert p.build().code == 0
    ran = p.cli("annotate")
    assert ran.code == 0, ran.stdout
    found = (p.root / "app" / "main.py").read_text()
    assert 'def look(trainer: "Trainer", value: float) -> float:' in found
    assert 'def scale(trainer: "Trainer", batch: int, *, by) -> int:' in found
    assert "def post_step_callback(self) -> None:" in found


def test_what_comes_to_light_is_reported_by_check(project):
    text = """
        from arctic_codegen import CallbackMixin


        class Trainer(CallbackMixin):
            def loss(self) -> float:
                return 1.0

            def post_loss_callback(self, value):
                return value.item()
    """
    p = project(text, LAX)
    assert p.build().code == 0
    assert p.cli("annotate").code == 0
    assert p.build().code == 0
    ran = p.cli("check", "--sources", "--format", "concise")
    assert ran.code == 1
    assert [(f.path, f.line, f.code) for f in ran.findings] == [("app/main.py", 9, "AC502")]
    assert '"float" has no attribute "item"' in ran.findings[0].message


@pytest.mark.long
def test_a_function_of_several_methods_gets_what_they_agree_on(project):
    text = """
        from __future__ import annotations

        from typing import TYPE_CHECKING, Generic, TypeVar
        from typing_extensions import Self
        from arctic_codegen import CallbackMixin
        if TYPE_CHECKING:
            import decimal

        T = TypeVar("T")


        def log(trainer, value):
            return value


        def own(node, other):
            return other


        class Base(CallbackMixin):
            def loss(self) -> float:
                return 1.0

            def count(self) -> int:
                return 1


        class One(Base):
            callbacks = [("post-loss", log)]


        class Two(Base):
            callbacks = [("post-count", log)]


        class Node(CallbackMixin):
            callbacks = [("pre-join", own)]

            def join(self, other: Self) -> None: ...

            def pre_join_callback(self, other):
                return other

            def post_price_callback(self, value):
                return value

            def price(self) -> decimal.Decimal:
                raise NotImplementedError


        class Box(CallbackMixin, Generic[T]):
            def put(self, item: T) -> None: ...

            def pre_put_callback(self, item):
                return item
    """
    p = project(text, LAX)
    assert p.build().code == 0
    ran = p.cli("annotate")
    assert ran.code == 0, ran.stdout
    found = (p.root / "app" / "main.py").read_text()
    assert "def log(trainer: Base, value):" in found
    assert "def own(node: Node, other):" in found
    assert "def pre_join_callback(self, other: Self) -> Self:" in found
    assert "value: decimal.Decimal) -> decimal.Decimal:" in found
    assert "def pre_put_callback(self, item: T) -> T:" in found
    assert found.count("import") == 5


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "latin-1"])
def test_bytes_around_stay(newline, encoding):
    from arctic_codegen.diagnostics.records import Place, Span
    from arctic_codegen.editing.annotations import Wanted, annotated
    from arctic_codegen.model.text import Ref, Text

    cookie = "# -*- coding: latin-1 -*-\n" if encoding == "latin-1" else "# é\n"
    before = (
        cookie + "'é'; import os\n\f\nx = 'é'; y = 3\nclass A:\n  def cb(self, é, b): return 'é'"
    )
    wanted_text = (
        cookie + "'é'; import os\nfrom typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n"
        "    from other import B\n\f\nx = 'é'; y = 3\nclass A:\n"
        "  def cb(self, é: \"B\", b: int) -> int: return 'é'"
    )

    def data(text: str) -> bytes:
        bom = codecs.BOM_UTF8 if encoding == "utf-8-sig" else b""
        return bom + text.replace("\n", newline).encode(encoding.removesuffix("-sig"))

    number = Text((Ref("builtins", "int", builtin=True),))
    takes = (("é", Text((Ref("other", "B"),))), ("b", number))
    place = Place("/main.py", Span(6, 7, 6, 9))
    wanted = Wanted(place, True, "self", None, takes, number)
    assert annotated(data(before), "main", [wanted]) == (data(wanted_text), 1)


@pytest.mark.long
def test_what_was_stripped_of_the_installed_arctic_training_comes_back(tmp_path):
    """Copies of its own modules with callbacks: only lines with a ``def`` or an import differ."""
    package = Path(find_spec("arctic_training").origin).parent
    copy = tmp_path / "arctic_training"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "pyproject.toml").write_text(
        '[tool.arctic-codegen]\nsources = ["arctic_training"]\nsemantics = "runtime"\n'
    )
    stripped = {}
    for path in sorted(copy.rglob("*.py")):
        text = path.read_text()
        bare = re.sub(r"(def (?:pre|post)_\w+_callback\(self(?:, \w+)?)[^\n]*:\n", r"\1):\n", text)
        if bare != text:
            path.write_text(bare)
            stripped[path] = bare
    assert len(stripped) >= 3
    ran = Project.cli(SimpleNamespace(root=tmp_path), "annotate", "--diff", timeout=600)
    changed = [
        line
        for line in ran.stdout.splitlines()
        if line[:1] in ("+", "-") and line[:3] not in ("+++", "---")
    ]
    assert all(re.match("-(?:from|import| *def) ", line) for line in changed if line[0] == "-")
    added = "\n".join(line for line in changed if line[0] == "+")
    for name in (
        "post_load_callback(self, dataset: DatasetType) -> DatasetType:",
        "pre_load_callback(self, split: str) -> str:",
    ):
        assert f"def {name}" in added, added
    assert all(path.read_text() == bare for path, bare in stripped.items())

"""``annotate`` on sources without annotations, in all kinds of file formats."""

from __future__ import annotations

import pytest

from tests.e2e.typecheck.real import real_projects
from tests.e2e.typecheck.stripping import (
    NEWLINES,
    SPELLINGS,
    assert_only_annotated,
    callbacks_of,
    strip,
    stripped,
    written,
)

CONFIG = """
[tool.arctic-codegen]
sources = ["app"]

[tool.ruff]
line-length = 320
"""

TYPES = """
from dataclasses import dataclass


@dataclass
class Batch:
    size: int
"""

# One callback of each kind, all with annotations.
MODULE = '''"""Trainers: é."""
import functools
from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Generic, Optional, TypeVar, Union

from app.types import Batch
from arctic_codegen import CallbackMixin, rank_zero

if TYPE_CHECKING:
    from decimal import Decimal

T = TypeVar("T")


def plain(trainer: "Trainer", batch: Batch) -> Batch:
    """Doc: (x) -> é."""
    return Batch(batch.size + 1)


def keywords(trainer: "Trainer", *, b: list[str], a: int) -> tuple[list[str], int]:
    return [*b, "é"], a + 1


def positional(trainer: "Trainer", value: float, /) -> float:  # a: comment -> here
    return value * 2


def bound(by: int, trainer: "Trainer", value: float) -> float:
    return value + by


def bound_later(
    trainer: "Trainer",  # first
    value: float,
    *,
    by: int = (2),
) -> float:
    return value + by


def one_line(trainer: "Trainer") -> None: print("one line"); print("é")


@rank_zero
def decorated(trainer: "Trainer") -> None:
    print("decorated")


def scaled(by: float) -> "Callable[[Trainer, float], float]":
    def inner(trainer: "Trainer", value: float) -> float:
        return value * by

    return inner


class Each:
    def __init__(self, count: int) -> None:
        self.count = count

    def __call__(self, trainer: "Trainer", value: float) -> float:
        return value + self.count

    def method(self, trainer: "Trainer") -> None:
        print("method", self.count)

    @staticmethod
    def static(trainer: "Trainer") -> None:
        print("static")


each = Each(3)


def made(model: "Model", size: int) -> int:
    return size + 1


class Trainer(CallbackMixin):
    callbacks = [
        ("pre-step", plain),
        ("pre-two", keywords),
        ("post-loss", positional),
        ("post-loss", functools.partial(bound, 1)),
        ("post-loss", functools.partial(bound_later, by=5)),
        ("post-step", one_line),
        ("post-step", decorated),
        ("post-loss", scaled(2.0)),
        ("post-loss", Each(1)),
        ("post-step", each.method),
        ("post-step", Each.static),
    ]

    def step(self, batch: Batch, more: "Optional[Batch]" = None) -> None:
        print("step", batch, more)

    def loss(self) -> float:
        return 1.0

    def two(self, a: int, b: list[str]) -> Union[int, str]:
        return a

    async def later(self, what: str) -> str:
        return what

    def items(self, up_to: int) -> Iterator[int]:
        yield from range(up_to)

    def price(self) -> "Decimal":
        from decimal import Decimal

        return Decimal(1)

    def pre_step_callback(self, more: "Optional[Batch]") -> "Optional[Batch]": return more

    def post_loss_callback(
        self,
        value: float,  # the value: é
    ) -> float:  # -> no
        """Doc: x."""
        return value

    async def pre_later_callback(self, what: str) -> str:
        return what + "!"

    def pre_items_callback(self, up_to: int) -> int:
        return up_to + 1

    def post_price_callback(self, value: "Decimal") -> "Decimal":
        return value + 1


class Child(Trainer):
    def post_two_callback(self, value: Union[int, str]) -> Union[int, str]:
        return value

    def post_loss_callback(self, value: float) -> float:
        return value


class Model(CallbackMixin, Generic[T]):
    callbacks = [("pre-make", made)]

    def make(self, size: int, of: T) -> T:
        return of

    def post_make_callback(self, made: T) -> T:
        return made
'''

PROGRAM = """
import asyncio, importlib, sys
from app.types import Batch
for name in sys.argv[1:]:
    module = importlib.import_module("generated.app." + name)
    child = module.Child()
    child.step(Batch(1))
    print(child.loss(), child.two(1, []), asyncio.run(child.later("é")))
    print(list(child.items(2)), child.price(), module.Model().make(1, "x"))
"""

WAYS = {
    f"{newline}_{spelling}": (newline, spelling) for newline in NEWLINES for spelling in SPELLINGS
}


@pytest.mark.long
@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_however_a_file_is_written_only_annotations_are_new(project, checker):
    p = project({"app/types.py": TYPES, "app/lf.py": MODULE, "main.py": PROGRAM}, CONFIG)
    lines = callbacks_of(p)["app/lf.py"]
    bare, count = stripped(MODULE, lines)
    assert count == len(lines) == 20
    (p.root / "app" / "lf.py").unlink()
    before = {}
    for name, way in WAYS.items():
        path = p.root / "app" / f"{name}.py"
        before[path] = written(bare, *way)
        path.write_bytes(before[path])
    assert p.build().code == 0
    program = f"import runpy, sys; sys.argv[1:] = {list(WAYS)}; runpy.run_path('main.py')"
    printed = p.python(program)

    shown = p.cli("annotate", "--diff")
    assert shown.code == 1, shown.stderr
    assert {path: path.read_bytes() for path in before} == before
    ran = p.cli("annotate", "--format", "concise")
    assert (ran.code, ran.stdout) == (0, ""), ran.stderr
    assert f"{len(lines) * len(WAYS)} callbacks in {len(WAYS)} sources" in ran.stderr
    after = {path: path.read_bytes() for path in before}
    for path in before:
        assert_only_annotated(before[path], after[path])
    # Types of arguments bound by a partial are unknown; all others are restored.
    assert after[p.root / "app" / "lf_plain.py"].decode() == (
        MODULE.replace("def bound(by: int, ", "def bound(by, ")
        .replace("    by: int = (2),", "    by = (2),")
        .replace("made: T) -> T", 'made: "T") -> "T"')
        .replace(
            "value: Union[int, str]) -> Union[int, str]",
            'value: "Union[int, str]") -> "Union[int, str]"',
        )
    )
    assert p.build().code == 0
    checked = p.cli("check", "--strict", "--checker", checker, "--format", "concise")
    assert (checked.code, checked.stdout) == (0, ""), checked.stderr
    assert p.python(program) == printed
    again = p.cli("annotate")
    assert (again.code, again.stdout, again.stderr) == (0, "", "Nothing to annotate\n")
    assert {path: path.read_bytes() for path in before} == after


@pytest.mark.long
def test_real_projects_get_their_annotations_back(tmp_path):
    p = real_projects(tmp_path)
    before = strip(p)
    assert len(before) >= 15, before
    assert p.build().code == 0
    lines = callbacks_of(p)

    noted = p.cli("check", "--strict", "--format", "concise", timeout=600)
    told = [(found.path, found.line) for found in noted.findings if found.code == "AC413"]
    assert set(told) == {(name, line) for name, found in lines.items() for line in found}

    ran = p.cli("annotate", "--format", "concise", timeout=600)
    after = {path: path.read_bytes() for path in before}
    for path in before:
        assert_only_annotated(before[path], after[path])
    assert f"{len(told)} callbacks in {len(before)} sources are annotated" in ran.stderr
    assert p.build().code == 0
    left = p.cli("check", "--strict", "--format", "concise", timeout=600)
    assert [found for found in left.findings if found.code == "AC413"] == [], left.stdout
    again = p.cli("annotate", "--diff")
    assert (again.stdout, after) == ("", {path: path.read_bytes() for path in before})
    assert again.stderr.startswith("Nothing to annotate")
    # New annotations are evaluated when the classes are created.
    modules = [name[:-3].replace("/", ".") for name in lines if (p.root / name) in before]
    compiled = [
        f"generated.{name}"
        for name in modules
        if (p.root / "generated" / (name.replace(".", "/") + ".py")).exists()
    ]
    p.python("".join(f"import {name}\n" for name in (*modules, *compiled)))

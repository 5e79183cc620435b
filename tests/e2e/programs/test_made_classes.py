"""R28: classes that a metaclass or a base class transforms, by their annotations."""

from __future__ import annotations

from tests.e2e.programs.test_typing import passes_checkers

MADE = """
import dataclasses
from typing import Any, Callable, ClassVar

import msgspec
from pydantic import BaseModel
from typing_extensions import dataclass_transform

from arctic_codegen import CallbackMixin

seen: list[str] = []


def note(obj: object) -> None:
    seen.append(type(obj).__name__)


class Recipe(BaseModel, CallbackMixin):
    callbacks: "ClassVar[list[tuple[str, Callable[..., Any]]]]" = [  # type: ignore[misc]  # pyright: ignore
        ("post-check", note),
    ]
    steps: int
    name: str = "recipe"

    def check(self) -> None:
        pass


class Plain(BaseModel, CallbackMixin):
    callbacks: "ClassVar[list[tuple[str, Callable[..., Any]]]]" = []  # type: ignore[misc]  # pyright: ignore
    steps: int = 1

    def scaled(self, by: int) -> int:
        return self.steps * by

    def pre_scaled_callback(self, by: int) -> int:
        return by + 1


class Job(CallbackMixin, msgspec.Struct):
    name: str
    callbacks = [("post-check", note)]

    def check(self) -> None:
        pass


@dataclass_transform()
class MakesData:
    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        dataclasses.dataclass(cls)


class Layer(MakesData, CallbackMixin):
    width: int
    depth: int = 2
    callbacks = [("post-check", note)]

    def check(self) -> None:
        pass
"""


def test_R28_the_list_is_no_field(project):
    p = project(MADE).built()
    passes_checkers(p)
    out = p.python(
        """
import copy, dataclasses, pickle
import msgspec
from app.main import seen
from generated.app.main import Job, Layer, Plain, Recipe
r = Recipe(steps=3)
r.check(), r.check()
print(r, r.model_dump(), Recipe.model_json_schema()["required"], seen)
same = pickle.loads(pickle.dumps(r))
same.check(), same.check()
print(same == r, seen, len(Recipe.callbacks), Recipe.model_fields.keys())
print(Plain(steps=2).scaled(3), Plain.model_fields.keys(), Plain.callbacks)
seen.clear()
j = Job("a")
j.check()
print(j, msgspec.json.encode(j), copy.copy(j) == j, seen)
l = Layer(3)
l.check()
print(l, dataclasses.asdict(l), pickle.loads(pickle.dumps(l)) == l, seen)
"""
    )
    assert out.splitlines() == [
        "steps=3 name='recipe' {'steps': 3, 'name': 'recipe'} ['steps'] ['Recipe', 'Recipe']",
        "True ['Recipe', 'Recipe', 'Recipe', 'Recipe'] 1 dict_keys(['steps', 'name'])",
        "8 dict_keys(['steps']) []",
        "Job(name='a') b'{\"name\":\"a\"}' True ['Job']",
        "Layer(width=3, depth=2) {'width': 3, 'depth': 2} True ['Job', 'Layer']",
    ]


def test_R32_a_list_that_is_a_class_variable_or_final(project):
    """Linters require a ``ClassVar``, but the mixin's own list is not one."""
    p = project(
        """
from typing import Any, Callable, ClassVar, Final
import typing as t
from arctic_codegen import CallbackMixin

def note(obj: object) -> None:
    print(type(obj).__name__)

def note_with_quite_a_long_name_so_that_no_line_holds_both_of_them(obj: object) -> None:
    print("long")

class Base(CallbackMixin):
    callbacks: ClassVar[list[tuple[str, Callable[..., Any]]]] = [  # type: ignore[misc]  # pyright: ignore
        ("post-go", note),
        ("post-go", note_with_quite_a_long_name_so_that_no_line_holds_both_of_them),
    ]
    def go(self) -> None: ...

class Sub(Base):
    callbacks = [("pre-go", note)]  # type: ignore[misc]

class Methods(Base):
    callbacks: "t.ClassVar[list[tuple[str, Callable[..., Any]]]]" = []  # type: ignore[misc]
    def post_go_callback(self) -> None:
        print("method")

class Last(CallbackMixin):
    callbacks: Final = [("post-go", note)]  # type: ignore[misc]  # pyright: ignore
    def go(self) -> None: ...
"""
    ).built()
    passes_checkers(p)
    out = p.python("from generated.app.main import *\nSub().go(), Methods().go(), Last().go()")
    assert out.split() == ["Sub", "Sub", "long", "Methods", "long", "method", "Last"]


def test_R28_every_metaclass_of_a_class_counts(project):
    """The nearest named metaclass is that of protocols; the class also has the other one."""
    p = project(
        """
import dataclasses
from typing import Any, Protocol
from arctic_codegen import CallbackMixin

class Meta(type(Protocol)):
    def __new__(mcls, name: str, bases: Any, body: Any) -> Any:
        return dataclasses.dataclass(super().__new__(mcls, name, bases, body))

class Stateful(Protocol):
    def state(self) -> int: ...

class One(Stateful):
    def state(self) -> int:
        return 1

class Base(CallbackMixin, metaclass=Meta):
    width: int

class Sub(One, Base):
    callbacks = [("post-state", lambda self, value: value + self.width)]
"""
    ).built()
    assert p.python("from generated.app.main import Sub\nprint(Sub(3), Sub(3).state())") == (
        "Sub(width=3) 4\n"
    )


def test_R28_a_pydantic_model_with_callback_methods_alone(project):
    p = project(
        "from pydantic import BaseModel\n"
        "from arctic_codegen import CallbackMixin\n"
        "class T(BaseModel, CallbackMixin):\n"
        "    steps: int = 3\n"
        "    def step(self) -> None: print('step')\n"
        "    def post_step_callback(self) -> None: print('post')\n"
    ).built()
    out = p.python("from generated.app.main import T; T().step(); print(T(steps=4))")
    assert out.split() == ["step", "post", "steps=4"]

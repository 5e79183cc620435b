"""R29: annotations as text in which every name keeps its meaning."""

from __future__ import annotations

import pytest

from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.text import Ref, Text
from tests.unit.resolve.names_support import NamedProject, written


@pytest.fixture
def project(tmp_path):
    def make(files, **settings):
        return NamedProject(tmp_path, files, **settings)

    return make


HEAD = """
import sys
import torch
import numpy as np
import a.b, a.b.c as abc_
from torch import Tensor
from .other import Thing as T1
from star import *
import typing as t
from typing import TYPE_CHECKING, Literal, Annotated, Optional, Union, Self, Callable
from typing import TypeVar, ParamSpec, Unpack
if TYPE_CHECKING:
    import checker
    from checker import Only
try:
    from missing_one import Choice
except ImportError:
    from other_one import Choice
T = TypeVar("T")
P = ParamSpec("P")
class Own:
    class Nested: ...
Alias = Union[int, str]
"""


@pytest.mark.parametrize(
    "annotation, wanted",
    [
        ("int", "int"),
        ("None", "None"),
        ("Tensor", "<torch:Tensor>"),
        ("torch.Tensor", "<torch:>.Tensor"),
        ("torch.nn.Module", "<torch:>.nn.Module"),
        ("np.ndarray", "<numpy:>.ndarray"),
        ("a.b.C", "<a.b:>.C"),
        ("a.x.C", "<a:>.x.C"),
        ("abc_.C", "<a.b.c:>.C"),
        ("T1", "<pkg.other:Thing>"),
        ("Starred", "<star:Starred>"),
        ("t.Any", "<typing:>.Any"),
        ("Self", "<typing:Self>"),
        ("Only | None", "<checker:Only?> | None"),
        ("'checker.Deep[Only]'", "<checker:?>.Deep[<checker:Only?>]"),
        ("Choice", "<other_one:Choice>"),
        ("Own.Nested", "<pkg.m:Own>.Nested"),
        ("Alias", "<pkg.m:Alias>"),
        ("T", "<pkg.m:T>"),
        ("'Own | None'", "<pkg.m:Own> | None"),
        ("Optional['Own']", "<typing:Optional>[<pkg.m:Own>]"),
        ("list['dict[str, \"Own\"]']", "list[dict[str, <pkg.m:Own>]]"),
        ("Literal['Own', 1, b'x', None]", "<typing:Literal>['Own', 1, b'x', None]"),
        ("t.Literal['Own']", "<typing:>.Literal['Own']"),
        ("Annotated['Own', 'Own', Own]", "<typing:Annotated>[<pkg.m:Own>, 'Own', <pkg.m:Own>]"),
        ("Callable[[int, 'Own'], None]", "<typing:Callable>[[int, <pkg.m:Own>], None]"),
        ("Callable[..., int]", "<typing:Callable>[..., int]"),
        ("tuple[()]", "tuple[()]"),
        ("tuple[int, ...]", "tuple[int, ...]"),
        ("tuple[int,]", "tuple[int,]"),
        ("int | (str | None)", "int | (str | None)"),
        ("Annotated[int, lambda x: x]", None),
        ("Annotated[int, f'{sys}']", None),
        ("Annotated[int, (1 + 2) * -3 ** 2, not 1 < 2 <= 3, (1 if sys else 2)]",
         "<typing:Annotated>[int, (1 + 2) * -3 ** 2, not 1 < 2 <= 3, 1 if <sys:> else 2]"),
        ("Annotated[int, [i for i in range(3) if i], {**{}, 'a': {1}}, x[1:2, ::3]]", None),
        ("Annotated[int, {**{}, 'a': {1}}, f(*[1], k=2, **{})]",
         "<typing:Annotated>[int, {**{}, 'a': {1}}, <pkg.m:f>(*[1], k=2, **{})]"),
        ("Undefined", None),
        ("list[Undefined]", None),
    ],
)  # fmt: skip
def test_R29_annotations(project, annotation, wanted):
    p = project(
        {
            "pkg/__init__.py": "",
            "pkg/other.py": "class Thing: ...\n",
            "star.py": "class Starred: ...\n",
            "other_one.py": "class Choice: ...\n",
            "pkg/m.py": f"{HEAD}\ndef f() -> {annotation}: ...\n",
        }
    )
    assert p.annotation("pkg.m:f") == wanted


def test_R29_names_of_a_class_body(project):
    p = project(
        {
            "m.py": """
class Batch: ...
class K:
    def before(self) -> "Batch": ...
    def early(self) -> Batch: ...
    class Batch: ...
    Alias = Batch
    def after(self) -> "list[Batch | Alias]": ...
    class Deep:
        class Batch: ...
        def f(self) -> Batch: ...
    __Private = int
    def g(self) -> __Private: ...
    def k(self) -> "K": ...
def f():
    class Local:
        def h(self) -> "Local": ...
    return Local
"""
        }
    )
    assert p.annotation("m:K.before") == "<m:K.Batch>"
    assert p.annotation("m:K.early") == "<m:Batch>"
    assert p.annotation("m:K.after") == "list[<m:K.Batch> | <m:K.Alias>]"
    assert p.annotation("m:K.Deep.f") == "<m:K.Deep.Batch>"
    assert p.annotation("m:K.g") == "<m:K._K__Private>"
    assert p.annotation("m:K.k") == "<m:K>"


def test_R29_future_annotations_are_read_late(project):
    p = project(
        {
            "m.py": """
from __future__ import annotations
def f() -> Later | list[Later]: ...
class K:
    def g(self) -> K | Inner: ...
    class Inner: ...
class Later: ...
"""
        }
    )
    assert p.annotation("m:f") == "<m:Later> | list[<m:Later>]"
    assert p.annotation("m:K.g") == "<m:K> | <m:K.Inner>"


def test_R29_type_parameters(project):
    p = project(
        {
            "m.py": """
from typing import TypeVar, Generic, ParamSpec, Callable, Unpack
T = TypeVar("T")
P = ParamSpec("P")
class K(Generic[T]):
    def f(self) -> dict[str, "T | None"]: ...
    def g(self) -> Callable[P, T]: ...
    def h(self) -> tuple[Unpack[T]]: ...
"""
        }
    )
    types = {"T": Text((Ref("torch", "Tensor"), " | int")), "P": Text(("[int, str]",))}
    assert p.annotation("m:K.f", types) == "dict[str, <torch:Tensor> | int | None]"
    assert p.annotation("m:K.g", types) == "<typing:Callable>[[int, str], <torch:Tensor> | int]"
    assert p.annotation("m:K.f") == "dict[str, <m:T> | None]"


def arguments(p, dotted, ancestor):
    module, _, name = ancestor.partition(":")
    found = p.names.type_arguments(p.cls(dotted), ClassId(module, name))
    return {key: written(text) for key, text in found.items()}


def test_R29_type_arguments_along_the_mro(project):
    p = project(
        {
            "base.py": """
from typing import Generic, TypeVar, ParamSpec, Callable
from typing_extensions import TypeVar as TV
T = TypeVar("T")
U = TypeVar("U")
P = ParamSpec("P")
D = TV("D", default=int)
class Base(Generic[T, U]): ...
class Middle(Base[list[U], T], Generic[T, U]): ...
class Implicit(dict[U, T], Base[U, T]): ...
class Calls(Generic[P, T]): ...
class Only(Generic[P]): ...
class Default(Generic[T, D]): ...
""",
            "m.py": """
from torch import Tensor
from base import Base, Middle, Implicit, Calls, Only, Default
from typing import TypeVar, Generic
T = TypeVar("T")
class A(Middle[Tensor, "int | A"]): ...
class B(A): ...
class C(Middle): ...
class D(Middle[T, T]): ...
class E(D[str]): ...
class F(Implicit[int, str]): ...
class G(Calls[[int, Tensor], None]): ...
class H(Only[int, str]): ...
class I(Default[str]): ...
class J(Only[...]): ...
""",
        }
    )
    assert arguments(p, "m:A", "base:Middle") == {"T": "<torch:Tensor>", "U": "int | <m:A>"}
    wanted = {"T": "list[int | <m:A>]", "U": "<torch:Tensor>"}
    assert arguments(p, "m:A", "base:Base") == arguments(p, "m:B", "base:Base") == wanted
    assert arguments(p, "m:C", "base:Base") == {"T": "list[<typing:Any>]", "U": "<typing:Any>"}
    assert arguments(p, "m:D", "base:Base") == {"T": "list[<m:T>]", "U": "<m:T>"}
    assert arguments(p, "m:E", "base:Base") == {"T": "list[str]", "U": "str"}
    assert arguments(p, "m:F", "base:Base") == {"U": "str", "T": "int"} or arguments(
        p, "m:F", "base:Base"
    ) == {"T": "int", "U": "str"}
    assert arguments(p, "m:G", "base:Calls") == {"P": "...", "T": "<typing:Any>"}
    assert arguments(p, "m:H", "base:Only") == {"P": "..."}
    assert arguments(p, "m:I", "base:Default") == {"T": "str", "D": "int"}
    assert arguments(p, "m:J", "base:Only") == {"P": "..."}
    assert arguments(p, "m:A", "base:Nothing") == {}


def test_R29_type_parameters_in_brackets(project):
    p = project(
        {
            "m.py": """
class A[T, *Ts, **P]:
    def f(self, x: T) -> "tuple[T, *Ts]": ...
class B[S](A[list[S], int, str, [S]]): ...
class C(B["C"]): ...
class D[T = int]:
    def f(self) -> T: ...
class E(D): ...
"""
        }
    )
    anything = {"Ts": "tuple[<typing:Any>, ...]", "P": "..."}
    assert arguments(p, "m:B", "m:A") == {"T": "list[S]", **anything}
    assert arguments(p, "m:C", "m:A") == {"T": "list[<m:C>]", **anything}
    types = p.names.type_arguments(p.cls("m:C"), ClassId("m", "A"))
    assert p.annotation("m:A.f", types) == "tuple[list[<m:C>], *tuple[<typing:Any>, ...]]"
    assert p.annotation("m:A.f") == "tuple[T, *Ts]"
    assert arguments(p, "m:E", "m:D") == {"T": "int"}

"""The order of classes, and the findings about bases."""

from __future__ import annotations

import pytest

from tests.unit.resolve.names_support import Project


@pytest.fixture
def project(tmp_path):
    def make(files, **settings):
        return Project(tmp_path, files, **settings)

    return make


def told(p, dotted):
    found = p.names.mro(p.cls(dotted))
    return [(f.code, f.place.span.line) for f in found.unknown_bases]


def test_c3_of_a_diamond_with_builtins_and_typing(project):
    p = project(
        {
            "m.py": """
import abc, enum, collections.abc
from typing import Generic, Protocol, TypeVar, NamedTuple
from _collections import deque
T = TypeVar("T")
class A(Generic[T]): ...
class B(A[T], dict): ...
class C(A[int], abc.ABC, Generic[T]): ...
class D(C[int], B[str]): ...
class E(Generic[T], A[T]): ...
class P(Protocol[T]): ...
class Q(P[int], Exception): ...
class R(Q, ValueError): ...
class S(deque, object): ...
class V(ValueError): ...
class W(R, V): ...
"""
        }
    )
    assert p.mro("m:D") == ["m.D", "m.C", "m.B", "m.A"]
    for name in "DEQRSW":
        mro = p.names.mro(p.cls(f"m:{name}"))
        assert mro.problem is None
        assert mro.unknown_bases == ()


def test_AC301_bases_that_cannot_be_ordered(project):
    p = project(
        {
            "m.py": """
class A: ...
class B(A): ...
class Wrong(A, B): ...
class Twice(A, A): ...
class First(object, A): ...
class X(A, B_ := 1): ...
class Below(Wrong): ...
class L(list, A): ...
class M(A, list): ...
class N(L, M): ...
"""
        }
    )
    for name in ("Wrong", "Twice", "First", "N"):
        finding = p.names.mro(p.cls(f"m:{name}")).problem.finding
        assert finding.code == "AC301"
        assert f"class '{name}'" in finding.message
    below = p.names.mro(p.cls("m:Below"))
    assert "class 'Wrong'" in below.problem.finding.message
    assert [cls.decl.name for cls in below.classes] == ["Below", "Wrong", "A", "B"]


def test_AC302_circles(project):
    p = project(
        {
            "m.py": "class A(B): ...\nclass B(A): ...\nclass C(C): ...\nclass D(A): ...\n",
            "a.py": "import b\nclass X(b.Y): ...\n",
            "b.py": "import a\nclass Y(a.X): ...\n",
        }
    )
    for dotted in ("m:A", "m:B", "m:C", "a:X", "b:Y"):
        found = p.names.mro(p.cls(dotted))
        assert found.problem.finding.code == "AC302", dotted
        assert found.problem.finding.place == p.cls(dotted).place
        assert found.classes[0].id == p.cls(dotted).id
    assert p.names.mro(p.cls("m:D")).problem.finding.code == "AC302"


def test_AC101_bases_that_cannot_be_found(project):
    p = project(
        {
            "base.py": "class Base: ...\n",
            "m.py": """
from base import Nope
import base, no_such
from gone.away import Trainer
class A(Nope): ...
class B(no_such.deep.Base, base.Base): ...
class C(base.Zzz): ...
class D(Trainer[int]): ...
class E(Undefined): ...
class F(Later): ...
class Later: ...
class G(B): ...
""",
        }
    )
    for name, line in zip("ABCDEF", range(5, 11), strict=True):
        assert told(p, f"m:{name}") == [("AC101", line)]
    assert told(p, "m:G") == [("AC101", 6)]
    assert p.mro("m:G") == ["m.G", "m.B", "base.Base"]
    finding = p.names.mro(p.cls("m:D")).unknown_bases[0]
    assert finding.message == "base 'Trainer[int]' of class 'D' cannot be found"
    assert "no module named 'gone'" in finding.hint
    assert "further down" in p.names.mro(p.cls("m:F")).unknown_bases[0].hint


def test_AC104_bases_that_the_text_does_not_decide(project):
    p = project(
        {
            "m.py": """
import sys
from collections import namedtuple
class Base: ...
def make(): ...
BASES = (Base,)
class A(make()): ...
class B(*BASES): ...
class C(namedtuple("P", "x y")): ...
class D(Base if unknown() else object): ...
class E(Base if sys.version_info >= (3, 8) else make()): ...
class F(make): ...
class G(sys): ...
for X in BASES:
    class H(X): ...
class I(BASES[0]): ...
class J((lambda: Base)()): ...
""",
        }
    )
    for name in "ABCDFGHJ":
        assert [code for code, _ in told(p, f"m:{name}")] == ["AC104"], name
    assert told(p, "m:E") == told(p, "m:I") == []
    assert p.mro("m:E") == ["m.E", "m.Base"]
    finding = p.names.mro(p.cls("m:A")).unknown_bases[0]
    assert finding.message == "base 'make()' of class 'A' cannot be decided from the text"
    assert "is a function" in p.names.mro(p.cls("m:F")).unknown_bases[0].message
    assert "is a module" in p.names.mro(p.cls("m:G")).unknown_bases[0].message


def test_AC104_a_class_that_may_be_another(project):
    p = project(
        {
            "m.py": """
if unknown():
    class A: ...
else:
    class A: ...
try:
    class B: ...
except Exception:
    pass
if unknown():
    class C: ...
"""
        }
    )
    classes = {cls.decl.name: cls for cls in p.names.classes_of("m")}
    assert set(classes) == {"A", "B", "C"}
    codes = {
        name: [f.code for f in p.names.mro(cls).unknown_bases] for name, cls in classes.items()
    }
    assert codes == {"A": ["AC104"], "B": [], "C": ["AC104"]}


def test_deep_chains(project):
    """A chain is no recursion; and where it is too long, its classes do not have each other."""
    chain = "\n".join(f"class C{i}(C{i - 1}): ..." for i in range(1, 1500))
    p = project({"m.py": f"class C0: ...\n{chain}\n"})
    assert len(p.mro("m:C499")) == 500
    problems = {n: p.names.mro(p.cls(f"m:C{n}")).problem for n in (499, 500, 501, 1499)}
    assert problems[499] is None
    assert problems[500].too_deep and problems[500].finding.code == "AC020"
    assert problems[500].finding == problems[501].finding == problems[1499].finding
    assert p.mro("m:C1499")[0] == "m.C1499" and p.mro("m:C1499")[-1] == "m.C0"
    assert len(p.mro("m:C1499")) < 100


def test_metaclasses(project):
    p = project(
        {
            "m.py": """
from abc import ABC, ABCMeta
import enum
from typing import Protocol
class Meta(type): ...
class Own(ABCMeta): ...
class Plain: ...
class A(ABC): ...
class B(A, metaclass=Own): ...
class C(metaclass=Meta): ...
class D(C): ...
class E(enum.IntEnum): ...
class F(Protocol): ...
class G(metaclass=ABCMeta): ...
"""
        }
    )
    found = {
        name: (
            p.names.metaclass_of(p.cls(f"m:{name}")),
            p.names.refuses_abstract(p.cls(f"m:{name}")),
        )
        for name in ("Plain", "A", "B", "C", "D", "E", "F", "G")
    }
    assert found == {
        "Plain": (None, False),
        "A": ("abc.ABCMeta", True),
        "B": ("m.Own", True),
        "C": ("m.Meta", False),
        "D": ("m.Meta", False),
        "E": ("enum.EnumMeta", False),
        "F": ("typing._ProtocolMeta", True),
        "G": ("abc.ABCMeta", True),
    }

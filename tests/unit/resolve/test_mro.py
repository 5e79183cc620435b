"""The method resolution order, and the findings about bases."""

from __future__ import annotations

import random
import types
from collections import Counter

import pytest

from tests.unit.resolve.names_support import NamedProject


@pytest.fixture
def project(tmp_path):
    def make(files, **settings):
        return NamedProject(tmp_path, files, **settings)

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


def test_R15_random_classes_are_ordered_as_python_orders_them(project):
    """And those that Python rejects are rejected."""
    pick = random.Random(7)
    outcomes = Counter()
    for number in range(40):
        made, lines, refused = {"dict": dict, "Exception": Exception}, [], set()
        for index in range(12):
            bases = pick.sample(sorted(made), min(len(made), pick.choice([0, 1, 2, 2, 3])))
            name = f"C{index}"
            lines.append(f"class {name}({', '.join(bases)}): ...")
            try:
                made[name] = type(name, tuple(made[base] for base in bases), {})
            except TypeError as error:
                # Incompatible layouts are another kind of error.
                if "lay-out" not in str(error):
                    refused.add(name)
        p = project({f"m{number}.py": "\n".join(lines) + "\n"})
        for name, cls in list(made.items())[2:]:
            found = p.names.mro(p.cls(f"m{number}:{name}"))
            assert found.problem is None, (lines, name)
            own = [parent.__name__ for parent in cls.__mro__ if parent.__name__ in made]
            own = [parent for parent in own if parent not in ("dict", "Exception")]
            assert [one.decl.name for one in found.classes] == own, (lines, name)
            nearest = list(p.names.mros.nearest(p.cls(f"m{number}:{name}")))
            assert nearest == list(found.classes), (lines, name)
            outcomes["ordered"] += len(own) > 2
        for name in refused:
            assert p.names.mro(p.cls(f"m{number}:{name}")).problem is not None, (lines, name)
            outcomes["refused"] += 1
    assert outcomes["ordered"] > 60
    assert outcomes["refused"] > 15


def test_nothing_is_read_above_the_class_that_has_what_is_looked_for(project):
    p = project(
        {
            "m.py": "from lib import Model\nclass A(Model):\n    size = 1\nclass B(A): ...\n",
            "lib.py": "class Model: ...\n",
        }
    )
    library, b = p.folder / "lib.py", p.cls("m:B")
    assert p.names.class_attribute(b, "size") is not None
    library.write_text("class Model:\n    other = 2\n")
    assert p.names.class_attribute(b, "other") is not None  # read now, not before


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


@pytest.mark.parametrize(
    "statements",
    [
        "class Z(Generic[T], A): ...",
        "class Z(A, Generic[T]): ...",
        "class Z(Generic[T], A[T]): ...",
        "class Z(Generic[T], Plain, A[T]): ...",
        "class Z(Generic[T], Alias): ...",
        "class Z(Generic[T], Plain, Alias): ...",
        "class Z(Generic[T], Before): ...",
        "class Z(Generic[T], Renamed): ...",
        "class Z(Generic[T], holder.Alias): ...",
        "class Z(Generic[T], holder.A): ...",
        "class Z(Generic[T], list[T]): ...",
        "class Z(Alias, A): ...",
        "class P(Renamed, Generic[T]): ...;Q(Generic[T], Renamed): ...;Z(P[int], Q[int]): ...",
        "class P(Generic[T], Plain): ...;Q(Plain, Generic[T]): ...;Z(P[int], Q[int]): ...",
        "class P(Generic[T], Other): ...;Q(Other, Generic[T]): ...;Z(P[int], Q[int]): ...",
        "class P(A[T], Plain): ...;Q(Plain, A[T]): ...;Z(P[int], Q[int]): ...",
        "class P(A[T], Plain): ...;Q(Plain, Generic[T]): ...;Z(P[int], Q[int]): ...",
        "class P(Alias, Plain): ...;Q(Plain, Alias): ...;Z(P, Q): ...",
        "class P(Generic[T], Renamed): ...;Q(Renamed, Generic[T]): ...;Z(P, Q): ...",
        "class Z(dict, object): ...",
        "class Z(object, dict): ...",
        "class Z(object): ...",
        "class Z(Plain, object): ...",
        "class Z(object, Plain): ...",
        "class Z(Exception, ValueError): ...",
        "class Z(ValueError, Exception): ...",
    ],
)
def test_AC301_generic_steps_aside_where_python_lets_it(project, statements):
    """Python itself decides which classes can be created."""
    lines = statements.replace(";", "\nclass ")
    text = f"""
import holder
from typing import Generic, TypeVar
T = TypeVar("T")
class A(Generic[T]): ...
class Plain: ...
class Other(Plain): ...
Alias = A[int]
class Zed(Generic[T]): ...
Before = Zed[int]
Renamed = Plain
{lines}
"""
    held = "from typing import Generic, TypeVar\nT = TypeVar('T')\nclass A(Generic[T]): ...\n"
    held += "Alias = A[int]\n"
    holder = types.ModuleType("holder")
    exec(held, vars(holder))
    try:
        exec(text.replace("import holder", ""), {"__name__": "m", "holder": holder})
        right = True
    except TypeError:
        right = False
    p = project({"m.py": text, "holder.py": held})
    problem = p.names.mro(p.cls("m:Z")).problem
    assert (problem is None) == right


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
    assert p.mro("m:A") == ["m.A", "m.B"], "what is wrong with the others is told, too"
    assert p.mro("m:D") == ["m.D", "m.A", "m.B"]


def test_AC302_the_other_bases_of_a_circle_are_kept(project):
    p = project(
        {
            "m.py": "class Plain: ...\nclass Last: ...\n"
            "class A(B, Last): ...\nclass B(A, Plain): ...\nclass C(C, Plain): ...\n"
        }
    )
    assert sorted(p.mro("m:A")) == ["m.A", "m.B", "m.Last", "m.Plain"]
    assert {"m.B", "m.Plain"} <= set(p.mro("m:B"))
    assert p.mro("m:C") == ["m.C", "m.Plain"]


def related(finding):
    """File and line of each related place."""
    return [(one.place.path.rpartition("/")[2], one.place.span.line) for one in finding.related]


def test_AC302_names_the_other_classes_of_the_circle(project):
    p = project(
        {
            "m.py": "class A(B): ...\nclass B(A): ...\nclass C(C): ...\n",
            "a.py": "import b\nclass X(b.Y): ...\n",
            "b.py": "import a\n\nclass Y(a.X): ...\n",
        }
    )
    found = {
        dotted: related(p.names.mro(p.cls(dotted)).problem.finding)
        for dotted in ("m:A", "m:B", "m:C", "a:X", "b:Y")
    }
    assert found == {
        "m:A": [("m.py", 2)],
        "m:B": [("m.py", 1)],
        "m:C": [],
        "a:X": [("b.py", 3)],
        "b:Y": [("a.py", 2)],
    }


def test_AC302_a_long_circle_and_what_hangs_on_it(project):
    """Every class of the cycle is reported; those that lead into it are not members of it."""
    chain = "\n".join(f"class C{i}(C{(i + 1) % 5}): ..." for i in range(5))
    p = project({"m.py": f"{chain}\nclass In(C3): ...\nclass Free: ...\nclass Deep(In): ...\n"})
    for start in ("C2", "In", "C0", "Deep"):
        found = p.names.mro(p.cls(f"m:{start}"))
        assert found.problem.finding.code == "AC302"
    messages = {
        name: p.names.mro(p.cls(f"m:{name}")).problem.finding.message
        for name in ("C0", "C1", "C2", "C3", "C4", "In", "Deep")
    }
    for name in ("C0", "C1", "C2", "C3", "C4"):
        assert messages[name] == f"class '{name}' inherits from itself"
    assert messages["In"] == messages["Deep"] == messages["C3"]
    assert p.names.mro(p.cls("m:Free")).problem is None


@pytest.mark.parametrize("module", ["a", "z"])
def test_AC101_AC104_show_where_the_trail_of_a_base_ends(project, module):
    """If that is the base itself, one place is enough."""
    p = project(
        {
            f"{module}.py": "from gone import Trainer\nMade = int\nif Made():\n    Made = str\n",
            "m.py": f"""
from {module} import Trainer, Made
from gone import Own
if Own(): Mine = int
class A(Trainer): ...
class B(Made): ...
class C(Own): ...
class D(Mine): ...
class E(nowhere): ...
class F([][3]): ...
class G({module}_x.Y): ...
""",
        }
    )
    found = {name: p.names.mro(p.cls(f"m:{name}")).unknown_bases for name in "ABCDEFG"}
    assert all(len(findings) == 1 for findings in found.values())
    assert {name: (one.code, related(one)) for name, (one,) in found.items()} == {
        "A": ("AC101", [(f"{module}.py", 1)]),
        "B": ("AC104", [(f"{module}.py", 2)]),
        "C": ("AC101", [("m.py", 3)]),
        "D": ("AC104", [("m.py", 4)]),
        "E": ("AC101", []),
        "F": ("AC104", []),
        "G": ("AC101", [("m.py", 11)]),
    }


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
    assert p.mro("m:F") == ["m.F"], "the class below is not there yet"
    finding = p.names.mro(p.cls("m:D")).unknown_bases[0]
    assert finding.message == "base 'Trainer[int]' of class 'D' cannot be found"
    assert "no module named 'gone'" in finding.hint
    assert finding.hint.endswith("; install it, or add its folder to 'src'")
    for name in "ACE":
        hint = p.names.mro(p.cls(f"m:{name}")).unknown_bases[0].hint
        assert hint.endswith("; define or import it before the class"), hint
    assert "defined later" in p.names.mro(p.cls("m:F")).unknown_bases[0].hint


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
class K(*BASES, Base): ...
class L(*BASES, nowhere): ...
""",
        }
    )
    for name in "ABCDFGHJ":
        assert [code for code, _ in told(p, f"m:{name}")] == ["AC104"], name
    assert p.mro("m:K") == ["m.K", "m.Base"]
    assert [code for code, _ in told(p, "m:L")] == ["AC104", "AC101"]
    assert told(p, "m:E") == told(p, "m:I") == []
    assert p.mro("m:E") == ["m.E", "m.Base"]
    finding = p.names.mro(p.cls("m:A")).unknown_bases[0]
    assert finding.message == "base 'make()' of class 'A' cannot be determined statically"
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


def test_metaclasses(project):
    p = project(
        {
            "m.py": """
from abc import ABC, ABCMeta
import enum
from typing import Protocol
class Meta(type): ...
class Own(ABCMeta): ...
class Both(Meta, ABCMeta): ...
class Plain: ...
class A(ABC): ...
class B(A, metaclass=Own): ...
class C(metaclass=Meta): ...
class D(C): ...
class E(enum.IntEnum): ...
class F(Protocol): ...
class G(metaclass=ABCMeta): ...
class H(Plain, abstract=ABCMeta): ...
class I(Plain, within=ABCMeta): ...
class J(Plain, abstract=3, metaclass=Meta, within=4): ...
class K(C, A, metaclass=Both): ...
class L(metaclass=Own): ...
class M(Plain, L): ...
class N(Plain, metaclass=type): ...
"""
        }
    )
    found = {
        name: (
            p.names.mros.metaclass_of(p.cls(f"m:{name}")),
            p.names.mros.refuses_abstract(p.cls(f"m:{name}")),
        )
        for name in ("Plain", "A", "B", "C", "D", "E", "F", "G", "H", "I", "J", "K", "L", "M", "N")
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
        "H": (None, False),
        "I": (None, False),
        "J": ("m.Meta", False),
        "K": ("m.Both", True),
        "L": ("m.Own", True),
        "M": ("m.Own", True),
        "N": (None, False),
    }


def test_attributes_that_only_unread_classes_can_give(project):
    """``typing`` and ``abc`` provide none; the attributes of ``object`` are known."""
    p = project(
        {
            "m.py": """
import abc, enum
from typing import Generic, Protocol, TypeVar
T = TypeVar("T")
class Plain: ...
class Bare(Generic[T], abc.ABC): ...
class A(Bare[int], ValueError): ...
class B(Exception, Bare[int]): ...
class C(object): ...
class D(enum.Enum): ...
"""
        }
    )
    assert {
        f"{name}.{attribute}": p.meaning(f"m:{name}.{attribute}")
        for name in ("Plain", "Bare", "A", "B", "C", "D")
        for attribute in ("args", "__repr__")
    } == {
        "Plain.args": "missing: class 'Plain' has no attribute 'args'",
        "Plain.__repr__": "opaque builtins.object.__repr__",
        "Bare.args": "missing: class 'Bare' has no attribute 'args'",
        "Bare.__repr__": "opaque builtins.object.__repr__",
        "A.args": "opaque builtins.ValueError.args",
        "A.__repr__": "opaque builtins.ValueError.__repr__",
        "B.args": "opaque builtins.Exception.args",
        "B.__repr__": "opaque builtins.Exception.__repr__",
        "C.args": "missing: class 'C' has no attribute 'args'",
        "C.__repr__": "opaque builtins.object.__repr__",
        "D.args": "opaque enum.Enum.args",
        "D.__repr__": "opaque enum.Enum.__repr__",
    }
    for attribute in ("__module__", "__doc__"):
        assert not p.meaning(f"m:Plain.{attribute}").startswith("opaque builtins.object")

"""R9: how a list of callbacks may be built."""

from __future__ import annotations

import time

import pytest

from tests.unit.resolve.values_support import Sources, codes, short

HEAD = """
import sys
import typing
import copy
from typing import Any, ClassVar, NamedTuple, TYPE_CHECKING, cast
from arctic_codegen import CallbackMixin
import other
from other import THEIRS, THEIRS as RENAMED, entry

def a(self): ...
def b(self): ...
FLAG = True
NUMBER = 2
PAIR = ("x", a)
COMMON = [PAIR]
BOTH: list = COMMON + [("x", b)]
HOOKS = {"x": a, "y": b}
FIRST, *REST = [("x", a)], 1, 2
LEFT, RIGHT = [("x", a)], [("y", b)]
ONE = TWO = [("x", b)]
class Holder:
    both = BOTH
    class Inner:
        one = [("y", a)]
class Mixin:
    callbacks = [("m", a)]
class Entry(NamedTuple):
    event: str
    callback: Any = b
class Base(CallbackMixin):
    callbacks = [("x", a)]
class Middle(Base): ...
class Bare(CallbackMixin): ...
class WithMixin(Mixin, Bare): ...
"""
OTHER = """
def far(self): ...
entry = ("o", far)
THEIRS = [entry, ("p", far)]
class Deep:
    THEIRS = [("p", far)]
"""

FORMS = {
    "list": ("[('x', a), ('y', b)]", ["x a", "y b"]),
    "tuple": ("(('x', a), ('y', b))", ["x a", "y b"]),
    "bare tuple": ("('x', a), ('y', b)", ["x a", "y b"]),
    "empty": ("[]", []),
    "star": ("[*COMMON, ('y', b)]", ["x a", "y b"]),
    "star of a tuple": ("[*(PAIR, PAIR)]", ["x a", "x a"]),
    "plus": ("COMMON + [('y', b)]", ["x a", "y b"]),
    "plus of many": (" + ".join(["COMMON"] * 80), ["x a"] * 80),
    "list call": ("list((PAIR, ('y', b)))", ["x a", "y b"]),
    "list of nothing": ("list()", []),
    "tuple call": ("tuple([PAIR])", ["x a"]),
    "list of a generator": ("list(('x', f) for f in (a, b))", ["x a", "x b"]),
    "name": ("BOTH", ["x a", "x b"]),
    "class attribute": ("Holder.both", ["x a", "x b"]),
    "nested class attribute": ("Holder.Inner.one", ["y a"]),
    "unpacked": ("LEFT + RIGHT", ["x a", "y b"]),
    "chained": ("ONE + TWO", ["x b", "x b"]),
    "imported": ("THEIRS", ["o far", "p far"]),
    "renamed": ("[*RENAMED]", ["o far", "p far"]),
    "through the module": ("other.THEIRS + [other.entry]", ["o far", "p far", "o far"]),
    "of a class of another module": ("other.Deep.THEIRS", ["p far"]),
    "entry by name": ("[PAIR, entry]", ["x a", "o far"]),
    "base": ("Base.callbacks + [('y', b)]", ["x a", "y b"]),
    "base by inheritance": ("Middle.callbacks", ["x a"]),
    "base along the MRO": ("WithMixin.callbacks", ["m a"]),
    "base without any": ("Bare.callbacks", []),
    "the mixin itself": ("CallbackMixin.callbacks", []),
    "star of base": ("[*Base.callbacks, *Mixin.callbacks]", ["x a", "m a"]),
    "conditional": ("BOTH if FLAG else []", ["x a", "x b"]),
    "conditional, not": ("COMMON if not FLAG else []", []),
    "conditional on numbers": ("COMMON if NUMBER > 1 and NUMBER != 3 else []", ["x a"]),
    "conditional on a version": ("COMMON if sys.version_info >= (3, 8) else nope", ["x a"]),
    "conditional on a platform": ("COMMON if sys.platform == 'linux' else nope", ["x a"]),
    "conditional on typing": ("nope if TYPE_CHECKING else COMMON", ["x a"]),
    "mixed tests": ("COMMON if FLAG and sys.platform == 'linux' else nope", ["x a"]),
    "a platform by other means": ("COMMON if 'linux' in sys.platform else nope", ["x a"]),
    "cast": ("typing.cast(list, COMMON) + cast('list[int]', [PAIR])", ["x a", "x a"]),
    "or": ("[] or COMMON", ["x a"]),
    "and": ("FLAG and COMMON", ["x a"]),
    "item": ("[BOTH[0], BOTH[-1]]", ["x a", "x b"]),
    "copy": ("BOTH.copy()", ["x a", "x b"]),
    "copy by slice": ("BOTH[:]", ["x a", "x b"]),
    "comprehension": ("[('x', f) for f in (a, b)]", ["x a", "x b"]),
    "nested clauses": (
        "[(p + e, f) for p in ('x', 'y') for e in ['1', '2'] for f in [a] if p == 'y' or e == '2']",
        ["x2 a", "y1 a", "y2 a"],
    ),
    "later clause reads earlier": (
        "[(e, f) for p in [COMMON, RIGHT] for e, f in p]",
        ["x a", "y b"],
    ),
    "tuple target": ("[(e, f) for e, f in BOTH]", ["x a", "x b"]),
    "comprehension in one": (
        "[p for q in [[PAIR], BOTH] for p in [r for r in q]]",
        ["x a"] * 2 + ["x b"],
    ),
    "shadowed": ("[('x', a) for a in (b,)]", ["x b"]),
    "membership": ("[p for p in BOTH if p[0] in ('x', 'z')]", ["x a", "x b"]),
}


@pytest.mark.parametrize("form", FORMS)
def test_R9_forms(form):
    expr, wanted = FORMS[form]
    found = Sources(f"{HEAD}class T(Base):\n    callbacks = {expr}\n", other=OTHER).own("T")
    assert short(found) == wanted
    assert [entry.index for entry in found.entries] == list(range(len(wanted)))


BODIES = {
    "annotated": ("callbacks: ClassVar[list] = [PAIR]", ["x a"]),
    "bare annotation": ("callbacks: list", []),
    "chained": ("callbacks = other = [PAIR]", ["x a"]),
    "plus equals": ("callbacks = [PAIR]\n    callbacks += [('y', b)]", ["x a", "y b"]),
    "append": ("callbacks = [PAIR]\n    callbacks.append(('y', b))", ["x a", "y b"]),
    "extend": (
        "callbacks = [PAIR]\n    callbacks.extend((e, b) for e in ('y', 'z'))",
        ["x a", "y b", "z b"],
    ),
    "insert": ("callbacks = [PAIR]\n    callbacks.insert(0, ('y', b))", ["y b", "x a"]),
    "rebuilt": ("callbacks = [PAIR]\n    callbacks = [('y', b), *callbacks]", ["y b", "x a"]),
    "after an append": (
        "callbacks = []\n    callbacks.append(PAIR)\n    callbacks = callbacks + callbacks",
        ["x a", "x a"],
    ),
    "a name of the body": ("mine = [PAIR]\n    callbacks = mine + [('y', b)]", ["x a", "y b"]),
    "a function of the body": ("def f(self): ...\n    callbacks = [('x', f)]", ["x T.f"]),
    "a static method of the body": (
        "@staticmethod\n    def f(self): ...\n    callbacks = [('x', f)]",
        ["x T.f"],
    ),
    "a test on a name of the body": (
        "FLAG = False\n    callbacks = nope if FLAG else [PAIR]",
        ["x a"],
    ),
    "decided branch": (
        "if sys.version_info >= (3, 8):\n        callbacks = [PAIR]\n"
        "    else:\n        callbacks = nope",
        ["x a"],
    ),
    "decided try": (
        "try:\n        import nowhere_at_all\n        callbacks = nope\n"
        "    except ImportError:\n        callbacks = [PAIR]",
        ["x a"],
    ),
    "try that succeeds": (
        "try:\n        import other\n        callbacks = [PAIR]\n"
        "    except ImportError:\n        callbacks = nope",
        ["x a"],
    ),
    "typing only": ("callbacks = [PAIR]\n    if TYPE_CHECKING:\n        callbacks = nope", ["x a"]),
    "imported in the body": ("from other import THEIRS as callbacks", ["o far", "p far"]),
    "unpacked": ("callbacks, n = [PAIR], 1", ["x a"]),
    "starred unpacking": ("callbacks, *rest = [PAIR], 1", ["x a"]),
    "deleted": ("callbacks = [PAIR]\n    del callbacks", []),
    "deleted and bound": ("callbacks = nope\n    del callbacks\n    callbacks = [PAIR]", ["x a"]),
}


@pytest.mark.parametrize("form", BODIES)
def test_R9_class_bodies(form):
    body, wanted = BODIES[form]
    sources = Sources(f"{HEAD}class T(Base):\n    {body}\n", other=OTHER)
    assert short(sources.own("T")) == wanted


# Forms that R9 excludes, and the part of each that the finding quotes.
OUTSIDE = {
    "range": ("[(f'e{i}', a) for i in range(NUMBER)]", "range(NUMBER)"),
    "enumerate": ("[(f'e{i}', f) for i, f in enumerate([a, b])]", "enumerate([a, b])"),
    "zip": ("list(zip(['x', 'y'], (a, b)))", 'zip(["x", "y"], (a, b))'),
    "sorted": ("sorted(BOTH)", "sorted(BOTH)"),
    "reversed": ("list(reversed(BOTH))", "reversed(BOTH)"),
    "getattr": ("[*getattr(Base, 'callbacks', []), PAIR]", 'getattr(Base, "callbacks", [])'),
    "items": ("list(HOOKS.items())", "HOOKS.items"),
    "keys": ("[(e, HOOKS[e]) for e in HOOKS]", "HOOKS"),
    "a dict by key": ("[*HOOKS['x']]", "HOOKS['x']".replace("'", '"')),
    "times": ("COMMON * NUMBER", "COMMON * NUMBER"),
    "slice": ("BOTH[1:]", "BOTH[1:]"),
    "letters": ("[(e, a) for e in 'xy']", '"xy"'),
    "starred target": ("[(e, *r) for e, *r in BOTH]", "(e, *r)"),
    "a function of the project": ("made()", "made()"),
    "a function of the standard library": ("json.load(open('x'))", 'json.load(open("x"))'),
    "a comprehension over one": ("[(e, a) for e in json.load(open('x'))]", 'json.load(open("x"))'),
    "copy.copy": ("copy.copy(BOTH)", "copy.copy(BOTH)"),
    "by a name": ("READ", "READ"),
}


@pytest.mark.parametrize("form", OUTSIDE)
def test_R13_a_list_that_is_not_read_is_quoted_where_it_stands(form):
    expr, quoted = OUTSIDE[form]
    text = f"{HEAD}import json\ndef made(): return [PAIR]\nREAD = json.load(open('x'))\n"
    sources = Sources(f"{text}class T(Base):\n    callbacks = {expr}\n", other=OTHER)
    (found,) = sources.own("T").findings
    assert found.code == "AC205"
    assert f"'{quoted}'" in found.message
    assert found.place.path == "/project/m.py"
    assert found.place.span.line == text.lstrip().count("\n") + 2
    assert all(one.place.path == "/project/m.py" for one in found.related)
    assert found.hint.startswith("write a list of (event, callable) tuples")


def test_R13_an_entry_of_a_NamedTuple_says_to_write_the_tuple():
    found = Sources(f"{HEAD}class T(Base):\n    callbacks = [Entry('x', a)]\n", other=OTHER).own(
        "T"
    )
    assert [one.code for one in found.findings] == ["AC204"]
    assert "a tuple of an event and a callable" in found.findings[0].message


UNDECIDED = {
    "None": ("None", "AC205"),
    "a call": ("make()", "AC205"),
    "a lambda": ("lambda: []", "AC205"),
    "a dict": ("{'x': a}", "AC205"),
    "a set": ("{('x', a), ('y', b)}", "AC205"),
    "a generator": ("(('x', f) for f in (a, b))", "AC205"),
    "a string": ("'pre-step'", "AC205"),
    "a name that is missing": ("nope", "AC103"),
    "a module that is missing": ("MISSING", "AC103"),
    "an attribute that is missing": ("Base.nope", "AC103"),
    "the environment": ("[PAIR] if os.environ.get('X') else []", "AC205"),
    "a sum of unlike kinds": ("[PAIR] + (PAIR,)", "AC205"),
    "a star of no list": ("[*a]", "AC205"),
    "a huge range": ("[PAIR for _ in range(10**9)]", "AC205"),
    "a huge product": ("[PAIR for _ in range(1000) for _ in range(1000)]", "AC205"),
    "nothing out of a billion": (
        "[PAIR for i in range(10**4) for j in range(10**4) if i < 0]",
        "AC205",
    ),
    "huge and listed": ("[PAIR] * 10**9", "AC205"),
    "an async comprehension": ("[PAIR async for _ in x]", "AC205"),
    "awaiting": ("await_it[0]", "AC205"),
    "itself": ("T.callbacks", "AC103"),
    "bound in a loop": ("LOOPED", "AC205"),
}


@pytest.mark.parametrize("form", UNDECIDED)
def test_R13_undecided_lists(form):
    expr, code = UNDECIDED[form]
    text = (
        "import os\nfrom nowhere_at_all import MISSING\nfor LOOPED in []: ...\n"
        "def make(): return []\nawait_it = make()\n"
        + HEAD.replace("\nimport sys\n", "import sys\n")
    )
    started = time.monotonic()
    found = Sources(f"{text}class T(Base):\n    callbacks = {expr}\n", other=OTHER).own("T")
    assert [one.code for one in found.findings] == [code], found.findings
    assert time.monotonic() - started < 20
    line = text.count("\n") + 2
    assert found.findings[0].place.span.line == line
    assert found.findings[0].hint


def test_R13_None_says_what_to_write():
    found = Sources("class T:\n    callbacks = None\n").own("T")
    assert codes(found.findings) == [("AC205", 2, 17)]
    assert found.findings[0].hint == "write 'callbacks = []', or leave it out"


BODIES_REFUSED = {
    "loop": ("callbacks = []\n    for e in [PAIR]:\n        callbacks.append(e)", "AC205", 3),
    "undecided if": ("callbacks = []\n    if UNKNOWN():\n        callbacks = [PAIR]", "AC205", 1),
    "remove": ("callbacks = [PAIR]\n    callbacks.remove(PAIR)", "AC205", 2),
    "pop": ("callbacks = [PAIR]\n    callbacks.pop()", "AC205", 2),
    "item": ("callbacks = [PAIR]\n    callbacks[0] = PAIR", "AC205", 2),
    "slice": ("callbacks = [PAIR]\n    callbacks[:] = []", "AC205", 2),
    "del item": ("callbacks = [PAIR]\n    del callbacks[0]", "AC205", 2),
    "minus equals": ("callbacks = [PAIR]\n    callbacks -= [PAIR]", "AC205", 2),
    "append to a tuple": ("callbacks = (PAIR,)\n    callbacks.append(PAIR)", "AC205", 2),
    "method": ("def callbacks(self): ...", "AC205", 1),
    "insert nowhere": ("callbacks = []\n    callbacks.insert(UNKNOWN(), PAIR)", "AC205", 2),
}


@pytest.mark.parametrize("form", BODIES_REFUSED)
def test_R13_class_bodies_that_are_not_decided(form):
    body, code, line = BODIES_REFUSED[form]
    found = Sources(f"{HEAD}class T(Base):\n    {body}\n", other=OTHER).own("T")
    first = HEAD.lstrip("\n").count("\n") + 1
    assert [(c, at - first) for c, at, _ in codes(found.findings)] == [(code, line)]


def test_R13_a_try_whose_branches_differ():
    found = Sources(
        """
        class T:
            try:
                callbacks = int("x")
            except ValueError:
                callbacks = []
        """
    ).own("T")
    assert codes(found.findings) == [("AC205", 3, 9)]


def test_R13_one_undecided_part_does_not_hide_the_others():
    found = Sources(
        """
        def a(self): ...
        class T:
            callbacks = [("x", a), *make(), nope, ("y", a, 1)] + list(make()) + [("z", a)]
        def make(): return []
        """
    ).own("T")
    assert [one.event for one in found.entries] == ["x", "z"]
    assert [(one.code, one.place.span.column) for one in found.findings] == [
        ("AC103", 29),
        ("AC103", 37),
        ("AC204", 43),
        ("AC103", 63),
    ]


def test_R9_a_named_list_with_what_its_module_did_to_it():
    sources = Sources(
        """
        def a(self): ...
        MORE = [("x", a)]
        MORE.append(("y", a))
        MORE += [("z", a)]
        MORE += (("u", a),)
        MORE.insert(0, ("w", a))
        class T:
            callbacks = list(MORE)
        MORE.append(("later", a))
        """,
        reader="from m import MORE\nclass T:\n    callbacks = MORE\n",
    )
    assert short(sources.own("T")) == ["w a", "x a", "y a", "z a", "u a"]
    assert short(sources.own("T", "reader")) == ["w a", "x a", "y a", "z a", "u a", "later a"]


@pytest.mark.parametrize(
    "change",
    [
        "MORE.remove(1)",
        "MORE[0] = 1",
        "for x in []:\n    MORE.append(x)",
        "def f(): MORE.append(1)",
        "if UNKNOWN():\n    MORE.append(1)",
        "del MORE[0]",
        "MORE.pop()",
    ],
)
def test_R13_a_named_list_that_is_changed_in_an_undecided_way(change):
    text = f"def a(self): ...\nMORE = [('x', a)]\n{change}\nclass T:\n    callbacks = list(MORE)\n"
    found = Sources(text).own("T")
    assert [one.code for one in found.findings] == ["AC205"]
    assert "'MORE' is changed" in found.findings[0].message or "'MORE'" in found.findings[0].message
    assert found.findings[0].related[0].place.span.line >= 3


def test_R13_a_list_of_a_class_that_a_function_changes():
    found = Sources(
        """
        def a(self): ...
        class Holder:
            items = [("x", a)]
        Other = Holder
        def f(): Other.items.append(1)
        class T:
            callbacks = Holder.items
        """
    ).own("T")
    assert codes(found.findings) == [("AC205", 7, 17)]
    assert "'Holder.items' is changed in the function 'f'" in found.findings[0].message


def test_R9_a_list_that_is_changed_by_another_name():
    found = Sources(
        """
        def a(self): ...
        MORE = [("x", a)]
        MINE = MORE
        MINE.append(("y", a))
        class T:
            callbacks = list(MORE)
        """
    ).own("T")
    assert short(found) == ["x a", "y a"]


def test_R13_a_list_that_is_the_very_object_of_a_name_changed_later():
    found = Sources(
        """
        def a(self): ...
        MORE = [("x", a)]
        class T:
            callbacks = MORE
        MORE.append(("y", a))
        """
    ).own("T")
    assert codes(found.findings) == [("AC205", 4, 17)]


def test_R9_a_list_of_a_module_that_is_called_callbacks_and_one_with_two_names():
    sources = Sources(
        """
        def a(self): ...
        callbacks = [("x", a)]
        callbacks.append(("y", a))
        class T:
            callbacks = callbacks
        class Twice:
            callbacks = [("x", a)]
            more = callbacks
            more.append(("y", a))
        """
    )
    assert short(sources.own("T")) == ["x a", "y a"]
    assert short(sources.own("Twice")) == ["x a", "y a"]


def test_R9_base_callbacks_with_later_statements_of_its_module():
    sources = Sources(
        """
        def a(self): ...
        class A:
            callbacks = [("x", a)]
        A.callbacks.append(("y", a))
        class B(A):
            callbacks = A.callbacks + [("z", a)]
        A.callbacks.insert(0, ("w", a))
        class C(A):
            callbacks = [*A.callbacks]
        A.callbacks = [A.callbacks[0]]
        A.callbacks += [("v", a)]
        """,
        n="from m import A\nclass D(A):\n    callbacks = A.callbacks\n",
    )
    assert short(sources.own("B")) == ["x a", "y a", "z a"]
    assert short(sources.own("C")) == ["w a", "x a", "y a"]
    assert short(sources.own("D", "n")) == ["w a", "v a"]
    assert short(sources.own("A")) == ["x a"]


def test_R9_a_chain_of_assignments_is_read_in_good_time():
    lines = "\n".join(f"A.callbacks = A.callbacks + [('e{i}', a)]" for i in range(20))
    text = f"def a(self): ...\nclass A:\n    callbacks = []\n{lines}\n"
    text += "class B:\n    callbacks = A.callbacks\n"
    assert short(Sources(text).own("B")) == [f"e{i} a" for i in range(20)]


def test_R9_lists_that_depend_on_each_other():
    sources = Sources(
        {
            "m": "import n\nclass A:\n    callbacks = n.B.callbacks\n",
            "n": "import m\nclass B:\n    callbacks = m.A.callbacks\n",
        }
    )
    (found,) = sources.own("A").findings
    assert found.code == "AC205"
    assert "depends on itself" in found.message


def test_reach_of_elements_of_bound_lists():
    found = Sources(
        """
        def make(n): return lambda self: n
        PAIR = ("x", make(1))
        COMMON = [("y", lambda self: 1), PAIR, *[("z", make(2))]]
        class Holder:
            LISTS = (COMMON, [("v", make(3))])
        HOOKS = (make(4), make(5))
        SHIFTED = [("u", make(6))]
        SHIFTED.insert(0, PAIR)
        class T:
            callbacks = [
                *COMMON, *Holder.LISTS[1], ("w", lambda self: 2), *SHIFTED,
                *[("q", f) for f in HOOKS], ("d", HOOKS[1]),
            ]
        """
    ).own("T")
    assert [one.reachable for one in found.entries] == [
        ("m", "COMMON", (0, 1)),
        ("m", "PAIR", (1,)),
        ("m", "COMMON", (2, 1)),
        ("m", "Holder.LISTS", (1, 0, 1)),
        None,
        ("m", "PAIR", (1,)),
        None,
        ("m", "HOOKS", (0,)),
        ("m", "HOOKS", (1,)),
        ("m", "HOOKS", (1,)),
    ]


def test_places_of_entries_and_events():
    found = Sources(
        """
        def a(self): ...
        PAIR = ("x", a)
        class T:
            callbacks = [PAIR, ("y", a)]
        """
    ).own("T")
    first, second = found.entries
    assert (first.place.span.line, first.place.span.column) == (4, 18)
    assert (first.event_place.span.line, first.event_place.span.column) == (2, 9)
    assert (second.place.span.column, second.event_place.span.column) == (24, 25)


ENTRIES = {
    "one element": ("('x',)", "AC204", 18),
    "three elements": ("('x', a, a)", "AC204", 18),
    "a list of two": ("['x', a]", "AC204", 18),
    "a function": ("a", "AC204", 18),
    "a string": ("'x'", "AC204", 18),
    "no string": ("(1, a)", "AC204", 19),
    "an event of a call": ("(make(), a)", "AC206", 19),
    "an event of the environment": ("(os.environ['E'], a)", "AC206", 19),
    "an entry of a call": ("make()", "AC208", 18),
    "an unknown star": ("(*make(),)", "AC208", 18),
    "a callable of the environment": ("('x', os.environ['E'])", "AC207", 24),
    "a missing callable": ("('x', nope)", "AC103", 24),
    "a missing event": ("(nope, a)", "AC103", 19),
    "a number": ("('x', 3)", "AC215", 24),
    "None": ("('x', None)", "AC215", 24),
}


@pytest.mark.parametrize("form", ENTRIES)
def test_R9_entries_that_are_none(form):
    text, code, column = ENTRIES[form]
    found = Sources(
        f"import os\ndef a(self): ...\ndef make(): return ('x', a)\n"
        f"class T:\n    callbacks = [{text}, ('y', a)]\n"
    ).own("T")
    assert codes(found.findings) == [(code, 5, column)], found.findings
    assert found.findings[0].hint
    assert [one.index for one in found.entries] == [1]
    assert found.length == 2


def test_both_halves_of_an_entry_are_told():
    found = Sources("class T:\n    callbacks = [(nope, nada)]\n").own("T")
    assert codes(found.findings) == [("AC103", 2, 19), ("AC103", 2, 25)]

"""R12: later statements that change the callbacks of a class, in this or another module."""

from __future__ import annotations

import pytest

from arctic_codegen.diagnostics.records import Severity
from tests.unit.resolve.values_support import Sources, codes

HEAD = """
import sys
import other
from other import far

def a(self): ...
def b(self): ...
PAIR = ("x", a)
class A:
    callbacks = [("w", a)]
class Sub(A): ...
class Outer:
    class Inner: ...
class Alien: ...
Alias = A
"""
OTHER = "def far(self): ...\nHOOKS = [('f', far)]\n"
LINES = HEAD.count("\n")


def read(text, *hosts, **others):
    sources = Sources(HEAD + text, other=OTHER, **others)
    return sources.changes(*(hosts or ("A", "Sub", "Outer.Inner")))


def told(changes):
    """``Owner kind [events]`` of each change."""
    return [
        f"{one.owner.name} {one.kind}"
        + ("" if one.position is None else f" {one.position}")
        + "".join(f" {entry.event}" for entry in one.entries)
        for one in changes
    ]


FORMS = {
    "append": ("A.callbacks.append(PAIR)", ["A append x"]),
    "append of a tuple": ("A.callbacks.append(('y', b))", ["A append y"]),
    "extend": ("A.callbacks.extend([PAIR, ('y', b)])", ["A extend x y"]),
    "extend with a tuple": ("A.callbacks.extend((PAIR,))", ["A extend x"]),
    "extend with a generator": ("A.callbacks.extend((e, a) for e in ('x', 'y'))", ["A extend x y"]),
    "insert": ("A.callbacks.insert(0, PAIR)", ["A insert 0 x"]),
    "insert from the end": ("A.callbacks.insert(-1, PAIR)", ["A insert -1 x"]),
    "plus equals": ("A.callbacks += [PAIR]", ["A extend x"]),
    "plus equals with a name": ("A.callbacks += other.HOOKS", ["A extend f"]),
    "iadd": ("A.callbacks.__iadd__([PAIR])", ["A extend x"]),
    "assignment": ("A.callbacks = [PAIR]", ["A assign x"]),
    "annotated assignment": ("A.callbacks: list = [PAIR]", ["A assign x"]),
    "assignment to two": ("A.callbacks = Sub.callbacks = [PAIR]", ["A assign x", "Sub assign x"]),
    "sum with itself": ("A.callbacks = A.callbacks + [PAIR]", ["A assign w x"]),
    "sum with itself, inherited": ("Sub.callbacks = Sub.callbacks + [PAIR]", ["Sub assign w x"]),
    "sum after an append": (
        "A.callbacks.append(PAIR)\nA.callbacks = [('y', b)] + A.callbacks",
        ["A append x", "A assign y w x"],
    ),
    "alias of the class": ("Alias.callbacks.append(PAIR)", ["A append x"]),
    "nested class": ("Outer.Inner.callbacks.append(PAIR)", ["Outer.Inner append x"]),
    "subclass": ("Sub.callbacks.append(PAIR)", ["Sub append x"]),
    "object": ("t = A()\nt.callbacks.append(PAIR)", ["A append x"]),
    "object of an alias": ("t = Alias(1, n=2)\nt.callbacks += [PAIR]", ["A extend x"]),
    "object, annotated": ("t: A = A()\nt.callbacks.append(PAIR)", ["A append x"]),
    "alias of the list": ("cbs = A.callbacks\ncbs.append(PAIR)\ncbs += [PAIR]", []),
    "alias of the list, in a function": ("def f():\n    c = A.callbacks\n    c.append(PAIR)", []),
    "unnamed object": ("A().callbacks.append(PAIR)", []),
    "a copy is none": ("cbs = list(A.callbacks)\ncbs.append(PAIR)", []),
    "a sum is none": ("cbs = A.callbacks + [PAIR]\ncbs.append(PAIR)", []),
    "a name bound again is none": ("cbs = A.callbacks\ncbs = []\ncbs.append(PAIR)", []),
    "append by the class of lists": ("list.append(A.callbacks, PAIR)", []),
    "no host class": ("Alien.callbacks.append(PAIR)", []),
    "an object of no host class": ("t = Alien()\nt.callbacks.append(PAIR)", []),
    "an unknown object": ("t = nope()\nt.callbacks.append(PAIR)", []),
    "an object that is bound twice": ("t = A()\nt = Sub()\nt.callbacks.append(PAIR)", []),
    "another attribute": ("A.callbacks2 = []\nA.hooks.append(PAIR)", []),
    "main guard": ("if __name__ == '__main__':\n    A.callbacks.append(PAIR)", ["A append x"]),
    "object under the main guard": (
        "if __name__ == '__main__':\n    t = A()\n    t.callbacks.append(PAIR)",
        ["A append x"],
    ),
    "decided branch": (
        "if sys.version_info >= (3, 8):\n    A.callbacks.append(PAIR)\n"
        "else:\n    A.callbacks.clear()",
        ["A append x"],
    ),
    "with": ("with open('x') as f:\n    A.callbacks.append(PAIR)", ["A append x"]),
    "source order": (
        "A.callbacks.append(PAIR)\nSub.callbacks.append(PAIR)\nA.callbacks.insert(0, ('y', b))",
        ["A append x", "Sub append x", "A insert 0 y"],
    ),
    "an object of an unknown class is left to run time": (
        "def main(trainer, registry):\n    trainer.callbacks.append(PAIR)\n"
        "    registry.get('x')().callbacks.append(PAIR)",
        [],
    ),
    "a loop over something else": (
        "for cls in (Alien, nope):\n    cls.callbacks.append(PAIR)\n"
        "for cls in nope():\n    cls.callbacks.append(PAIR)",
        [],
    ),
    "self": ("class B:\n    def f(self):\n        self.callbacks.append(PAIR)", []),
    "a parameter that hides a class": ("def f(A):\n    A.callbacks.append(PAIR)", []),
}


@pytest.mark.parametrize("form", FORMS)
def test_R12_forms(form):
    text, wanted = FORMS[form]
    changes, findings = read(text)
    assert not findings, findings
    assert told(changes) == wanted


def test_R12_operations_are_counted_for_each_class():
    changes, _ = read(
        "A.callbacks.append(PAIR)\nSub.callbacks.append(PAIR)\nA.callbacks.append(PAIR)\n"
    )
    assert [(one.owner.name, one.operation) for one in changes] == [("A", 0), ("Sub", 0), ("A", 1)]
    assert [one.through_object for one in changes] == [False] * 3


REFUSED = {
    "function": ("def f():\n    A.callbacks.append(PAIR)", "AC210", 2),
    "function, object": ("def f():\n    t = A()\n    t.callbacks.append(PAIR)", "AC210", 3),
    "function, global object": ("t = A()\ndef f():\n    t.callbacks.append(PAIR)", "AC210", 3),
    "function, assignment": ("def f():\n    A.callbacks = []", "AC210", 2),
    "nested function": ("def f():\n    def g():\n        A.callbacks.append(PAIR)", "AC210", 3),
    "method": ("class B:\n    def f(self):\n        A.callbacks.append(PAIR)", "AC210", 3),
    "class body": ("class B:\n    A.callbacks.append(PAIR)", "AC210", 2),
    "async function": ("async def f():\n    A.callbacks.append(PAIR)", "AC210", 2),
    "for": ("for e in [PAIR]:\n    A.callbacks.append(e)", "AC210", 2),
    "for, over classes": ("for cls in (Alien, A):\n    cls.callbacks.append(PAIR)", "AC210", 2),
    "for, over objects": ("t = A()\nfor x in [t]:\n    x.callbacks.append(PAIR)", "AC210", 3),
    "while": ("while True:\n    A.callbacks.append(PAIR)", "AC210", 2),
    "try": ("try:\n    A.callbacks.append(PAIR)\nexcept ValueError: ...", "AC210", 2),
    "undecided if": ("if nope():\n    A.callbacks.append(PAIR)", "AC210", 2),
    "match": ("match nope():\n    case 1:\n        A.callbacks.append(PAIR)", "AC210", 3),
    "remove": ("A.callbacks.remove(PAIR)", "AC213", 1),
    "pop": ("A.callbacks.pop()", "AC213", 1),
    "clear": ("A.callbacks.clear()", "AC213", 1),
    "sort": ("A.callbacks.sort(key=str)", "AC213", 1),
    "reverse": ("A.callbacks.reverse()", "AC213", 1),
    "minus equals": ("A.callbacks -= [PAIR]", "AC213", 1),
    "times equals": ("A.callbacks *= 2", "AC213", 1),
    "item": ("A.callbacks[0] = PAIR", "AC213", 1),
    "slice": ("A.callbacks[:] = [PAIR]", "AC213", 1),
    "del item": ("del A.callbacks[0]", "AC213", 1),
    "del": ("del A.callbacks", "AC213", 1),
    "setattr": ("setattr(A, 'callbacks', [PAIR])", "AC213", 1),
    "delattr": ("delattr(A, 'callbacks')", "AC213", 1),
    "starred": ("A.callbacks.append(*[PAIR])", "AC213", 1),
    "without argument": ("A.callbacks.append()", "AC213", 1),
    "undecided position": ("A.callbacks.insert(nope(), PAIR)", "AC213", 1),
    "clear of an object's": ("t = A()\nt.callbacks.clear()", "AC213", 2),
    "unpacking": ("A.callbacks, n = [PAIR], 1", "AC213", 1),
    "starred unpacking": ("A.callbacks, *n = [PAIR], 1", "AC213", 1),
    "undecided entry": ("A.callbacks.append(sys.argv[0])", "AC208", 1),
    "missing entry": ("A.callbacks.append(nope)", "AC103", 1),
    "malformed entry": ("A.callbacks.append(('x', a, b))", "AC204", 1),
    "undecided list": ("A.callbacks.extend(sys.argv)", "AC205", 1),
    "undecided assignment": ("A.callbacks = sys.argv", "AC205", 1),
    "undecided event": ("A.callbacks += [(sys.argv[0], a)]", "AC206", 1),
    "no callable": ("A.callbacks += [('x', 3)]", "AC215", 1),
}


@pytest.mark.parametrize("form", REFUSED)
def test_R12_R13_what_is_refused(form):
    text, code, line = REFUSED[form]
    _, findings = read(text)
    assert [(c, at - LINES) for c, at, _ in codes(findings)] == [(code, line - 1)], findings
    assert findings[0].hint
    assert findings[0].severity is Severity.ERROR


def test_R12_far_changes_name_the_classes_that_they_reach():
    changes, findings = read("", far_away="import m\nm.A.callbacks.append(m.PAIR)\n")
    assert told(changes) == ["A append x"]
    assert codes(findings) == [("AC211", 2, 1)]
    assert findings[0].severity is Severity.WARNING
    assert "'m.A', 'm.Sub'" in findings[0].message
    assert findings[0].place.path.endswith("far_away.py")


def test_R12_modules_stand_in_order_of_name():
    change = "from m import A, PAIR\nA.callbacks.append(PAIR)\n"
    changes, _ = read("A.callbacks.append(PAIR)\n", zz=change, b=change)
    assert [one.module for one in changes] == ["b", "m", "zz"]


def test_R12_objects_of_one_class_in_two_modules():
    script = "from m import A, PAIR\nt = A()\nt.callbacks.append(PAIR)\n"
    _, findings = read("", one=script, two=script + "t.callbacks.append(PAIR)\n")
    errors = [one for one in findings if one.severity is Severity.ERROR]
    assert codes(errors) == [("AC212", 3, 1), ("AC212", 4, 1)]
    assert errors[0].place.path.endswith("two.py")
    assert errors[0].related[0].place.path.endswith("one.py")


def test_R12_objects_of_two_classes_in_two_modules_are_fine():
    _, findings = read(
        "",
        one="from m import A, PAIR\nt = A()\nt.callbacks.append(PAIR)\n",
        two="from m import Sub, PAIR\nt = Sub()\nt.callbacks.append(PAIR)\n",
    )
    assert {one.code for one in findings} == {"AC211"}


SCRIPTS = {
    "from": "from generated.m import A\nA.callbacks.append(('x', f))\n",
    "renamed": "from generated.m import A as X\nX.callbacks.append(('x', f))\n",
    "module": "import generated.m\ngenerated.m.A.callbacks.append(('x', f))\n",
    "module renamed": "import generated.m as g\ng.A.callbacks.append(('x', f))\n",
    "from package": "from generated import m\nm.A.callbacks.append(('x', f))\n",
    "star": "from generated.m import *\nA.callbacks.append(('x', f))\n",
    "object": "from generated.m import A\nt = A()\nt.callbacks.append(('x', f))\n",
    "source and output": "import generated.m\nfrom m import A\nA.callbacks.append(('x', f))\n",
}


@pytest.mark.parametrize("form", SCRIPTS)
def test_R12_names_from_the_output_mean_their_source(form):
    text = "def f(self): ...\n" + SCRIPTS[form]
    changes, findings = read("", script=text)
    assert told(changes) == ["A append x"]
    assert changes[0].in_script
    assert changes[0].entries[0].callable.reachable == ("script", "f")
    assert {one.code for one in findings} == {"AC211"}


def test_R12_names_from_the_output_in_packages():
    sources = Sources(
        {
            "m": "",
            "pkg": "",
            "pkg.trainers": "class Outer:\n    class T: ...\n",
            "pkg.script": (
                "from ..generated.pkg.trainers import Outer\ndef f(self): ...\n"
                "Outer.T.callbacks.append(('x', f))\n"
            ),
            "script": (
                "from generated.pkg.trainers import Outer\ndef f(self): ...\n"
                "Outer.T.callbacks.append(('x', f))\n"
            ),
        },
        packages=("pkg",),
    )
    changes, _ = sources.changes("pkg.trainers:Outer.T", modules=["script"])
    assert told(changes) == ["Outer.T append x"]


def test_R12_output_that_is_there_means_its_source_too():
    text = "from generated.m import A\ndef f(self): ...\nA.callbacks.append(('x', f))\n"
    compiled = "from m import A as _A\nclass A(_A): ...\n"
    sources = Sources(
        {"m": HEAD, "other": OTHER, "script": text, "generated": "", "generated.m": compiled},
        packages=("generated",),
    )
    changes, _ = sources.changes("A", modules=["m", "script"])
    assert told(changes) == ["A append x"]


@pytest.mark.parametrize("callable_", ["lambda self: 1", "functools.partial(f)", "make(1)"])
def test_R12_callbacks_of_scripts_need_no_names(callable_):
    script = f"""
import functools
from generated.m import A
def f(self): ...
def make(n): return lambda self: n
NAMED = make(2)
A.callbacks.append(("x", {callable_}))
A.callbacks.append(("x", NAMED))
"""
    changes, findings = read("", script=script)
    assert [one for one in findings if one.severity is Severity.ERROR] == []
    assert [len(one.entries) for one in changes] == [1, 1]
    (unnamed,), (named,) = (one.entries for one in changes)
    assert unnamed.callable.reachable is None
    assert unnamed.reachable is None
    assert named.callable.reachable == ("script", "NAMED")


def test_R12_the_example_of_the_page():
    script = """
from generated.m import A
def pre_init_callback(self): ...
init_cb = ("pre-init", pre_init_callback)
trainer = A()
trainer.callbacks.append(init_cb)
"""
    changes, _ = read("", script=script)
    (change,) = changes
    assert (change.through_object, change.in_script) == (True, True)
    assert change.entries[0].reachable == ("script", "init_cb", (1,))
    assert change.entries[0].callable.reachable == ("script", "pre_init_callback")


@pytest.mark.parametrize(
    "statement",
    ["MORE.append(1)", "MORE += [1]", "m.MORE.append(1)", "def f():\n    MORE.append(1)"],
)
def test_R13_a_named_list_that_another_module_changes(statement):
    head = "def a(self): ...\nMORE = [('x', a)]\nOTHERS = []\nclass T:\n    callbacks = [*MORE]\n"
    text = f"import m\nfrom m import MORE, OTHERS\n{statement}\nOTHERS.append('callbacks')\n"
    sources = Sources({"m": head, "far_away": text})
    _, findings = sources.changes("T")
    line = 4 if "def" in statement else 3
    column = 5 if "def" in statement else 1
    assert codes(findings) == [("AC213", line, column)]
    assert "'m.T'" in findings[0].message


def test_R13_a_local_name_is_no_list_of_another_module():
    head = "def a(self): ...\nMORE = [('x', a)]\nclass T:\n    callbacks = [*MORE]\n"
    text = "from m import MORE\ndef f(MORE):\n    MORE.append(1)\n"
    text += "def g():\n    MORE = []\n    MORE.append(1)\n"
    _, findings = Sources({"m": head, "far_away": text}).changes("T")
    assert findings == ()

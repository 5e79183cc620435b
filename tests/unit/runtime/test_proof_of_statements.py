"""Differences that the proof at import allows, and the order of lambdas (R48)."""

from __future__ import annotations

import sys
import types

import pytest

from tests.unit.runtime.proofs import changed, programs, read


@pytest.fixture
def program(tmp_path, monkeypatch):
    with programs(tmp_path, monkeypatch) as made:
        yield made


LAMBDAS = """
from arctic_codegen import CallbackMixin
def turned(entries): return entries
def make(): return lambda self: self.step()
class A(CallbackMixin):
    def step(self): ...
    callbacks = turned([
        ("pre-step", lambda self: self.step()),
        ("pre-step", lambda self: self.step()), ("pre-step", lambda self: self.step()),
    ])
A.callbacks.append(("pre-step", lambda self: self.step()))
A.callbacks.append(("pre-step", make()))
"""


def run_lambdas(program, *pairs):
    program.write("proof_main", changed(LAMBDAS, *pairs))
    program.load("proof_main")
    return program.differences(read({"proof_main": LAMBDAS.replace("= turned([", "= ([")}))


def test_R48_lambdas_of_one_scope_are_told_apart_by_their_order(program):
    assert run_lambdas(program) == []


def test_R48_lambdas_on_two_lines_that_have_changed_places_are_a_difference(program):
    turned = ("return entries", "return [entries[1], entries[0], entries[2]]")
    (told,) = run_lambdas(program, turned)
    file = program.root / "proof_main.py"
    shown = "('pre-step', proof_main.A.<lambda>)"
    assert told == (
        f"proof_main.A: {shown} ({file}:8) and {shown} ({file}:7) have swapped places since the"
        " build read them"
    )


def test_R48_a_lambda_on_a_line_of_others_may_have_no_column(program):
    """As ``lambda self: None`` on Python 3.12."""
    bare = "code = entries[2][1].__code__; "
    bare += "entries[2][1].__code__ = code.replace(co_linetable=b''); return entries"
    assert run_lambdas(program, ("return entries", bare)) == []


@pytest.mark.skipif(sys.version_info < (3, 11), reason="code has no columns before Python 3.11")
def test_R48_lambdas_on_one_line_that_have_changed_places_are_a_difference(program):
    turned = ("return entries", "return [entries[0], entries[2], entries[1]]")
    (told,) = run_lambdas(program, turned)
    assert "have swapped places" in told


@pytest.mark.skipif(sys.version_info < (3, 11), reason="code has no columns before Python 3.11")
@pytest.mark.parametrize("order", ["[0, 1, 1]", "[2, 2, 2]"])
def test_R48_one_lambda_in_the_places_of_two_is_a_difference(program, order):
    assert run_lambdas(program, ("return entries", f"return [entries[i] for i in {order}]"))


MORE = """
from proof_main import A, B, e, f
A.callbacks.append(("post-step", e))
A.callbacks.insert(0, ("post-step", f))
A.callbacks += [("post-step", lambda self: None)]
"""
LATE = """
from proof_main import A, f
A.callbacks.append(("pre-step", f))
"""
ADDED = """
from arctic_codegen import CallbackMixin
def e(self): ...
def f(self): ...
class A(CallbackMixin):
    callbacks = [("pre-step", e)]
    def step(self): ...
class B(A):
    callbacks = [("pre-step", f)]
A.callbacks.append(("pre-step", f))
"""


def run_added(program, more, names, main=ADDED):
    """The differences after importing the modules with these names in this order."""
    program.write("proof_main", main)
    program.write("proof_more", more)
    program.write("proof_late", LATE)
    for name in ("proof_main", *names):
        program.load(name)
    modules = {"proof_main": ADDED, "proof_more": MORE, "proof_late": LATE}
    return program.differences(read(modules))


@pytest.mark.parametrize(
    "names", ["", "proof_more", "proof_late", "proof_late proof_more", "proof_more proof_late"]
)
def test_R48_what_other_modules_add_may_be_missing_or_in_an_order_of_theirs(program, names):
    assert run_added(program, MORE, names.split()) == []


ELSEWHERE = {
    "at another place": ("insert(0, ", "insert(1, "),
    "in another way": ('A.callbacks.append(("post-step", e))', "A.callbacks += [('post-step', e)]"),
}


@pytest.mark.parametrize("case", ELSEWHERE)
def test_R48_what_another_module_adds_may_stand_anywhere(program, case):
    assert run_added(program, changed(MORE, ELSEWHERE[case]), ["proof_more"]) == []


OTHERWISE = {
    "in another order": (
        ('insert(0, ("post-step", f))', 'append(("post-step", f))'),
        "its list is in a different order",
    ),
    "an entry more": (
        ("A.callbacks +=", "A.callbacks.append(('post-step', f))\nA.callbacks +="),
        "its list has ('post-step', proof_main.f)",
    ),
    "another event": (
        ('append(("post-step"', 'append(("pre-step"'),
        "its list has ('pre-step', proof_main.e)",
    ),
    "to a class that is not read to be changed": (
        ("A.callbacks +=", "B.callbacks +="),
        "proof_main.B: its list has ('post-step', proof_more.<lambda>)",
    ),
    "what the build read of another other module": (
        ("A.callbacks +=", "A.callbacks.append(('pre-step', f))\nA.callbacks +="),
        "its list is in a different order",
    ),
}


@pytest.mark.parametrize("case", OTHERWISE)
def test_R48_what_another_module_adds_otherwise_is_a_difference(program, case):
    pair, told = OTHERWISE[case]
    found = run_added(program, changed(MORE, pair), ["proof_more"])
    assert told in "\n".join(found)


@pytest.mark.parametrize("statement", ["append(('pre-step', f))", "extend([('pre-step', f)])"])
def test_R48_what_the_class_s_own_module_adds_must_be_there(program, statement):
    main = changed(ADDED, ('A.callbacks.append(("pre-step", f))', ""))
    (told,) = run_added(program, MORE, ["proof_more"], main)
    assert told == (
        "proof_main.A: the build read '[proof_main] pre-step proof_main:f(self)', which its list"
        " does not have"
    )
    for name in program.names:
        sys.modules.pop(name, None)
    program.write("proof_main", f"{main}\nA.callbacks.{statement}\n")
    program.load("proof_more")
    text = read({"proof_main": ADDED, "proof_more": MORE})
    assert program.differences(text) == []


def test_R48_an_entry_of_the_body_that_another_module_adds_again(program):
    """The same tuple is in the list twice, added by two modules."""
    main = changed(
        ADDED, ('[("pre-step", e)]', "[PAIR]"), ("class A(", "PAIR = ('pre-step', e)\nclass A(")
    )
    more = "from proof_main import A, PAIR\nA.callbacks.append(PAIR)\n"
    program.write("proof_main", main)
    program.write("proof_more", more)
    program.load("proof_more")
    text = read({"proof_main": main, "proof_more": more})
    assert program.differences(text) == []


def test_R48_statements_after_the_class_may_be_missing_while_its_module_is_imported(program):
    """The compiled module may be imported while its source is still being executed."""
    head, tail = ADDED.rstrip().rsplit("\n", 1)
    program.write("proof_main", f"{head}\nimport proof_check\nproof_check.check()\n{tail}\n")
    text = read({"proof_main": ADDED})
    told = []
    check = types.ModuleType("proof_check")
    check.check = lambda: told.append(program.differences(text))
    program.names.add("proof_check")
    sys.modules["proof_check"] = check
    program.load("proof_main")
    assert told == [[]]
    assert program.differences(text) == []


def test_R48_what_only_the_main_program_adds_may_be_missing(program):
    main = f"{ADDED}\nif __name__ == '__main__':\n    A.callbacks.append(('post-step', f))\n"
    program.write("proof_main", main)
    program.load("proof_main")
    assert program.differences(read({"proof_main": main})) == []


@pytest.mark.parametrize(("runs", "differences"), [("f", 0), ("e", 1)])
def test_R48_what_a_module_adds_as_the_main_program_is_its_own(
    program, monkeypatch, runs, differences
):
    late = "from proof_main import A, e, f\nif __name__ == '__main__':\n"
    text = read(
        {"proof_main": ADDED, "proof_late": f"{late}    A.callbacks.append(('post-step', f))\n"},
    )
    program.write("proof_main", ADDED)
    program.write("proof_late", f"{late}    A.callbacks.append(('post-step', {runs}))\n")
    path = program.root / "proof_late.py"
    made = types.ModuleType("__main__")
    made.__file__ = str(path)
    made.__spec__ = None
    monkeypatch.setitem(sys.modules, "__main__", made)
    exec(compile(path.read_text(), str(path), "exec"), vars(made))
    assert len(program.differences(text)) == differences


def test_R48_a_class_whose_findings_are_silenced_is_not_compared(program):
    """The build has not read all of it."""
    main = changed(
        ADDED,
        ("def f(", "import random\ndef f("),
        ('callbacks = [("pre-step", e)]', 'callbacks = [("pre-step", random.choice([e, f]))]'),
    )
    program.write("proof_main", main)
    program.load("proof_main")
    assert program.differences(read({"proof_main": main}, silenced=["AC207"])) == []


def test_R12_an_assigned_list_is_compared_as_a_whole(program):
    main = f"{ADDED}\nA.callbacks = [('post-step', f)]\n"
    program.write("proof_main", main)
    program.load("proof_main")
    text = read({"proof_main": main})
    assert program.differences(text) == []
    sys.modules["proof_main"].A.callbacks.append(("post-step", print))
    (told,) = program.differences(text)
    assert "its list has ('post-step', builtins.print)" in told


NAMED_LIST = (
    ('callbacks = [("pre-step", e)]', "callbacks = HOOKS"),
    ("class A(", "HOOKS = [('pre-step', e)]\nclass A("),
)


def test_R12_what_the_body_named_before_an_assignment_does_not_count(program):
    main = changed(ADDED, *NAMED_LIST) + "\nA.callbacks = [('post-step', f)]\n"
    program.write("proof_main", f"{main}\nHOOKS.append(('pre-step', f))\n")
    program.load("proof_main")
    assert program.differences(read({"proof_main": main})) == []


def test_R48_the_list_that_the_body_names_is_compared_with_the_class_s_copy(program):
    main = changed(ADDED, *NAMED_LIST)
    text = read({"proof_main": main})
    program.write("proof_main", main)
    program.load("proof_main")
    assert program.differences(text) == []
    made = sys.modules["proof_main"]
    made.HOOKS.insert(0, ("pre-step", made.f))
    (told,) = program.differences(text)
    assert told.startswith(
        "proof_main.A: the list that its body names was changed after the class was made, to"
        " [('pre-step', proof_main.f)"
    )


def test_R48_a_parent_s_list_that_the_body_names_may_be_added_to_later(program):
    """The class has a copy, and the addition comes from the parent."""
    main = ADDED + "\nclass Below(A):\n    callbacks = A.callbacks\n"
    main += "\nA.callbacks.append(('pre-step', e))\n"
    program.write("proof_main", main)
    program.load("proof_main")
    text = read({"proof_main": main})
    assert program.differences(text) == []


def test_R48_a_tuple_of_a_class_without_the_mixin(program):
    main = changed(
        ADDED,
        ("class A(", "class P:\n    callbacks = (('pre-step', f),)\n\nclass A(P, "),
        ('    callbacks = [("pre-step", e)]\n', ""),
        ('A.callbacks.append(("pre-step", f))', ""),
    )
    program.write("proof_main", main)
    program.load("proof_main")
    text = read({"proof_main": main})
    assert program.differences(text) == []
    sys.modules["proof_main"].P.callbacks = ()
    (told,) = program.differences(text)
    assert told.startswith("proof_main.P: the build read 'pre-step proof_main:f(self)'")

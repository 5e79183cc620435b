"""R9, R10, R16: random lists of callbacks, read by the resolver and evaluated by Python."""

from __future__ import annotations

import functools
import inspect
import re
import sys
import types

import msgspec
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.unit.resolve.values_support import Sources

HEAD = """
import functools
import other
from functools import partial, wraps
from other import far, FAR, THEIRS

PRE, POST = "pre", "post"
NAMES = ["step", "loss", "epoch"]
NUMBER = 2
FLAG = False
def a(self): ...
def b(self, value=None, *, flag=1): ...
def c(first, /, self, x, *args, y, **kwargs): ...
class Every:
    KIND = "kind"
    def __init__(self, n): self.n = n
    def __call__(self, trainer, batch): ...
    def method(self, trainer): ...
    @staticmethod
    def static(trainer, value): ...
    @classmethod
    def made(cls, trainer): ...
class Child(Every): ...
OBJ = Every(1)
def every(n, fn):
    @wraps(fn)
    def wrapper(*args, **kwargs): return fn(*args, **kwargs)
    return wrapper
def plain(n):
    def inner(self, batch): return n
    return inner
def by_lambda(n): return lambda self, lr: n
def same(fn): return fn
def drops(fn):
    def inner(trainer): return fn(trainer)
    return inner
@drops
def dropped(self, batch): ...
@functools.lru_cache(maxsize=None)
def cached(self, batch): ...
MADE = plain(1)
PART = partial(b, flag=2)
LAM = lambda self: 1
PAIR = ("pre-step", a)
COMMON = [PAIR, ("post-step", LAM)]
HOOKS = {"pre-step": a, "post-loss": OBJ}
MORE = [("more", OBJ.method)]
MORE.append(PAIR)
MORE += [("again", MADE)]
MORE.insert(1, ("inserted", PART))
class Base:
    callbacks = [("base", Every(2)), *COMMON]
class Middle(Base): ...
Base.callbacks.append(("appended", plain(7)))
Base.callbacks.insert(0, PAIR)
"""
OTHER = """
import functools
def far(self, batch): ...
class Far:
    def __call__(self, trainer): ...
FAR = Far()
THEIRS = [("their", far), ("own", FAR), ("part", functools.partial(far, batch=1))]
"""

# In each form `T` is a text, `C` a callable, `P` an entry, `L` a list, `N` a number, `B` a test.
FORMS = {
    "N": [
        "0",
        "1",
        "2",
        "-1",
        "NUMBER",
        "len(NAMES)",
        "NUMBER + 1",
        "True",
    ],
    "B": [
        "FLAG",
        "not FLAG",
        "NUMBER > 1",
        "NUMBER == 3",
        "PRE in ('pre',)",
        "NAMES",
        "''",
        "None",
        "1 < NUMBER < 2",
        "FLAG or NUMBER",
        "FLAG and COMMON",
        "PRE != POST",
        "FLAG is None",
    ],
    "T": [
        "'pre-step'",
        "PRE",
        "POST",
        "NAMES[0]",
        "NAMES[-1]",
        "Every.KIND",
        "'a' 'b'",
        "'%'",
    ],
    "T+": [
        "T + T",
        "('%s-%s' % (T, T))",
        "'{}{x}'.format(T, x=N)",
        "(T if B else T)",
        "f'{PRE}{NUMBER}-x'",
        "f'{NAMES[2]}-' + T",
    ],
    "C": [
        "a",
        "b",
        "far",
        "other.far",
        "FAR",
        "OBJ",
        "MADE",
        "PART",
        "LAM",
        "dropped",
        "cached",
        "OBJ.method",
        "OBJ.made",
        "OBJ.static",
        "Every.static",
        "Child.made",
        "Every.made",
        "Every.method",
        "Child(1)",
        "Every(2)",
        "Every(3).method",
        "lambda self: 1",
        "(lambda self, v=1, *, k: v)",
        "plain(3)",
        "by_lambda(1)",
        "PAIR[1]",
    ],
    "C+": [
        "every(1, C)",
        "every(n=2, fn=(C))",
        "same(C)",
        "drops(C)",
        "partial(C)",
        "partial(b, flag=3)",
        "partial(c, 1)",
        "partial(c, 1, x=2)",
        "partial(c, 1, 2, 3, 4)",
        "partial(partial(c, 1, y=3), 2, z=4)",
        "(lambda n: lambda self: n)(3)",
        "((C) if B else (C))",
    ],
    "P": [
        "PAIR",
        "COMMON[0]",
        "COMMON[-1]",
        "THEIRS[NUMBER]",
        "(*PAIR,)",
        "(T, C)",
        "(T, C)",
    ],
    "L": [
        "COMMON",
        "THEIRS",
        "other.THEIRS",
        "MORE",
        "Base.callbacks",
        "Middle.callbacks",
        "[]",
        "[P]",
        "[P, P]",
        "[P, P, P]",
    ],
    "L+": [
        "L + L",
        "[*L, P]",
        "list(tuple(L))",
        "(L)[:]",
        "list(L).copy()",
        "(L if B else L)",
        "(L or L)",
        "[(e, f) for e, f in L] + [(e, C) for e, _ in L]",
        "[(f'{n}-{i}', C) for i in (0, 1) for n in NAMES if i > 0]",
        "[x for x in L if B]",
        "[(e + i, f) for i in ('x', 'y') for e, f in L if e]",
        "[(e, partial(f)) for e, f in L]",
        "[*(L), *[(e, every(i, f)) for i in (0, 1) for e, f in L]]",
    ],
}


JUNK = (
    *("nope", "None", "3", "[]", "{}", "a.nope", "other", "Every", "OBJ.n", "print", "{T, T}"),
    *("(L)[C]", "(L) - (L)", "C(N)", "T(C)", "{T: C}[T]", "(P)[N]", "[*(T)]", "(T) % (P)"),
    *(
        "partial(C, N, N, N, nope=N)",
        "[P for x in C]",
        "L.append(P)",
        "HOOKS[T]",
        "-(T)",
        "(T).join(L)",
    ),
    *("(L) * N", "(L)[N:]", "(L)[::-1]", "list(HOOKS.items())", "list(zip(NAMES, (a, b)))"),
    *("[*reversed(COMMON)]", "'-'.join([T, T])", "(T)[N:]", "(T).upper()", "str(N)", "(T) * N"),
    *("[(e + str(i), f) for i in range(NUMBER) for e, f in L]", "[(e, *r) for e, *r in L]"),
    *("[x async for x in L]", "(x for x in L)", "(L)(C)", "f'{L}'", "plain()", "every(C)", "1 / 0"),
)


@st.composite
def lists(draw, junk=False, kind="L"):
    """An expression that Python evaluates to a list of callbacks, or with ``junk`` to anything."""

    def made(kind, depth):
        if junk and draw(st.integers(0, 5)) == 0:
            kind = draw(st.sampled_from("TCPLN"))
        forms = FORMS[kind]
        if depth > 0 and f"{kind}+" in FORMS and draw(st.integers(0, 2)):
            forms = FORMS[f"{kind}+"]
        if junk and depth > 0 and draw(st.integers(0, 5)) == 0:
            forms = JUNK
        form = draw(st.sampled_from(forms))
        return re.sub(r"\b[TCPLNB]\b", lambda match: f"({made(match[0], depth - 1)})", form)

    return made(kind, 3 if kind == "L" else 2)


KINDS = {
    inspect.Parameter.POSITIONAL_ONLY: "positional_only",
    inspect.Parameter.POSITIONAL_OR_KEYWORD: "normal",
    inspect.Parameter.VAR_POSITIONAL: "var_positional",
    inspect.Parameter.KEYWORD_ONLY: "keyword_only",
    inspect.Parameter.VAR_KEYWORD: "var_keyword",
}


def seen_by_python(function):
    """Parameters as seen by a caller, without those that a partial has bound."""
    given = set()
    inner = function
    while inner is not None:
        if isinstance(inner, functools.partial):
            given |= set(inner.keywords)
            inner = inner.func
        else:
            inner = getattr(inner, "__wrapped__", None)
    return [
        (param.name, KINDS[param.kind])
        for param in inspect.signature(function).parameters.values()
        if param.name not in given
    ]


THRICE = "[(e, every(1, every(2, every(3, f)))) for e, f in COMMON]"
"""Nested calls of a factory."""


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(lists())
@example(THRICE)
def test_lists_hold_what_python_makes_of_them(text):
    body = f"class T(Base):\n    callbacks = {text}\n"
    module = _executed(HEAD, body)
    found = Sources(HEAD + body, other=OTHER).own("T")
    assert not found.findings, found.findings
    _compare(found, module)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(lists(junk=True))
def test_R13_what_is_read_is_what_python_makes_of_it(text):
    body = f"class T(Base):\n    callbacks = {text}\n"
    found = Sources(HEAD + body, other=OTHER).own("T")
    if found.findings:
        return  # reported, whatever Python does with it
    # Nothing was reported, so Python must not find an error in the list either.
    try:
        module = _executed(HEAD, body)
    except Exception:
        assert re.search(r"\bif\b|\bor\b|:|\*|zip", text), "nothing is left out of the list"
        return
    _compare(found, module)


IN_BODY = [
    "callbacks.append(P)",
    "callbacks.extend(L)",
    "callbacks.insert(N, P)",
    "callbacks += L",
    "callbacks = [*callbacks, P]",
    "callbacks = callbacks[:]",
    "callbacks: list = [P]",
    "more = [P]",
    "more.append(P)",
    "callbacks = more + callbacks",
    "if NUMBER == 2: callbacks.append(P)",
]
AFTER = [
    "T.callbacks.append(P)",
    "T.callbacks.extend(L)",
    "T.callbacks.insert(N, P)",
    "T.callbacks += L",
    "T.callbacks = T.callbacks + [P]",
    "T.callbacks = [P, *T.callbacks]",
    "Alias.callbacks.append(P)",
    "t.callbacks.append(P)",
    "if NUMBER == 2: T.callbacks.append(P)",
]


@st.composite
def programs(draw):
    """The body of a class, and statements after it."""

    def filled(form):
        return re.sub(r"\b[PLN]\b(?!\.)", lambda match: f"({draw(lists(kind=match[0]))})", form)

    def some(forms):
        return [filled(form) for form in draw(st.lists(st.sampled_from(forms), max_size=5))]

    body = [filled("callbacks = [P]"), "more = []", *some(IN_BODY)]
    head = "class T(Base):\n" + "".join(f"    {line}\n" for line in body)
    return head, ["Alias = T", "t = T()", *some(AFTER)]


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(programs())
def test_R12_statements_make_the_list_that_python_makes(program):
    head, after = program
    text = HEAD + head + "\n".join(after) + "\n"
    sources = Sources(text, other=OTHER)
    own = sources.own("T")
    changes, findings = sources.changes("T", modules=["m"])
    assert not own.findings, own.findings
    assert not findings, findings
    listed = list(own.entries)
    for change in changes:
        if change.kind == "assign":
            listed = list(change.entries)
        elif change.kind == "insert":
            listed.insert(change.position, change.entries[0])
        else:
            listed.extend(change.entries)
    _compare(
        msgspec.structs.replace(own, entries=tuple(listed)), _executed(HEAD, text[len(HEAD) :])
    )


def _compare(found, module):
    wanted = module["T"].callbacks
    assert isinstance(wanted, (list, tuple))
    assert [one.event for one in found.entries] == [event for event, _ in wanted]
    identities: list[tuple[object, tuple[str, ...]]] = []
    for entry, (_, function) in zip(found.entries, wanted, strict=True):
        value = entry.callable
        shape = [(param.name, param.kind) for param in value.params]
        assert shape == seen_by_python(function)
        identities.append((function, value.identity))
        for reach in (value.reachable, entry.reachable):
            if reach is not None:
                assert _at(module, *reach) == function
    for function, identity in identities:
        for other, other_identity in identities:
            assert (function == other) == (identity == other_identity), (function, other)


def _executed(head, body):
    other = types.ModuleType("other")
    exec(OTHER, other.__dict__)
    known = sys.modules.get("other")
    sys.modules["other"] = other
    try:
        module = {"__name__": "m"}
        exec(head + body, module)
    finally:
        if known is None:
            del sys.modules["other"]
        else:
            sys.modules["other"] = known
    return module


def _at(module, name, path, items=()):
    first, *rest = path.split(".")
    found = module[first] if name == "m" else getattr(module["other"], first)
    for part in rest:
        found = getattr(found, part)
    for item in items:
        found = found[item]
    return found

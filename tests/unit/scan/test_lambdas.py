"""R29: what the text of a lambda needs to be used elsewhere."""

from __future__ import annotations

import pytest

from arctic_codegen.model import expr
from arctic_codegen.resolve.binder.free_names import can_move, free_names
from tests.unit.scan.scan_support import module, of_kind, value


def free(source):
    found = value(source)
    names = free_names(found)
    assert all(found.text[start:end] == name for name, start, end in names)
    return [name for name, _, _ in names]


@pytest.mark.parametrize(
    "source, names",
    [
        ("lambda self: print(self.x)", ["print"]),
        ("lambda self, *a, k=K, **kw: f(a, k, kw, g=h)", ["f", "h"]),
        ("lambda self: [x for x in xs if x in ys]", ["xs", "ys"]),
        ("lambda x: [x for y in x for x in y]", []),
        ("lambda self: [x for x in x]", ["x"]),
        ("lambda self: [y for x in a for y in x]", ["a"]),
        ("lambda self: {k: v for k, (v, *w) in d.items() if w}", ["d"]),
        ("lambda self: lambda x, y=z: x + y + w", ["z", "w"]),
        ("lambda self: (lambda self: self)(other)", ["other"]),
        ("lambda self: f'{a} {b:{c}}'", ["a", "b", "c"]),
        ("lambda self: None if True else ...", []),
        ("lambda self: x.y.z[i]", ["x", "i"]),
        ("lambda self: (a,\n  b)", ["a", "b"]),
    ],
)
def test_free_names(source, names):
    assert free(source) == names


def test_the_text_has_the_body_parentheses():
    assert value("lambda self: (\n    a,\n)").text == "(\n    a,\n)"
    assert value("(lambda self: ((a)))").text == "((a))"


@pytest.mark.parametrize(
    "source",
    [
        "lambda self: (yield)",
        "lambda self: (yield from x)",
        "lambda self: (y := 1)",
        "lambda self: await_(await x)",
        "lambda self: f'{x=}'",
    ],
)
def test_what_cannot_stand_elsewhere(source):
    assert not can_move(value(source), in_class=False)


def test_what_can():
    assert can_move(value("lambda super: super.x"), in_class=False)


@pytest.mark.parametrize(
    "text, liftable",
    [
        ("__private(self)", False),
        ("self.__private", False),
        ("f(__key=1)", False),
        ("self.__dunder__", True),
        ("self._single", True),
    ],
)
def test_mangled_names_stay_in_their_class(text, liftable):
    decls = module(f"class A:\n    cb = lambda self: {text}\n    def f(self):\n        return 1\n")
    (found,) = of_kind(decls.body, expr.LambdaExpr)
    assert can_move(found, in_class=True) is liftable
    assert can_move(value(f"lambda self: {text}"), in_class=False)


def test_generators():
    assert value("lambda self: (yield)").is_generator
    assert not value("lambda self: (lambda: (yield))").is_generator

"""What a scan records about a function."""

from __future__ import annotations

import pytest

from arctic_codegen.model import decls
from tests.unit.scan.scan_support import body, cut, of_kind, only


def test_parameters_in_order():
    params = only("def f(a, /, b: int, c=1, *d, e, f=2, **g): pass").params
    assert [(each.name, each.kind) for each in params] == [
        ("a", "positional_only"), ("b", "normal"), ("c", "normal"), ("d", "var_positional"),
        ("e", "keyword_only"), ("f", "keyword_only"), ("g", "var_keyword"),
    ]  # fmt: skip
    assert params[2].default.text == "1"


def test_spans_cover_names():
    source = "@a\n@b.c(1)\nasync def  step (self, x: int = 1): pass\n"
    found = only(source)
    assert cut(source, found.span) == "step"
    assert [cut(source, each.span) for each in found.params] == ["self", "x"]
    assert [cut(source, each.span) for each in found.decorators] == ["a", "b.c(1)"]
    assert found.is_async


def test_qualified_names():
    source = """
    def f():
        def g(): pass
        class C:
            def m(self):
                def n(): pass
        global top
        def top():
            def below(): pass
    """
    names = {
        each.name: each.qualname
        for each in of_kind(body(source), (decls.FunctionDecl, decls.ClassDecl))
    }
    assert names == {
        "f": "f",
        "g": "f.<locals>.g",
        "C": "f.<locals>.C",
        "m": "f.<locals>.C.m",
        "n": "f.<locals>.C.m.<locals>.n",
        "top": "top",
        "below": "top.<locals>.below",
    }


@pytest.mark.parametrize(
    "source, generator",
    [
        ("yield", True),
        ("x = yield from y", True),
        ("return [(yield)]", True),
        ("def g(): yield", False),
        ("lambda: (yield)", False),
        ("class A:\n        def f(self): yield", False),
        ("def g(): pass\n    yield", True),
        ("return 1", False),
    ],
)
def test_generators(source, generator):
    assert only(f"def f():\n    {source}\n").is_generator is generator


def test_returns_are_kept():
    found = only("def f(self, x):\n    if x:\n        return x, 1\n    return\n")
    assert [each.value is None for each in of_kind(found.body, decls.Return)] == [False, True]


def test_R18_calls_that_reach_a_parent():
    source = """
    class B(A):
        def step(self, x):
            super().step(x)
            super(B, self).other()
            A.step(self, x)
            pkg.A[int].step(self)
            super(B, x).no()
            A.step(x, self)
            A.step(*self)
            step(self)
            self.run(self)
            [super().step(each) for each in x]
            def inner():
                super().no()
                A.inner(self)
            def shadows(self):
                A.no(self)
            class C:
                def f(self):
                    A.no(self)
    """
    found = only(source).body[0]
    assert [(each.method, each.owner is not None) for each in found.super_calls] == [
        ("step", False), ("other", False), ("step", True), ("step", True), ("step", False),
        ("inner", True),
    ]  # fmt: skip
    assert found.self_calls == ("run",)


def test_R20_calls_on_the_object():
    source = """
    def step(me, x):
        me.loss(x).backward()
        me.log(me.name())
        x.other()
        me.value
        def inner(): me.inner()
        def shadows(me): me.no()
        return lambda: me.late()
    """
    assert only(source).self_calls == ("inner", "late", "log", "loss", "name")


def test_type_ignore_on_any_line_of_the_header():
    source = "def f(\n    a,  # type: ignore[x]\n) -> int:\n    pass  # type: ignore\n"
    assert only(source).type_ignore == "type: ignore[x]"
    assert only("def f(a):  # noqa # type: ignore\n    pass\n").type_ignore == "type: ignore"
    assert only("def f(a):\n    pass  # type: ignore\n").type_ignore is None
    assert only("# type: ignore\ndef f(a): pass\n").type_ignore is None
    assert only("def f(a):  # type: ignored\n    pass\n").type_ignore is None


FALLS = r"""
pass
x = 1
'''doc'''
raise_()
if a: return
if a: return 1\nelse: pass
if a: pass\nelse: return 1
while a: return 1
while True: break
while True:\n    if a: break
while True:\n    while True: break\n    break
for a in b: return 1
for a in b: break\nelse: return 1
try: return 1\nexcept E: pass
try: pass\nexcept E: return 1
try: pass\nfinally: pass
try: pass\nexcept E: return 1\nelse: pass
with a: pass
with suppress(E): return 1
with a, contextlib.suppress(E): raise E
match a:\n    case 1: return 1
match a:\n    case x if b: return 1
match a:\n    case [x]: return 1\n    case {}: return 1
assert a
def g(): return 1
class A:\n    def f(self): return 1
lambda: sys.exit()
x = sys.exit
while a: pass\nelse: pass
yield
if not True: return 1
while 0: return 1
for a in b:\n    try: return 1\n    finally: break
while True:\n    for x in y: pass\n    else: break
try: a()\nfinally: b()
try: return 1\nexcept E: a()\nfinally: b()
""".strip().splitlines()

ENDS = r"""
return
return 1
raise E
if a: return 1\nelse: raise E
if a: return 1\nelif b: return 2\nelse: return 3
while True: pass
while 1:\n    if a: return 1
while True:\n    for x in y: break
while True:\n    continue
for a in b: pass\nelse: return 1
try: return 1\nexcept E: raise
try: pass\nexcept E: return 1\nelse: return 1
try: pass\nfinally: return 1
try: return 1\nfinally: pass
try: return 1\nfinally: a()
try: return 1\nexcept E: raise\nfinally: a.stop()
with a: return 1
async with a: return 1
match a:\n    case 1: return 1\n    case _: return 2
match a:\n    case 1: return 1\n    case x: return 2
sys.exit(1)
os._exit(1)
exit()
quit()
os.abort()
assert_never(x)
typing.assert_never(x)
assert False, "why"
assert 0
if a: sys.exit()\nelse: return 1
return 1\npass
""".strip().splitlines()


def _function(text):
    lines = text.encode().decode("unicode_escape").split("\n")
    return only("async def f(a, b, x, y):\n" + "".join(f"    {line}\n" for line in lines))


@pytest.mark.parametrize("text", FALLS)
def test_the_end_can_be_reached(text):
    assert _function(text).falls_through


@pytest.mark.parametrize("text", ENDS)
def test_the_end_cannot_be_reached(text):
    assert not _function(text).falls_through


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "  # x", "\n    "])
def test_nested_functions_at_the_end_of_a_file(end):
    found = only("def f():\n    def g():\n        x.append(1)" + end)
    (inner,) = found.body
    assert (found.falls_through, inner.falls_through, inner.name) == (True, True, "g")

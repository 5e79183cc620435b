"""AC001: syntax errors stand where a person made them, and nothing makes the scanner fall over."""

from __future__ import annotations

import time

import pytest

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.decls import ModuleDecls
from arctic_codegen.scan import scan


@pytest.mark.parametrize(
    "source, line, column",
    [
        ("a = 1\nb = = 2\n", 2, 5),
        ("x = (\n", 1, 5),
        ("def f(:\n    pass\n", 1, 7),
        ("if x:\npass\n", 2, 1),
        ("x = 'abc\n", 1, 5),
        ("if x:\n    a\n  b\n", 3, 4),
        ("é = 'ü' $ 3\n", 1, 9),
        ("class A:\n    def f(self):\n        return 1 +\n\nx = 1\n", 3, 19),
        ("def f():\n    x = 1\n\n    y = 'a' 1\n", 4, 13),
    ],
)
def test_a_syntax_error_has_its_place(source, line, column):
    found = scan(source.encode(), "m.py")
    assert isinstance(found, Finding)
    assert found.code == "AC001"
    assert (found.place.span.line, found.place.span.column) == (line, column)
    assert "\n" not in found.message


DEEP = {
    "parentheses": lambda n: "(" * n + "1" + ")" * n,
    "lists": lambda n: "[" * n + "]" * n,
    "sum": lambda n: "+".join(["1"] * n),
    "minus": lambda n: "-" * n + "1",
    "attributes": lambda n: "a" + ".b" * n,
    "calls": lambda n: "f" + "()" * n,
    "not": lambda n: "not " * n + "x",
    "lambda": lambda n: "lambda: " * n + "1",
    "conditional": lambda n: "a if b else " * n + "c",
    "unclosed": lambda n: "(" * n,
    "mixed": lambda n: "(a + [" * n + "1" + "])" * n,
}


@pytest.mark.parametrize("kind", DEEP)
@pytest.mark.parametrize("depth", [90, 400, 30_000])
def test_deep_nesting_ends_in_bounded_time(kind, depth):
    started = time.monotonic()
    found = scan(f"x = {DEEP[kind](depth)}\n".encode(), "m.py")
    assert time.monotonic() - started < 20
    if depth == 30_000:
        assert isinstance(found, Finding)
        assert found.code == "AC001"


def test_long_chains_that_python_compiles_are_read():
    parts = "\n".join(f"    'part {number}'" for number in range(2000))
    chain = "".join(f"elif x == {number}:\n    y = {number}\n" for number in range(1500))
    total = " + ".join(["1"] * 700)
    source = f"text = (\n{parts}\n)\nif x:\n    y = 0\n{chain}\ntotal = {total}\nclass Last: pass\n"
    compile(source, "m.py", "exec")
    decls = scan(source.encode(), "m.py")
    assert isinstance(decls, ModuleDecls)
    assert decls.body[-1].name == "Last"


def test_records_of_deep_expressions_stay_shallow():
    """Whoever walks the records must not run out of stack."""
    decls = scan(f"x = {DEEP['sum'](700)}\ny = {DEEP['attributes'](700)}\n".encode(), "m.py")

    def depth(record):
        fields = getattr(record, "__struct_fields__", ())
        return 1 + max((depth(getattr(record, name)) for name in fields), default=0)

    assert max(depth(statement) for statement in decls.body) < 200


def test_scanning_works_from_deep_in_the_stack():
    source = b"x = " + b"(" * 40 + b"1" + b")" * 40 + b"\nclass A: pass\n"

    def deeper(levels):
        return deeper(levels - 1) if levels else scan(source, "m.py")

    assert deeper(700) == scan(source, "m.py")


@pytest.mark.parametrize(
    "source, says",
    [
        ("x = b'a' 'b'\n", "cannot mix bytes and nonbytes literals"),
        ("x = ('Cont\"ex, 'T'copy')\n", "not valid Python"),
        ("if x:\n    \\\nreturn_ = 1\n", "the parser of this tool does not read this syntax"),
    ],
)
def test_what_the_parser_falls_over_is_a_finding(source, says):
    found = scan(source.encode(), "m.py")
    assert isinstance(found, Finding)
    assert found.code == "AC001"
    assert says in found.message

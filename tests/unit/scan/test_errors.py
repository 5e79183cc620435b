"""AC001: syntax errors have the right place, and no input crashes the scanner."""

from __future__ import annotations

import sys
import time
import warnings

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


def test_conflict_markers_are_reported_as_such():
    merged = "class A:\n<<<<<<< HEAD\n    x = 1\n=======\n    x = 2\n>>>>>>> feature\n"
    found = scan(merged.encode(), "m.py")
    assert isinstance(found, Finding)
    assert "conflict markers" in found.message
    assert (found.place.span.line, found.place.span.column) == (2, 1)


def test_a_text_with_conflict_markers_is_no_conflict():
    text = 'x = """\n<<<<<<< a\n=======\n>>>>>>> b\n"""\n'
    assert isinstance(scan(text.encode(), "m.py"), ModuleDecls)


def test_conflict_markers_in_a_list_and_beside_another_error():
    merged = "x = [\n<<<<<<< HEAD\n    1,\n=======\n    2,\n>>>>>>> feature\n]\n"
    found = scan(merged.encode(), "m.py")
    assert isinstance(found, Finding)
    assert "conflict markers" in found.message
    text = 'x = """\n<<<<<<< a\n=======\n>>>>>>> b\n"""\ny = = 1\n'
    found = scan(text.encode(), "m.py")
    assert isinstance(found, Finding)
    assert ("invalid syntax" in found.message, found.place.span.line) == (True, 6)


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
    """Code that walks the records must not run out of stack."""
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
        (
            "try: pass\nexcept: pass\nexcept ValueError: pass\n",
            "the file is not valid Python: default 'except:' must be last",
        ),
        (
            "if x:\n    \\\nreturn_ = 1\n",
            "the parser of arctic-codegen does not support this syntax",
        ),
    ],
)
def test_what_the_parser_falls_over_is_a_finding(source, says):
    found = scan(source.encode(), "m.py")
    assert isinstance(found, Finding)
    assert found.code == "AC001"
    assert says in found.message


REFUSED = [
    ("x = 1\nreturn x\n", 2, 1, "'return' outside function"),
    ("f(a=1, a=2)\n", 1, 8, "keyword argument repeated: a"),
    ("def f(a, a): pass\n", 1, 10, "duplicate argument 'a' in function definition"),
    ("lambda a, a: 1\n", 1, 11, "duplicate argument 'a' in function definition"),
    ("def f():\n    await g()\n", 2, 5, "'await' outside async function"),
    ("await g()\n", 1, 1, "'await' outside function"),
    ("yield 1\n", 1, 1, "'yield' outside function"),
    ("import os\nfrom __future__ import annotations\n", 2, 1, "from __future__ imports must occur"),
    ("from __future__ import nope\n", 1, 1, "future feature nope is not defined"),
    ("nonlocal x\n", 1, 1, "nonlocal declaration not allowed at module level"),
    ("def f():\n    nonlocal x\n", 2, 5, "no binding for nonlocal 'x' found"),
    ("def f():\n    print(x)\n    global x\n", 3, 5, "name 'x' is used prior to global"),
    ("if x:\n    break\n", 2, 5, "'break' outside loop"),
    ("continue\n", 1, 1, "'continue' not properly in loop"),
    ("a, *b, *c = d\n", 1, 1, "multiple starred expressions in assignment"),
    ("x = *a\n", 1, 5, "can't use starred expression here"),
    ("def f():\n    from os import *\n", 2, 20, "import * only allowed at module level"),
    ("x = b'é'\n", 1, 5, "bytes can only contain ASCII literal characters"),
    ("x = 1\r\n\r\nreturn\r\n", 3, 1, "'return' outside function"),
]


@pytest.mark.parametrize("source, line, column, message", REFUSED)
def test_what_only_pythons_compiler_refuses_is_said_as_python_says_it(
    source, line, column, message
):
    found = scan(source.encode(), "m.py", compiles=True)
    assert isinstance(found, Finding)
    assert (found.code, found.place.span.line) == ("AC001", line)
    assert found.message.startswith(message)
    if sys.version_info[:2] == (3, 11):  # other versions may count columns differently
        assert found.place.span.column == column
    assert isinstance(scan(source.encode(), "m.py"), ModuleDecls)
    installed = scan(source.encode(), "/lib/site-packages/m.py", compiles=True)
    assert isinstance(installed, ModuleDecls)


@pytest.mark.parametrize(
    "source",
    [
        "type A[T] = list[T]\nclass B[T]: ...\n",
        "try: ...\nexcept* ValueError: ...\n",
        "x = f'{'a'}'\n",
        "match x:\n    case [a, *b]: ...\n",
        "def f[T = int](): ...\n",
        "x = '\\d'\nassert (x, 'is')\nif x is 3: ...\n",
        "# coding: latin-1\nx = 'é'\n",
        "\ufeffx = 1\n",
        "async def f():\n    return [await x async for x in y]\n",
        "x = 1\n\x0c\ny = 2\n",
    ],
)
def test_syntax_of_newer_pythons_and_what_is_only_warned_of_are_no_errors(source, capfd):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(scan(source.encode(), "m.py", compiles=True), ModuleDecls)
    assert capfd.readouterr() == ("", "")

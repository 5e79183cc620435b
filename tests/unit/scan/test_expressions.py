"""Expressions keep their meaning and their positions."""

from __future__ import annotations

import ast

import libcst
import pytest

from arctic_codegen.model import expr
from tests.unit.scan.scan_support import body, cut, of_kind, only, value

TEMPLATES = pytest.mark.skipif(
    not hasattr(libcst, "TemplatedString"), reason="this libcst does not know PEP 750"
)


@pytest.mark.parametrize(
    "source",
    [
        "'plain'",
        '"double"',
        "'''triple\n'quoted' '''",
        "r'raw \\n'",
        "u'text'",
        "'a' \"b\" r'\\c'",
        r"'\n\t\\\'\"\a\b\f\v\r'",
        r"'\x41\101\u00e9\U0001F600\N{BULLET}'",
        r"'\d \8 \N{no such name'",
        "''",
        '""""""',
        r"'a\
b'",
        r"'\7\07\0777'",
    ],
)
def test_text_literals_have_the_value_that_python_gives_them(source):
    try:
        expected = ast.literal_eval(source)
    except SyntaxError:
        pytest.skip("this Python does not take it")
    assert value(source).value == expected


@pytest.mark.parametrize(
    "source, kind",
    [
        ("1_000", "int"),
        ("0x1F", "int"),
        ("1e3", "float"),
        ("2j", "complex"),
        ("b'a' rb'\\n'", "bytes"),
        ("True", "bool"),
        ("None", "none"),
        ("...", "ellipsis"),
    ],
)
def test_other_literals_are_text_that_reads_back(source, kind):
    found = value(source)
    assert found.kind == kind
    assert ast.literal_eval(found.text) == ast.literal_eval(source)


def test_half_a_surrogate_pair_stays_text():
    """Records are stored as UTF-8."""
    assert isinstance(value(r"'\ud800'"), expr.Opaque)
    assert isinstance(value(r"f'{x}\ud800'"), expr.Opaque)


def test_an_f_string_with_nested_fields():
    found = value('f"{a!r:>{w}}{{x}} {b = } " "tail\\n" rf"\\n{c}"')
    assert isinstance(found, expr.FString)
    first, text, debug, tail, last = found.parts
    assert (first.conversion, first.spec[0]) == ("r", expr.FText(">"))
    assert first.spec[1].value.id == "w"
    assert text == expr.FText("{x} ")
    assert debug.debug == "b "
    assert tail == expr.FText(" tail\n\\n")
    assert last.value.id == "c"


def test_string_annotations_are_parsed_and_stand_where_the_string_does():
    source = "def f(a: \"List['int']\", *b: 'Batch | None') -> 'm.T': pass\n"
    function = only(source)
    spans = [name.span for name in of_kind((function.params, function.returns), expr.Name)]
    quoted = ["\"List['int']\"", "\"List['int']\"", "'Batch | None'", "'m.T'"]
    assert [cut(source, span) for span in spans] == quoted
    assert [name.id for name in of_kind(function.params, expr.Name)] == ["List", "int", "Batch"]
    assert function.returns.quoted.attr == "T"


def test_text_that_is_no_annotation_has_none():
    source = "def f(a: 'two words', b: '', c: 'x if', d: '(') -> 'a := b': pass"
    assert all(text.quoted is None for text in of_kind(only(source), expr.Str))
    assert only("x = 'int'").value.quoted is None


def test_annotations_with_escapes_stand_where_their_literal_stands():
    source = "x: 'in' 't' = 1\ny: '\\x69nt'"
    first, second = body(source)
    assert first.annotation.quoted == expr.Name(first.annotation.span, "int")
    assert second.annotation.quoted == expr.Name(second.annotation.span, "int")


def test_bases_and_aliases_hold_annotations():
    class_, alias, statement = body(
        "class A(Base['B', 'C[D]'], call('text')): pass\nX: TypeAlias = 'B'\ntype Y = 'B'"
    )
    assert [name.id for name in of_kind(class_.bases[0], expr.Name)] == ["Base", "B", "C", "D"]
    assert class_.bases[1].args[0].value.quoted is None
    assert alias.value.quoted.id == "B"
    assert statement.value.quoted.id == "B"


def test_displays_starred_and_comprehensions():
    found = value("[*a, (b, c), {d}, {'k': e, **f}, [g for g, h in i if j if k for l in m]]")
    starred, pair, set_, mapping, comp = found.items
    assert isinstance(starred, expr.Starred)
    assert (pair.kind, set_.kind) == ("tuple", "set")
    assert mapping.items[1][0] is None
    assert [len(clause.ifs) for clause in comp.clauses] == [2, 0]
    assert value("(x for x in y)").kind == "generator"
    assert value("{x for x in y}").kind == "set"
    assert value("{x: x + 1 for x in y}").key.id == "x"


def test_operators():
    assert value("a not in b is not c != d").rest[0][0] == "not in"
    assert [op for op, _ in value("a not in b is not c != d").rest] == ["not in", "is not", "!="]
    assert (value("a + b - c").op, value("a + b - c").left.op) == ("-", "+")
    assert value("not a").op == "not"
    assert value("a and b or c").op == "or"
    assert value("a if b else c").test.id == "b"


def test_subscripts():
    assert value("x[a, ]").tuple_
    assert value("x[a, b]").tuple_
    assert not value("x[a]").tuple_
    assert not value("x[(a, b)]").tuple_
    assert isinstance(value("x[1:2, ::3]").items[1], expr.SliceExpr)
    assert isinstance(value("x[*a]").items[0], expr.Starred)


def test_calls():
    found = value("f(a, *b, c=d, **e)")
    assert [(arg.star, arg.keyword) for arg in found.args] == [
        ("", None), ("*", None), ("", "c"), ("**", None)
    ]  # fmt: skip


@pytest.mark.parametrize(
    "source, text",
    [
        ("(yield  y)", "(yield  y)"),
        ("[await b]", "await b"),
        ("(b := 1)", "(b := 1)"),
        pytest.param("f(t'{x}')", "t'{x}'", marks=TEMPLATES),
    ],
)
def test_what_has_no_rule_keeps_its_text(source, text):
    opaque = of_kind(body(f"x = {source}")[-1].value, expr.Opaque)
    assert [each.text for each in opaque] == [text]


def test_spans_leave_out_parentheses_but_for_tuples():
    source = "x = ((a.b)), ((c, d)), (e)(f)"
    parts = only(source).value.items
    assert [cut(source, part.span) for part in parts] == ["a.b", "((c, d))", "(e)(f)"]


def test_names_are_normalized_as_python_does():
    assert only("ﬁt = 1").targets[0].id == "fit"


def test_spans_of_attributes_name_the_attribute():
    source = "x = (a\n  .b  .c)"
    found = only(source).value
    assert cut(source, found.attr_span) == "c"
    assert cut(source, found.span) == "a\n  .b  .c"


def test_a_long_sum_is_one_opaque_text():
    source = " + ".join(["a"] * 200)
    assert value(source).text == source

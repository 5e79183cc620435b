"""R4: the bytes of a file are decoded as by Python's own tokenizer."""

from __future__ import annotations

import codecs
import encodings
import pkgutil

import pytest

from arctic_codegen.diagnostics import texts
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.decls import ModuleDecls
from arctic_codegen.model.expr import Str
from arctic_codegen.scan import scan
from arctic_codegen.scan.decode import BadText, decode


@pytest.mark.parametrize(
    "data, expected",
    [
        ("é".encode(), "é"),
        (codecs.BOM_UTF8 + "é".encode(), "é"),
        (codecs.BOM_UTF8 + b"# coding: utf-8\n", "# coding: utf-8\n"),
        (b"# coding: latin-1\n\xe9", "# coding: latin-1\né"),
        (b"#!/usr/bin/python\n# -*- coding: cp1252 -*-\n\x80", None),
        (b"# vim: set fileencoding=latin-1 :\n\xe9", "# vim: set fileencoding=latin-1 :\né"),
        (b"# coding: utf-8-unix\n\xc3\xa9", "# coding: utf-8-unix\né"),
        (b"# coding: latin-1-dos\n\xe9", "# coding: latin-1-dos\né"),
        (b"\f# coding: latin-1\n\xe9", "\f# coding: latin-1\né"),
        (b"a\r\nb\rc\n", "a\nb\nc\n"),
        (b"\r# coding: latin-1\r\xe9", "\n# coding: latin-1\né"),
        (b"", ""),
    ],
)
def test_R4_text(data, expected):
    text = decode(data)
    assert text == (expected if expected is not None else data.decode("cp1252"))


def test_R4_a_cookie_counts_in_the_first_two_lines_only():
    assert isinstance(decode(b"\n\n# coding: latin-1\n\xe9"), BadText)
    assert isinstance(decode(b"x = 1\n# coding: latin-1\n\xe9"), BadText)


@pytest.mark.parametrize(
    "data, code, line, column",
    [
        (b"# coding: klingon\n", "AC003", 1, 11),
        (b"\n#  coding: rot13\n", "AC003", 2, 12),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", "AC003", 1, 11),
        ("x = 1\ny = 'é".encode() + b"\xff'", "AC003", 2, 7),
        (b"# coding: ascii\r\nab\xe9", "AC003", 2, 3),
        (b"x = 1\r\ny =\0 2", "AC001", 2, 4),
    ],
)
def test_R4_bad_bytes_are_told_where_they_stand(data, code, line, column):
    found = scan(data, "/p/m.py")
    assert isinstance(found, Finding)
    assert (found.code, found.place.path) == (code, "/p/m.py")
    assert (found.place.span.line, found.place.span.column) == (line, column)


def test_R4_line_ends_do_not_move_positions_nor_change_values():
    plain = scan(b"x = '''a\nb'''\n\nclass A: pass\n", "m")
    assert isinstance(plain, ModuleDecls)
    assert scan(b"x = '''a\r\nb'''\r\n\r\nclass A: pass\r\n", "m") == plain
    assert scan(b"x = '''a\rb'''\r\rclass A: pass\r", "m") == plain
    assert scan(codecs.BOM_UTF8 + b"x = '''a\nb'''\n\nclass A: pass\n", "m") == plain


def test_R4_columns_count_characters():
    decls = scan("é = 'ü'; x = 1\n".encode(), "m")
    assert [each.span.column for each in decls.body] == [1, 10]
    assert decls.body[0].value == Str(decls.body[0].value.span, "ü")


def test_R4_half_a_surrogate_pair_is_a_finding():
    found = scan(b"# coding: utf-7\nx = '+2AA-'\n", "m")
    assert isinstance(found, Finding)
    assert found.code == "AC003"


CODECS = sorted(module.name for module in pkgutil.iter_modules(encodings.__path__))


@pytest.mark.parametrize(
    "tail", [b"x = 1\n", b'x = "\xe9"\n', b"\xff\xfe\x80", b"+AAA-\n", b"a.." * 40]
)
def test_R4_every_codec_of_python_gives_a_text_or_says_why_not(tail):
    """Some support no error handling: their bytes are reported and shown nevertheless."""
    for name in CODECS:
        data = f"# coding: {name}\n".encode() + tail
        found = decode(data)
        assert isinstance(found, str) or found.problem.code in ("AC001", "AC003"), name
        assert isinstance(texts.decode(data), str), name

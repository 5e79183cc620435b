"""Real files: arctic_training as installed, and a part of the standard library.

Definitions are compared with Python's own parser, and positions with the text.
"""

from __future__ import annotations

import ast
import importlib.util
import sysconfig
import unicodedata
from pathlib import Path

import pytest

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model import decls, expr
from arctic_codegen.scan import scan
from arctic_codegen.scan.decode import decode
from tests.unit.scan.scan_support import cut, of_kind, records

STDLIB = Path(sysconfig.get_paths()["stdlib"])


def _arctic_training():
    spec = importlib.util.find_spec("arctic_training")
    if spec is None or spec.origin is None:
        return []
    return sorted(Path(spec.origin).parent.rglob("*.py"))


def _library():
    return sorted(STDLIB.glob("*.py")) + sorted(STDLIB.glob("[a-e]*/*.py"))


def _definitions(tree, prefix=""):
    """Name, qualified name and whether it is a class, for every definition below a node."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node, prefix + node.name
            yield from _definitions(node, f"{prefix}{node.name}.<locals>.")
        elif isinstance(node, ast.ClassDef):
            yield node, prefix + node.name
            yield from _definitions(node, f"{prefix}{node.name}.")
        else:
            yield from _definitions(node, prefix)


def _own_yields(function):
    todo = list(function.body)
    while todo:
        node = todo.pop()
        if isinstance(node, (ast.Yield, ast.YieldFrom)):
            return True
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            todo.extend(ast.iter_child_nodes(node))
    return False


def _params(arguments):
    names = [arg.arg for arg in (*arguments.posonlyargs, *arguments.args)]
    names += [arguments.vararg.arg] if arguments.vararg else []
    names += [arg.arg for arg in arguments.kwonlyargs]
    return names + ([arguments.kwarg.arg] if arguments.kwarg else [])


def _check(path):
    data = path.read_bytes()
    found = scan(data, str(path))
    assert not isinstance(found, Finding), found
    text = decode(data)
    for name in of_kind(found.body, expr.Name):
        written = cut(text, name.span)
        if written != name.id:
            # Identifiers are normalized; in strings with escapes, the literal's position counts.
            assert unicodedata.normalize("NFKC", written) == name.id or written[-1] in "'\""
    for attribute in of_kind(found.body, expr.Attr):
        assert cut(text, attribute.attr_span) == attribute.attr or "'" in cut(text, attribute.span)
    if "global " in text:
        return  # The qualified name of a `global` function does not match its position.
    expected = {
        (node.name, name, type(node) is ast.ClassDef): node
        for node, name in _definitions(ast.parse(data))
    }
    kinds = (decls.FunctionDecl, decls.ClassDecl)
    for record in of_kind(found.body, kinds):
        key = (record.name, record.qualname, isinstance(record, decls.ClassDecl))
        assert key in expected
        assert cut(text, record.span) == record.name
    got = {
        (each.name, each.qualname, isinstance(each, decls.ClassDecl))
        for each in of_kind(found.body, kinds)
    }
    assert got == set(expected)
    last = {each.qualname: each for each in of_kind(found.body, decls.FunctionDecl)}
    for (_, qualname, is_class), node in expected.items():
        record = last.get(qualname)
        if is_class or record is None or record.span.line != _def_line(node, text):
            continue
        assert [param.name for param in record.params] == _params(node.args)
        assert record.is_async is isinstance(node, ast.AsyncFunctionDef)
        assert record.is_generator is _own_yields(node)


def _def_line(node, text):
    return node.lineno if node.name in text.split("\n")[node.lineno - 1] else -1


ARCTIC_TRAINING = _arctic_training()


@pytest.mark.skipif(not ARCTIC_TRAINING, reason="arctic_training is not installed")
@pytest.mark.parametrize("part", [0, *(pytest.param(n, marks=pytest.mark.long) for n in (1, 2, 3))])
def test_every_file_of_arctic_training(part):
    for path in ARCTIC_TRAINING[part::4]:
        _check(path)


@pytest.mark.long
def test_some_files_of_the_standard_library():
    for path in _library()[::12]:
        _check(path)


@pytest.mark.long
@pytest.mark.parametrize("part", range(1, 12))
def test_other_files_of_the_standard_library(part):
    for path in _library()[part::12]:
        _check(path)


@pytest.mark.skipif(not ARCTIC_TRAINING, reason="arctic_training is not installed")
def test_the_same_bytes_give_the_same_records():
    for path in ARCTIC_TRAINING[:10]:
        data = path.read_bytes()
        assert scan(data, "a") == scan(data, "b")


def test_the_helpers_see_records():
    """The checks above really compare something."""
    found = scan((STDLIB / "abc.py").read_bytes(), "abc.py")
    assert len(list(records(found.body))) > 100

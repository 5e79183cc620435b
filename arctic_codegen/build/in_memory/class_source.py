"""What is the source of a class in this process, and which objects does its text refer to?

For a class inside a function, the headers of the enclosing functions are replaced by ``if True:``,
on the same lines. So the names that they bind before the class are available to it.
"""

from __future__ import annotations

import ast
import itertools
import linecache
import os
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from arctic_codegen.build.in_memory.notebook import Notebook, changed_class, notebook_for, start_of

MAIN = "__main__"
_CONSTANTS = (str, bytes, int, float, bool, type(None))

CallFrames = Sequence[types.FrameType]


class NoSource(Exception):
    """The source of a class cannot be found."""


class ClassSource(msgspec.Struct, frozen=True):
    """The text of a module, as input of the stages.

    ``path`` is the path that the stages use, ``shown`` is the path in messages, and ``shift`` is
    the number of lines that were inserted before the user's text. ``notebook`` has the cells if
    there is no file.
    """

    module: str
    qualname: str
    path: str
    shown: str
    root: str
    text: str
    original: str
    shift: int
    local: bool
    notebook: Notebook | None = None


def class_source(cls: type, frames: CallFrames) -> ClassSource:
    """The source of a class. ``frames`` are the caller's frames, innermost first.

    Raises :class:`NoSource`.
    """
    module = sys.modules.get(cls.__module__)
    file = getattr(module, "__file__", None)
    name, qualname = cls.__module__, cls.__qualname__
    notebook = None
    if file is not None and os.path.isfile(file) and file.endswith(".py"):
        shown = os.path.abspath(file)
        original = _file_text(shown)
        spec = getattr(module, "__spec__", None)
        if name == MAIN and spec is not None and spec.name != MAIN:
            name = spec.name  # `python -m package.module`
    else:
        shown, original, notebook = _text_without_file(cls, name, frames)
        file = os.path.join(os.getcwd(), f"{MAIN}.py")
        name = name if module is not None and "." not in name else MAIN
    name, path, root = _place(name, file)
    local = "<locals>" in qualname
    text = original
    shift = 0
    if local:
        text, qualname, scopes = _opened(cls, original, notebook)
        bound = _constants(cls, scopes, frames)
        if bound:
            shift = 1
            text = "; ".join(f"{key} = {value!r}" for key, value in bound.items()) + "\n" + text
    return ClassSource(name, qualname, path, shown, root, text, original, shift, local, notebook)


def _place(name: str, file: str) -> tuple[str, str, str]:
    """The module's name for the stages, its path, and the corresponding import root."""
    file = os.path.abspath(file)
    own = name.replace(".", os.sep)
    for tail in (f"{own}.py", os.path.join(own, "__init__.py")):
        if file.endswith(os.sep + tail):
            return name, file, file[: -len(tail) - 1]
    folder = os.path.dirname(file)
    if "." in name:  # loaded from a file that does not match its name
        name = name.replace(".", "_")
    return name, os.path.join(folder, f"{name}.py"), folder


def _file_text(path: str) -> str:
    from arctic_codegen.scan.decode import BadText, decode

    with open(path, "rb") as file:
        text = decode(file.read())
    if isinstance(text, BadText):
        raise NoSource(f"{path}: {text.problem.text}")
    return text


def _text_without_file(
    cls: type, module: str, frames: CallFrames
) -> tuple[str, str, Notebook | None]:
    """The cells of a notebook, or the text in the line cache for the functions of a class."""
    if module == MAIN:
        notebook = notebook_for(cls, _functions(cls.__mro__), frames)
        if notebook is not None:
            return "<notebook>", notebook.text, notebook
    for function in _functions((cls,)):
        name = function.__code__.co_filename
        lines = linecache.getlines(name)
        if lines:
            return name, "".join(lines), None
    raise NoSource(
        f"the source of {cls.__module__}.{cls.__qualname__} cannot be found: it is in no file"
    )


_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _opened(cls: type, text: str, notebook: Notebook | None) -> tuple[str, str, tuple[_Scope, ...]]:
    """The text in which the enclosing functions of a class are replaced by ``if`` statements, the
    name of the class there, and the enclosing functions and classes."""
    outer, _, inner = cls.__qualname__.rpartition("<locals>.")
    wanted = [part for part in outer.split(".") if part not in ("<locals>", "")]
    first = inner.partition(".")[0]
    candidates = list(_chains(ast.parse(text).body, [*wanted, first]))
    if not candidates:
        raise NoSource(f"the class {cls.__qualname__} is not found in the text of its module")
    codes = [function.__code__ for function in _functions((cls,))]
    if notebook is not None:
        lines = {line for code in codes if (line := notebook.line_of(code)) is not None}
    else:
        lines = {code.co_firstlineno for code in codes}
        lines |= {cls.__dict__["__firstlineno__"]} if "__firstlineno__" in cls.__dict__ else set()
    fitting = [
        chain
        for chain in candidates
        if any(start_of(chain[-1][0]) <= line <= (chain[-1][0].end_lineno or 0) for line in lines)
    ]
    *around, _ = (fitting or candidates)[-1]
    rows = text.splitlines(keepends=True)
    for node, block in around:
        header = _header(node, block, rows[start_of(node) - 1])
        if header is not None:
            body: list[ast.stmt] = vars(node)["body"]
            start, end = start_of(node), start_of(body[0])
            rows[start - 1 : end - 1] = [header, *["\n"] * (end - start - 1)]
    scopes = tuple(node for node, _ in around if isinstance(node, _Scope))
    return "".join(rows), inner, scopes


def _header(node: ast.stmt, block: str, row: str) -> str | None:
    """The header that replaces that of an enclosing statement: ``if`` with a constant, which is
    true if ``block`` is its body. ``None`` if the statement stays unchanged."""
    text = row.lstrip()
    indent = row[: len(row) - len(text)]
    if isinstance(node, (_Scope, ast.For, ast.AsyncFor, ast.While)):
        return f"{indent}if {block == 'body'}:\n"
    if isinstance(node, ast.If):
        return f"{indent}{'elif' if text.startswith('elif') else 'if'} {block == 'body'}:\n"
    return None


_Chain = tuple[tuple[ast.stmt, str], ...]


def _chains(statements: Iterable[ast.stmt], names: Sequence[str]) -> Iterator[_Chain]:
    """Each nesting of definitions with these names: the last definition and all statements that
    enclose it, each with the block that contains the next."""
    for statement in statements:
        if isinstance(statement, _Scope):
            if statement.name != names[0]:
                continue
            if names[1:]:
                for rest in _chains(statement.body, names[1:]):
                    yield ((statement, "body"), *rest)
            elif isinstance(statement, ast.ClassDef):
                yield ((statement, "body"),)
            continue
        for block in ("body", "orelse", "finalbody"):
            for rest in _chains(getattr(statement, block, ()), names):
                yield ((statement, block), *rest)
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            for rest in _chains(part.body, names):
                yield ((statement, "other"), *rest)


def _constants(cls: type, scopes: Sequence[_Scope], frames: CallFrames) -> dict[str, object]:
    """Parameters of the enclosing functions whose values are constants."""
    bound: dict[str, object] = {}
    for scope in scopes:
        if isinstance(scope, ast.ClassDef):
            continue
        given = scope.args
        for arg in itertools.chain(given.posonlyargs, given.args, given.kwonlyargs):
            value = object_named(cls, arg.arg, frames, arg)
            if isinstance(value, _CONSTANTS):
                bound[arg.arg] = value
    return bound


def concerned(source: ClassSource, cls: type) -> Callable[[Sequence[int]], bool]:
    """A predicate: do the lines of a finding, the most important one first, concern a class?

    The first line inside any class decides (methods that other classes inherit as well come later);
    the predicate is true if there is none.
    """
    try:
        tree = ast.parse(source.text)
    except (SyntaxError, ValueError):
        return lambda lines: True
    names = {ancestor.__name__ for ancestor in cls.__mro__ if ancestor.__module__ == cls.__module__}
    own: set[int] = set()
    others: set[int] = set()
    classes = [node for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    known = {node.name for node in classes}
    changes = [(changed_class(node), node) for node in tree.body]
    for name, node in (*((one.name, one) for one in classes), *changes):
        if name in known:
            kept = own if name in names else others
            kept.update(range(start_of(node), (node.end_lineno or node.lineno) + 1))
    return lambda lines: next(
        (line in own for line in lines if line in own or line in others), True
    )


def object_named(cls: type, name: str, frames: CallFrames, missing: Any = None) -> Any:
    """The object that a name refers to where the class is defined; ``missing`` if not found."""
    for ancestor in cls.__mro__:
        if ancestor.__name__ == name and ancestor.__module__ == cls.__module__:
            return ancestor
    for function in _functions(cls.__mro__):
        cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
        for free, cell in cells:
            if free == name:
                try:
                    return cell.cell_contents
                except ValueError:
                    continue
    module = sys.modules.get(cls.__module__)
    file = getattr(module, "__file__", None)
    functions = set(cls.__qualname__.split("."))
    for frame in frames:
        code = frame.f_code
        is_around = code.co_name in functions and file in (None, code.co_filename)
        if is_around and name in frame.f_locals:
            return frame.f_locals[name]
    for function in _functions(cls.__mro__):
        if function.__name__ == name and function.__module__ == cls.__module__:
            return function
    return vars(module).get(name, missing) if module is not None else missing


def _functions(classes: Iterable[type]) -> Iterator[types.FunctionType]:
    """The functions in the bodies of classes, and those in their lists of callbacks."""
    for cls in classes:
        values = list(vars(cls).values())
        entries = vars(cls).get("callbacks", ())
        if isinstance(entries, (list, tuple)):
            values += [entry[1] for entry in entries if isinstance(entry, tuple) and entry[1:]]
        for value in values:
            value = getattr(value, "__func__", value)
            while value is not None:
                if isinstance(value, types.FunctionType):
                    yield value
                value = getattr(value, "__wrapped__", None) or getattr(value, "func", None)

"""Which text do a notebook's cells make, as it concerns one class (R68)?

Cells are run again, edited, and fail halfway. Python has what was executed last; the texts of all
cells, one below the other, say more than that. So definitions that others have replaced are left
out, and what comes after an error in its cell; every line stays where it is.
"""

from __future__ import annotations

import ast
import linecache
import re
import sys
import types
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

_CELL = re.compile(r"<ipython-input-(\d+)-|.*[/\\]ipykernel_\d+[/\\]")
_TRANSPARENT = frozenset({"capture", "prun", "time"})
"""Magics whose cell is executed as it is."""

_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_DEFINITIONS = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)

_BINDING = (*_DEFINITIONS, ast.Assign, ast.AnnAssign, ast.AugAssign)

_stopped: dict[int, int] = {}
"""Cells that an error has ended, each with the line; 0 where nothing was executed."""


class Cell(NamedTuple):
    """One executed cell. ``files`` are what its code may call its file, if that is known."""

    number: int
    files: frozenset[str]
    text: str

    @property
    def shown(self) -> str:
        """As IPython names it in a traceback."""
        return f"Cell In[{self.number}]"


class Notebook(NamedTuple):
    """The text of a notebook, and the line on which each of its cells begins."""

    text: str
    cells: tuple[tuple[int, Cell], ...]

    def find(self, line: int) -> tuple[Cell, int]:
        """The cell that has a line of the text, and which of its lines that is."""
        first, cell = next((one for one in reversed(self.cells) if one[0] <= line), self.cells[0])
        return cell, line - first + 1

    def line_of(self, code: types.CodeType) -> int | None:
        """The line of the text on which a function begins."""
        at = code.co_firstlineno
        found = (first for first, cell in reversed(self.cells) if code.co_filename in cell.files)
        return next((first + at - 1 for first in found), None)


def watch_cells() -> None:
    """From now on, cells that end in an error are known."""
    shell = _shell()
    if shell is not None and hasattr(shell, "events"):
        shell.events.register("post_run_cell", _note)


def _note(result: Any) -> None:
    number = result.execution_count
    if number is None:
        return
    _stopped.pop(number, None)
    if result.error_before_exec is not None:
        _stopped[number] = 0
    elif result.error_in_exec is not None:
        trace = result.error_in_exec.__traceback__
        while trace is not None:
            name = trace.tb_frame.f_code.co_filename
            if trace.tb_frame.f_code.co_name == "<module>" and _CELL.match(name):
                _stopped[number] = trace.tb_lineno
                return
            trace = trace.tb_next


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def executed_cells() -> list[Cell]:
    """The cells so far, in the order in which they were executed."""
    shell = _shell()
    known = {
        name: "".join(entry[2])
        for name, entry in linecache.cache.items()
        if len(entry) > 1 and entry[1] is None and _CELL.match(name) is not None
    }
    if shell is None:
        return [
            Cell(_number(name) or number, frozenset({name}), text)
            for number, (name, text) in enumerate(known.items(), 1)
        ]
    files: dict[str, list[str]] = {}
    for name, text in known.items():
        files.setdefault(text.strip(), []).append(name)
    cells = []
    for number, raw in enumerate(shell.user_ns.get("In", ())):
        text = shell.input_transformer_manager.transform_cell(raw)
        # ipykernel gives cells of the same text the same name.
        names = [one for one in files.get(text.strip(), ()) if _number(one) in (number, None)]
        cells.append(Cell(number, frozenset(names), text))
    return cells


def _number(file: str) -> int | None:
    match = _CELL.match(file)
    return int(match[1]) if match is not None and match[1] else None


def notebook_for(
    cls: type,
    cells: Iterable[Cell],
    frames: Sequence[types.FrameType],
    functions: Callable[[Iterable[type]], Iterator[types.FunctionType]],
) -> Notebook | None:
    """The text for a class; ``None`` where there are no cells.

    ``frames`` are those of the caller, whose cell is not done yet.
    """
    cells = tuple(cells)
    modules = [one for one in frames if one.f_code.co_name == "<module>"]
    read = [one for cell in cells if (one := _read(cell, cell is cells[-1], modules)) is not None]
    if not read:
        return None
    made_of = _Class(cls, tuple(functions(cls.__mro__)))
    kept = _kept(read, made_of)
    rows: list[str] = []
    starts = []
    for place, (cell, statements, lines) in enumerate(read):
        starts.append((len(rows) + 1, cell))
        shown = [*lines]
        for statement in statements:
            for gone in _replaced(statement, place, kept, made_of, cell):
                first, last = start_of(gone), gone.end_lineno or gone.lineno
                shown[first - 1 : last] = ["\n"] * (last - first + 1)
                if gone is not statement:  # what stands around it has to have a body
                    row = lines[first - 1]
                    shown[first - 1] = f"{row[: len(row) - len(row.lstrip())]}pass\n"
        rows += shown
    return Notebook("".join(rows), tuple(starts))


class _Read(NamedTuple):
    cell: Cell
    statements: list[ast.stmt]
    """Those that were executed, and all that is nothing to us."""
    lines: list[str]


def _read(cell: Cell, is_last: bool, modules: Iterable[types.FrameType]) -> _Read | None:
    """What was executed of a cell; ``None`` where it does not parse."""
    text = _unwrapped(cell.text)
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None  # it did nothing
    lines = (text if text.endswith("\n") else f"{text}\n").splitlines(keepends=True)
    end = _stopped.get(cell.number)
    for frame in modules:
        # Where code does not say which cell it is from, the cell that is running is the last one.
        runs = is_last and not cell.files and frame.f_globals is vars(sys.modules["__main__"])
        if runs or frame.f_code.co_filename in cell.files:
            end = frame.f_lineno
    executed = []
    for node in body:
        first, last = start_of(node), node.end_lineno or node.lineno
        failed = end is not None and (
            first > end
            or (last >= end and (isinstance(node, _BINDING) or changed_class(node) is not None))
        )
        if failed:
            lines[first - 1 : last] = ["\n"] * (last - first + 1)
        else:
            executed.append(node)
    return _Read(cell._replace(text=text), executed, lines)


def _unwrapped(text: str) -> str:
    """What stands below a magic such as ``%%time``, on the same lines."""
    if "run_cell_magic" not in text:
        return text
    try:
        match ast.parse(text).body:
            case [
                ast.Expr(
                    ast.Call(
                        ast.Attribute(attr="run_cell_magic"),
                        [ast.Constant(magic), _, ast.Constant(str(inside))],
                    )
                )
            ] if magic in _TRANSPARENT:
                return f"\n{inside}"
    except (SyntaxError, ValueError):
        pass
    return text


_Kept = dict[str, tuple[int, ast.stmt]]


class _Class:
    """What a class is made of."""

    def __init__(self, cls: type, functions: Sequence[types.FunctionType]) -> None:
        self._functions = functions
        self.classes: dict[str, type] = {}
        """Those of the notebook by the first part of their names, the class itself first."""
        for one in cls.__mro__:
            if one.__module__ == cls.__module__:
                self.classes.setdefault(one.__qualname__.partition(".")[0], one)

    def has_function_of(self, statement: ast.stmt, cell: Cell) -> bool:
        """Whether something in a statement is part of a class; it is where nothing can be said."""
        codes = [function.__code__ for function in self._functions]
        return not cell.files or _stands_in(codes, statement, cell)

    def comes_from(self, node: _Definition, cell: Cell) -> bool:
        """Whether a definition may be the one that was executed."""
        cls = self.classes.get(node.name) if isinstance(node, ast.ClassDef) else None
        own = [
            function.__code__
            for function in self._functions
            if cls is None or function.__qualname__.startswith(f"{node.name}.")
        ]
        if cell.files and (cls is None or own):
            return _stands_in(own, node, cell)
        if not isinstance(node, ast.ClassDef):
            return any(_is_code_of(code, node) for code in own if code.co_name == node.name)
        if cls is None:
            return False
        if cls.__qualname__ != node.name:
            return True
        bound = {child.name for child in node.body if isinstance(child, _DEFINITIONS)}
        return bound <= vars(cls).keys() and _events(node) <= _events_of(cls)


def _stands_in(codes: Iterable[types.CodeType], node: ast.stmt, cell: Cell) -> bool:
    first, last = start_of(node), node.end_lineno or node.lineno
    return any(
        code.co_filename in cell.files and first <= code.co_firstlineno <= last for code in codes
    )


def _is_code_of(code: types.CodeType, node: ast.stmt) -> bool:
    """Whether a function without a known place has the code of a definition, which is not run."""
    try:
        made = compile(ast.Module([node], []), "", "exec", dont_inherit=True)
    except (SyntaxError, ValueError):
        return False
    codes = [one for one in made.co_consts if isinstance(one, types.CodeType)]
    return any(_parts(one) == _parts(code) for one in codes)


def _parts(code: types.CodeType) -> tuple[object, ...]:
    plain = [repr(one) for one in code.co_consts if not isinstance(one, types.CodeType)]
    return code.co_name, code.co_varnames, code.co_names, code.co_code, plain


def _events(node: ast.AST) -> Counter[str]:
    """The events that stand in a class body's list of callbacks."""
    found: Counter[str] = Counter()
    for child in getattr(node, "body", ()):
        targets = child.targets if isinstance(child, ast.Assign) else [getattr(child, "target", 0)]
        if any(isinstance(one, ast.Name) and one.id == "callbacks" for one in targets):
            for entry in getattr(child.value, "elts", ()):
                match entry:
                    case ast.Tuple([ast.Constant(str(event)), *_]):
                        found[event] += 1
    return found


def _events_of(cls: type) -> Counter[str]:
    entries = vars(cls).get("callbacks", ())
    return Counter(one[0] for one in entries if isinstance(one, tuple) and one)


def _kept(read: Sequence[_Read], made_of: _Class) -> _Kept:
    """Of each name that is defined in several places the statement that counts, with the number
    of its cell in the list: what the class is made of, else the last one before the class."""
    found: dict[str, list[tuple[int, ast.stmt]]] = {}
    for place, one in enumerate(read):
        for statement in one.statements:
            for name in dict.fromkeys(node.name for node in _definitions(statement)):
                found.setdefault(name, []).append((place, statement))
    end = len(read)
    kept: _Kept = {}
    # The class itself comes first: what it is made of was there before it.
    itself = next(iter(made_of.classes))
    for name in sorted(found, key=lambda one: one != itself):
        several = found[name]
        fitting = [
            (place, statement)
            for place, statement in several
            for node in _definitions(statement)
            if node.name == name and made_of.comes_from(node, read[place].cell)
        ]
        before = [[one for one in some if one[0] <= end] for some in (fitting, several)]
        kept[name] = (before[0] or fitting or before[1] or several)[-1]
        if name == itself:
            end = kept[name][0]
    return kept


def _definitions(statement: ast.stmt) -> Iterator[_Definition]:
    """The definitions that a statement binds, those in its blocks included."""
    if isinstance(statement, _DEFINITIONS):
        yield statement
        return
    for part in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        for block in ("body", "orelse", "finalbody"):
            for inner in getattr(part, block, ()):
                yield from _definitions(inner)


def _replaced(
    statement: ast.stmt, place: int, kept: _Kept, made_of: _Class, cell: Cell
) -> Iterator[ast.stmt]:
    """What of a statement is no part of what there is."""
    for node in _definitions(statement):
        if kept[node.name][1] is not statement:
            yield node
    changed = changed_class(statement)
    if changed is None or changed not in kept:
        return
    # It may have changed a class that another one has replaced since, or have failed.
    stays = place >= kept[changed][0] and (
        changed not in made_of.classes
        or not any(isinstance(node, ast.Lambda) for node in ast.walk(statement))
        or made_of.has_function_of(statement, cell)
    )
    if not stays:
        yield statement


def changed_class(statement: ast.stmt) -> str | None:
    """The name before ``.callbacks`` in a statement that changes a list."""
    node: ast.AST | None = None
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        node = statement.value.func
        node = node.value if isinstance(node, ast.Attribute) else None
    elif isinstance(statement, ast.AugAssign):
        node = statement.target
    elif isinstance(statement, ast.Assign):
        node = statement.targets[0]
    if isinstance(node, ast.Attribute) and node.attr == "callbacks":
        return node.value.id if isinstance(node.value, ast.Name) else None
    return None


def start_of(node: ast.stmt) -> int:
    """The line on which a statement begins, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])

"""Which text do the cells of a notebook form, for one class (R68)?

Cells are executed repeatedly, edited, and fail halfway. Python has the state after the last
executions, but the text of all cells contains more. So replaced definitions are removed, as is the
rest of a cell after an error. Every line keeps its position.
"""

from __future__ import annotations

import ast
import linecache
import sys
import types
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

_TRANSPARENT = frozenset({"capture", "prun", "time"})
"""Magics that execute their cell unchanged."""

_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_Binding = _Definition | ast.Assign | ast.AnnAssign | ast.AugAssign

_stopped: dict[int, int] = {}
"""Cells that raised an error, each with the line; 0 if nothing was executed."""


class Cell(NamedTuple):
    """One executed cell. ``files`` are the file names that its code objects may have."""

    number: int
    files: frozenset[str]
    text: str

    @property
    def shown(self) -> str:
        """The name of the cell, as in IPython's tracebacks."""
        return f"Cell In[{self.number}]"


class Notebook(NamedTuple):
    """The text of a notebook, and the first line of each of its cells."""

    text: str
    cells: tuple[tuple[int, Cell], ...]

    def find(self, line: int) -> tuple[Cell, int]:
        """The cell that contains a line of the text, and the line number in the cell."""
        first, cell = next((one for one in reversed(self.cells) if one[0] <= line), self.cells[0])
        return cell, line - first + 1

    def line_of(self, code: types.CodeType) -> int | None:
        """The first line of a function in the text."""
        at = code.co_firstlineno
        found = (first for first, cell in reversed(self.cells) if code.co_filename in cell.files)
        return next((first + at - 1 for first in found), None)


def watch_cells() -> None:
    """Start to record which cells raise an error."""
    shell = _shell()
    if shell is not None:
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
            if _is_of_a_cell(trace.tb_frame):
                _stopped[number] = trace.tb_lineno
                return
            trace = trace.tb_next


def _is_of_a_cell(frame: types.FrameType) -> bool:
    main = vars(sys.modules["__main__"])
    return frame.f_code.co_name == "<module>" and frame.f_globals is main


def _shell() -> Any:
    ipython = sys.modules.get("IPython")
    return ipython.get_ipython() if ipython is not None else None


def _executed_cells(shell: Any) -> list[Cell]:
    """The cells so far, in the order in which they were executed."""
    files: dict[str, set[str]] = {}
    for name, entry in linecache.cache.items():
        if len(entry) > 1 and entry[1] is None:  # not a file
            files.setdefault("".join(entry[2]).strip(), set()).add(name)
    cells = []
    for number, raw in enumerate(shell.user_ns.get("In", ())):
        text = shell.input_transformer_manager.transform_cell(raw)
        cells.append(Cell(number, frozenset(files.get(text.strip(), ())), text))
    return cells


def notebook_for(
    cls: type, functions: Iterable[types.FunctionType], frames: Sequence[types.FrameType]
) -> Notebook | None:
    """The text for a class; ``None`` if there are no cells.

    ``functions`` are the functions of the class and its bases. ``frames`` are the caller's frames:
    its cell is still running.
    """
    shell = _shell()
    cells = [] if shell is None else _executed_cells(shell)
    running = {
        (frame.f_code.co_filename, frame.f_lineno) for frame in frames if _is_of_a_cell(frame)
    }
    read = [one for cell in cells if (one := _read(cell, running if cell is cells[-1] else ()))]
    if not read:
        return None
    kept = _kept(read, cls, [function.__code__ for function in functions])
    rows: list[str] = []
    starts = []
    for place, (cell, statements, lines) in enumerate(read):
        starts.append((len(rows) + 1, cell))
        shown = [*lines]
        for statement in statements:
            for replaced in _replaced(statement, place, kept):
                first, last = start_of(replaced), replaced.end_lineno or replaced.lineno
                shown[first - 1 : last] = ["\n"] * (last - first + 1)
                if replaced is not statement:  # the enclosing statement needs a body
                    row = lines[first - 1]
                    shown[first - 1] = f"{row[: len(row) - len(row.lstrip())]}pass\n"
        rows += shown
    return Notebook("".join(rows), tuple(starts))


class _Read(NamedTuple):
    cell: Cell
    statements: list[ast.stmt]
    """The statements that were executed, or that are irrelevant here."""
    lines: list[str]


def _read(cell: Cell, running: Iterable[tuple[str, int]]) -> _Read | None:
    """The executed part of a cell; ``None`` if it is not valid Python. ``running`` are the lines
    that are being executed, each with its file."""
    text = _unwrapped(cell.text)
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError):
        return None  # nothing was executed
    lines = (text if text.endswith("\n") else f"{text}\n").splitlines(keepends=True)
    end = next((line for file, line in running if file in cell.files), _stopped.get(cell.number))
    executed = []
    for node in body:
        first, last = start_of(node), node.end_lineno or node.lineno
        failed = end is not None and (
            first > end
            or (last >= end and (isinstance(node, _Binding) or changed_class(node) is not None))
        )
        if failed:
            lines[first - 1 : last] = ["\n"] * (last - first + 1)
        else:
            executed.append(node)
    return _Read(cell._replace(text=text), executed, lines)


def _unwrapped(text: str) -> str:
    """The code of a cell with a magic such as ``%%time``, on the same lines."""
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


def _kept(read: Sequence[_Read], cls: type, codes: Sequence[types.CodeType]) -> _Kept:
    """For each defined name the statement that counts, with the index of its cell: the one that
    the class was made from, otherwise the last one before the class."""
    found: dict[str, list[tuple[int, ast.stmt]]] = {}
    for place, one in enumerate(read):
        for statement in one.statements:
            for name in dict.fromkeys(node.name for node in _definitions(statement)):
                found.setdefault(name, []).append((place, statement))
    end = len(read)
    kept: _Kept = {}
    # The class itself is first: the definitions that it uses were executed before it.
    itself = cls.__qualname__.partition(".")[0]
    for name in sorted(found, key=lambda one: one != itself):
        before = [one for one in found[name] if one[0] <= end] or found[name]
        fitting = [one for one in before if _holds(one[1], name, read[one[0]].cell, codes)]
        kept[name] = (fitting or before)[-1]
        if name == itself:
            end = kept[name][0]
    return kept


def _holds(statement: ast.stmt, name: str, cell: Cell, codes: Iterable[types.CodeType]) -> bool:
    """Whether a definition with this name in a statement contains one of these functions."""
    return any(
        code.co_filename in cell.files
        and start_of(node) <= code.co_firstlineno <= (node.end_lineno or node.lineno)
        for node in _definitions(statement)
        if node.name == name
        for code in codes
    )


def _definitions(statement: ast.stmt) -> Iterator[_Definition]:
    """The definitions in a statement, including those in its blocks."""
    if isinstance(statement, _Definition):
        yield statement
        return
    for part in (statement, *getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
        for block in ("body", "orelse", "finalbody"):
            for inner in getattr(part, block, ()):
                yield from _definitions(inner)


def _replaced(statement: ast.stmt, place: int, kept: _Kept) -> Iterator[ast.stmt]:
    """The parts of a statement that later definitions have replaced."""
    for node in _definitions(statement):
        if kept[node.name][1] is not statement:
            yield node
    changed = changed_class(statement)
    if changed in kept and place < kept[changed][0]:  # it changed an earlier class of that name
        yield statement


def changed_class(statement: ast.stmt) -> str | None:
    """The name before ``.callbacks`` in a statement that changes that list."""
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
    """The first line of a statement, including its decorators."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(decorator.lineno for decorator in decorators)])

"""What does a line of a file, as a traceback names it, mean: a class, an event, or a callback?"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Callable, Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.diagnostics.texts import read_from_disk
from arctic_codegen.model.hosts import Event, HostClass
from arctic_codegen.model.ownership import is_below


def at_line(
    path: str, line: int, hosts: Sequence[HostClass], output: str
) -> tuple[tuple[HostClass, ...], bool]:
    """The classes that a line concerns, each with the events that it concerns, and whether it names
    events.

    The innermost statement around the line decides. A callback concerns every event that calls it
    in a compiled class; a line of the output concerns what it was generated from.
    """
    around = list(_around(path, line))
    if is_below(path, output):
        return _generated(os.path.relpath(path, output), around, hosts)
    of_sources = [host for host in hosts if host.requested]
    for number in (line, *(node.lineno for node in around)):
        here = (path, number)
        of_class = tuple(host for host in hosts if _is_at(host.place, here))
        if of_class:
            return of_class, False
        for found in (_callbacks(here, of_sources), _methods(here, of_sources)):
            compiled = tuple(host for host in found if host.compiled)
            if found:
                return compiled or found, True
    return (), False


def _around(path: str, line: int) -> Iterator[ast.expr | ast.stmt]:
    """The expressions and statements around a line, innermost first; none where this Python cannot
    parse the file."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            node: ast.AST = ast.parse(read_from_disk(path) or b"")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    found: list[ast.expr | ast.stmt] = []
    waiting = [node]
    while waiting:
        for child in ast.iter_child_nodes(waiting.pop()):
            if not isinstance(child, ast.expr | ast.stmt):
                waiting.append(child)  # arguments, an exception handler
            elif _first(child) <= line <= (child.end_lineno or child.lineno):
                found.append(child)
                waiting.append(child)
    yield from sorted(found, key=lambda node: (node.lineno, node.col_offset), reverse=True)


def _first(node: ast.expr | ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", ())
    return min((one.lineno for one in (node, *decorators)), default=node.lineno)


def _is_at(place: Place, here: tuple[str, int]) -> bool:
    return (place.path, place.span.line) == here


def _callbacks(here: tuple[str, int], hosts: Sequence[HostClass]) -> tuple[HostClass, ...]:
    return _with_events(
        hosts,
        lambda event: any(
            _is_at(one.place, here) or _is_at(one.declared_at, here) for one in event.all_callbacks
        ),
    )


def _methods(here: tuple[str, int], hosts: Sequence[HostClass]) -> tuple[HostClass, ...]:
    return _with_events(hosts, lambda event: _is_at(event.method.place, here))


def _generated(
    file: str, around: Sequence[ast.AST], hosts: Sequence[HostClass]
) -> tuple[tuple[HostClass, ...], bool]:
    """The classes of a generated module that a line stands in."""
    module = file.removesuffix(".py").replace(os.sep, ".").removesuffix(".__init__")
    names = [node.name for node in around if isinstance(node, ast.FunctionDef | ast.ClassDef)]
    found = tuple(
        host
        for host in hosts
        if host.id.module == module and host.id.name.rpartition(".")[2] in names
    )
    of_events = _with_events(found, lambda event: event.method.name in names)
    return of_events or found, bool(of_events)


def _with_events(
    hosts: Sequence[HostClass], concerns: Callable[[Event], bool]
) -> tuple[HostClass, ...]:
    """The classes that have such events, with these alone."""
    found = []
    for host in hosts:
        events = tuple(filter(concerns, host.events))
        if events:
            found.append(msgspec.structs.replace(host, events=events))
    return tuple(found)

"""What does a line of a file, as a traceback names it, mean: a class, an event, or a callback?"""

from __future__ import annotations

import ast
import os
import warnings
from collections.abc import Callable, Iterator, Sequence, Set
from functools import partial

import msgspec

from arctic_codegen.build.results import ResolvedProject
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.hosts import Callback, ClassId, Event, HostClass
from arctic_codegen.model.ownership import is_below

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)


class _Lines(msgspec.Struct, frozen=True):
    """A stretch of a file."""

    path: str
    first: int
    last: int

    def have(self, *places: Place | None) -> bool:
        """Whether one of these begins there."""
        return any(
            place is not None
            and place.path == self.path
            and self.first <= place.span.line <= self.last
            for place in places
        )


def at_line(
    path: str, text: bytes, line: int, resolved: ResolvedProject
) -> tuple[tuple[HostClass, ...], bool]:
    """The classes that a line concerns, each with the events that it concerns, and whether it names
    events.

    The innermost statement around the line decides. A callback concerns every event that calls it
    in a compiled class, and so does the function that makes it, the class of the object whose
    method it is, and a condition around it. What is no host class and stands in the MRO of some
    concerns these. A line of the output concerns what it was generated from.
    """
    tree = parsed(text)
    around = [] if tree is None else list(_around(tree, line))
    output = resolved.settings.output
    if tree is not None and is_below(path, output):
        return _generated(os.path.relpath(path, output), tree, around, resolved.hosts)
    hosts = [host for host in resolved.hosts if host.requested]
    found = _on(_Lines(path, line, line), hosts)
    for number, node in enumerate(around):
        if not found[0]:
            found = _on(_Lines(path, node.lineno, node.lineno), hosts)
        if not found[0] and isinstance(node, _DEFINITIONS):
            name = _qualname(around[number:])
            found = _in(_Lines(path, node.lineno, _last(node)), name, hosts, resolved)
    return found


def _on(line: _Lines, hosts: Sequence[HostClass]) -> tuple[tuple[HostClass, ...], bool]:
    """What begins in a line."""
    of_class = tuple(host for host in hosts if line.have(host.place))
    if of_class:
        return of_class, False
    return (
        _calling(hosts, lambda one: line.have(one.place, one.declared_at, *_conditions(one)))
        or _compiled(_with_events(hosts, lambda event: line.have(event.method.place))),
        True,
    )


def _in(
    lines: _Lines, name: str, hosts: Sequence[HostClass], resolved: ResolvedProject
) -> tuple[tuple[HostClass, ...], bool]:
    """What a function or class has to do with that is no event and no host class itself."""

    def is_it(cls: ClassId) -> bool:
        module = (
            resolved.loader.module(cls.module) if resolved.loader and cls.name == name else None
        )
        return module is not None and module.file is not None and module.file.path == lines.path

    inheriting = tuple(host for host in hosts if any(map(is_it, host.mro)))
    if inheriting:
        return inheriting, False
    return _calling(
        hosts,
        lambda one: lines.have(one.place) or (one.receiver is not None and is_it(one.receiver)),
    ), True


def _calling(
    hosts: Sequence[HostClass], concerns: Callable[[Callback], bool]
) -> tuple[HostClass, ...]:
    return _compiled(_with_events(hosts, lambda event: any(map(concerns, event.all_callbacks))))


def _compiled(hosts: tuple[HostClass, ...]) -> tuple[HostClass, ...]:
    """Those that are compiled, if there are any."""
    return tuple(host for host in hosts if host.compiled) or hosts


def _conditions(callback: Callback) -> Iterator[Place | None]:
    for wrapper in callback.wrappers:
        if wrapper.condition is not None:
            yield wrapper.condition.place
            yield wrapper.condition.function


def _qualname(around: Sequence[ast.AST]) -> str:
    """That of the first of these, which the others stand around."""
    named = [node for node in around if isinstance(node, _DEFINITIONS)]
    parts = [node.name for node in reversed(named)]
    for number, node in enumerate(reversed(named[1:]), 1):
        if not isinstance(node, ast.ClassDef):
            parts[number] = f"<locals>.{parts[number]}"
    return ".".join(parts)


def parsed(text: bytes) -> ast.Module | None:
    """The tree of a file; ``None`` where this Python cannot parse it."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _around(tree: ast.Module, line: int) -> Iterator[ast.expr | ast.stmt]:
    """The expressions and statements around a line, innermost first."""
    found: list[ast.expr | ast.stmt] = []
    waiting: list[ast.AST] = [tree]
    while waiting:
        for child in ast.iter_child_nodes(waiting.pop()):
            if not isinstance(child, ast.expr | ast.stmt):
                waiting.append(child)  # arguments, an exception handler
            elif first_line(child) <= line <= _last(child):
                found.append(child)
                waiting.append(child)
    yield from sorted(found, key=lambda node: (node.lineno, node.col_offset), reverse=True)


def first_line(node: ast.expr | ast.stmt) -> int:
    decorators = getattr(node, "decorator_list", ())
    return min((one.lineno for one in (node, *decorators)), default=node.lineno)


def _last(node: ast.expr | ast.stmt) -> int:
    return node.end_lineno or node.lineno


def _generated(
    file: str, tree: ast.Module, around: Sequence[ast.AST], hosts: Sequence[HostClass]
) -> tuple[tuple[HostClass, ...], bool]:
    """The classes of a generated module that a line stands in, those that call the function that
    it stands in, or else all."""
    module = file.removesuffix(".py").replace(os.sep, ".").removesuffix(".__init__")
    there = [host for host in hosts if host.id.module == module]
    names = {
        *(node.name for node in around if isinstance(node, _DEFINITIONS)),
        *(
            node.target.id
            for node in around
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
        ),
    }
    found = tuple(host for host in there if _plain_name(host) in names)
    of_events = _with_events(found, lambda event: event.method.name in names)
    if found:
        return of_events or found, bool(of_events)
    # A callback that has a name in the module, or was lifted into it, is called by methods.
    calling = {
        (cls.name, method.name)
        for cls in tree.body
        if isinstance(cls, ast.ClassDef)
        for method in cls.body
        if isinstance(method, _FUNCTIONS)
        if any(isinstance(one, ast.Name) and one.id in names for one in ast.walk(method))
    }
    for host in there:
        methods = {method for name, method in calling if name == _plain_name(host)}
        of_events += _with_events([host], partial(_is_on, methods))
    return of_events or tuple(there), bool(of_events)


def _plain_name(host: HostClass) -> str:
    return host.id.name.rpartition(".")[2]


def _is_on(methods: Set[str], event: Event) -> bool:
    return event.method.name in methods


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

"""What is at a line of a file, as a traceback names it: a class, an event, or a callback?"""

from __future__ import annotations

import ast
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TypeGuard

import msgspec

from arctic_codegen.build.results import ResolvedProject
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.hosts import Callback, ClassId, Event, HostClass
from arctic_codegen.model.ownership import is_below
from arctic_codegen.scan import syntax_of

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_DEFINITIONS = (*_FUNCTIONS, ast.ClassDef)

Shown = tuple[tuple[HostClass, ...], bool]
"""Classes, each with the matching events, and whether the target named the events."""


def at_line(path: str, text: bytes, line: int, resolved: ResolvedProject) -> Shown:
    """The classes that a line concerns, each with the events that it concerns.

    This is determined by the line itself, or by the innermost enclosing expression or statement
    that involves callbacks. A callback concerns every event that calls it in a compiled class, and
    so do the function that creates it, the class of the object whose method it is, and the
    condition of a wrapper. A class that is not a host class concerns the host classes that inherit
    it. A line of the output concerns the code that it was generated from.
    """
    tree = syntax_of(text) or ast.Module([], [])
    output = resolved.settings.output
    if is_below(path, output):
        return _generated(os.path.relpath(path, output), tree, line, resolved.hosts)
    hosts = [host for host in resolved.hosts if host.requested]
    around = [node for node in ast.walk(tree) if _is_around(node, line)][::-1]
    stretches = [(line, line, "")]
    for number, node in enumerate(around):
        name = _qualname(around[number:]) if isinstance(node, _DEFINITIONS) else ""
        stretches.append((node.lineno, node.end_lineno or node.lineno, name))
    for first, last, name in stretches:
        found = _within(path, range(first, last + 1), name, hosts, resolved)
        if found[0]:
            return found
    return (), True


def _within(
    path: str, lines: range, name: str, hosts: Sequence[HostClass], resolved: ResolvedProject
) -> Shown:
    """The matches that start in these lines, which contain the function or class ``name``."""

    def holds(*places: Place | None) -> bool:
        return any(one and one.path == path and one.span.line in lines for one in places)

    def is_it(cls: ClassId | None) -> bool:
        return cls is not None and cls.name == name and resolved.path_of(cls.module) == path

    def concerns(one: Callback) -> bool:
        return holds(one.place, one.declared_at, *_conditions(one)) or is_it(one.receiver)

    classes = [host for host in hosts if holds(host.place)]
    classes = classes or [host for host in hosts if any(map(is_it, host.mro))]
    if classes:
        return tuple(classes), False
    found = _with_events(hosts, lambda _, event: any(map(concerns, event.all_callbacks)))
    found = found or _with_events(hosts, lambda _, event: holds(event.method.place))
    return tuple(host for host in found if host.compiled) or found, True


def _conditions(callback: Callback) -> Iterator[Place | None]:
    for wrapper in callback.wrappers:
        if wrapper.condition is not None:
            yield wrapper.condition.place
            yield wrapper.condition.function


def _qualname(around: Sequence[ast.AST]) -> str:
    """The qualified name of the first of these nodes; the others enclose it."""
    named = [node for node in around if isinstance(node, _DEFINITIONS)]
    name = ""
    for node in reversed(named):
        name += node.name + ("." if isinstance(node, ast.ClassDef) else ".<locals>.")
    return name.removesuffix(".").removesuffix(".<locals>")


def _is_around(node: ast.AST, line: int) -> TypeGuard[ast.expr | ast.stmt]:
    if not isinstance(node, ast.expr | ast.stmt):
        return False  # arguments, an exception handler
    decorators = getattr(node, "decorator_list", ())
    first: int = min(one.lineno for one in (node, *decorators))
    return first <= line <= (node.end_lineno or node.lineno)


def _generated(file: str, tree: ast.Module, line: int, hosts: Sequence[HostClass]) -> Shown:
    """The event of the generated code at a line; otherwise the class, the events whose methods use
    the definition at the line, or all classes."""
    module = file.removesuffix(".py").replace(os.sep, ".").removesuffix(".__init__")
    there = [host for host in hosts if host.id.module == module]
    here = [node for node in tree.body if _is_around(node, line)]
    defined = {getattr(getattr(node, "target", node), "id", None) for node in here}
    defined |= {getattr(node, "name", None) for node in here}
    of_class = tuple(host for host in there if _plain_name(host) in defined)
    used = set() if of_class else defined
    calling = {
        (cls.name, method.name)
        for cls in tree.body
        if isinstance(cls, ast.ClassDef)
        for method in cls.body
        if isinstance(method, _FUNCTIONS)
        if _is_around(method, line)
        or any(isinstance(one, ast.Name) and one.id in used for one in ast.walk(method))
    }
    of_events = _with_events(
        of_class or there, lambda host, event: (_plain_name(host), event.method.name) in calling
    )
    return of_events or of_class or tuple(there), bool(of_events)


def _plain_name(host: HostClass) -> str:
    return host.id.name.rpartition(".")[2]


def _with_events(
    hosts: Sequence[HostClass], concerns: Callable[[HostClass, Event], bool]
) -> tuple[HostClass, ...]:
    """The classes with matching events, reduced to these events."""
    found = []
    for host in hosts:
        events = tuple(event for event in host.events if concerns(host, event))
        if events:
            found.append(msgspec.structs.replace(host, events=events))
    return tuple(found)

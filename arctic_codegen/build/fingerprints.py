"""Has an input changed in a way that affects the build? Its fingerprint shows it (R36).

A fingerprint is computed from the declarations that bind the names that were read. It excludes
positions, and the bodies of functions that no callback depends on. So comments, layout, line
numbers and the bodies of methods may change without a build.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from arctic_codegen.build.canonical import canonical, class_, function
from arctic_codegen.build.non_host_bases import base_name, non_host_bases
from arctic_codegen.model import decls as d
from arctic_codegen.model import expr as e
from arctic_codegen.model.resolution import Read
from arctic_codegen.resolve.binder.bindings import bindings_of, bound_names
from arctic_codegen.resolve.binder.blocks import (
    blocks_of,
    bodies,
    flat,
    functions_in,
    names_in,
    parts_of,
)

FINGERPRINT_VERSION = 5
"""Incremented whenever the content of fingerprints changes."""

ALL_NAMES = "*"
CHANGES = "()"
CLASSES = "class"
"""Stands for the classes that may be host classes, judged by their bases. Not a valid name."""
BODY = "+"


def spelled(read: Read) -> str:
    """A look-up in the notation of the lock file: the name, and ``+`` if a body matters."""
    return f"{read.name}{BODY}" if read.body else read.name


def fingerprint(decls: d.ModuleDecls, names: Iterable[str]) -> str:
    """A digest of the declarations that bind these names, in hexadecimal.

    ``names`` are in the notation of :func:`spelled`.
    """
    wanted = {name for name in names if name}
    reader = _Reader(wanted, decls)
    content = [FINGERPRINT_VERSION, decls.future_annotations, reader.block(decls.body)]
    if ALL_NAMES in wanted:
        content.append(sorted(set(_bound_names(decls.body))))
    if CLASSES in wanted:
        content.append(sorted(_possible_hosts(decls.body), key=json.dumps))
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def binds_none_of(decls: d.ModuleDecls, names: Iterable[str]) -> bool:
    """Whether a module has no statement that binds one of these names, and no star import."""
    stars = any(isinstance(one, d.FromImport) and one.star for one in _imports(decls.body))
    return not stars and set(names).isdisjoint(_bound_names(decls.body))


def fingerprint_of_bodies(decls: d.ModuleDecls) -> str:
    """A digest of what :func:`fingerprint` omits for functions that are not callbacks: which
    methods their bodies call, and where they end."""
    content = [
        [
            stmt.name,
            canonical(stmt.super_calls),
            canonical(stmt.class_tests),
            list(stmt.self_calls),
            list(stmt.calls_at_the_end),
            stmt.falls_through,
        ]
        for stmt in functions_in(decls.body)
    ]
    return hashlib.sha256(json.dumps(content).encode("ascii")).hexdigest()


class _Reader:
    """Selects the statements of one module that matter."""

    def __init__(self, wanted: set[str], decls: d.ModuleDecls) -> None:
        self.changes = CHANGES in wanted
        self.bodies = {name[: -len(BODY)] for name in wanted if name.endswith(BODY)}
        self.names = (wanted - {ALL_NAMES, CHANGES, CLASSES}) | self.bodies
        if ALL_NAMES in wanted:
            self.names.add("__all__")
        self.any = bool(self.names)
        if self.any:
            self.names.add("__getattr__")  # provides names that nothing else binds
        self.aliases: set[str] = set()
        """Names bound to a list of callbacks: ``entries = Trainer.callbacks``."""
        if self.changes:
            statements = list(_all_statements(decls.body))
            assigned = [stmt for stmt in statements if isinstance(stmt, d.Assign)]
            for stmt in assigned:
                if _mentions_callbacks(stmt.value):
                    self.aliases.update(_roots(stmt.targets))
            self._follow_changes(statements, assigned)
        self.values = self.names.intersection(
            name
            for stmt in decls.body
            if isinstance(stmt, d.Assign)
            for name in _roots(stmt.targets)
        )
        """Names bound by assignments: functions may change their values (lists, dicts)."""

    def _follow_changes(
        self, statements: Sequence[d.Statement], assigned: Sequence[d.Assign]
    ) -> None:
        """Add the names that determine which list a statement changes."""
        pending = [stmt for stmt in statements if self._changes_list(stmt)]
        followed: set[str] = set()
        while pending:
            new = {name for stmt in pending for name in names_in(stmt)} - followed
            followed |= new
            self.names |= new
            pending = [stmt for stmt in assigned if not new.isdisjoint(_roots(stmt.targets))]

    def block(self, statements: Sequence[d.Statement]) -> list[Any]:
        """The statements that matter, in order."""
        kept = (self.statement(statement) for statement in statements)
        return [item for item in kept if item]

    def statement(self, stmt: d.Statement) -> list[Any]:
        """The part of one statement that matters; may be empty."""
        if isinstance(stmt, (d.Import, d.FromImport)):
            return self._import(stmt)
        is_wanted = not self.names.isdisjoint(bound_names(stmt))
        if isinstance(stmt, (d.FunctionDecl, d.ClassDecl)):
            own = {"cls"} if is_wanted and isinstance(stmt, d.ClassDecl) else set()
            inside = self._inside(stmt.body, own)
            return [self._declaration(stmt), *inside] if is_wanted else inside
        if type(stmt) in d.WITH_BLOCKS:
            blocks = [self.block(block) for block in blocks_of(stmt)]
            return [*_head(stmt), *blocks] if is_wanted or any(blocks) else []
        changed = not self.names.isdisjoint(_roots(_changed(stmt)))
        is_wanted = is_wanted or changed or (self.changes and self._changes_list(stmt))
        return canonical(stmt) if is_wanted else []

    def _declaration(self, stmt: d.FunctionDecl | d.ClassDecl) -> list[Any]:
        body = stmt.name in self.bodies
        return function(stmt, body) if isinstance(stmt, d.FunctionDecl) else class_(stmt, body)

    def _import(self, stmt: d.Import | d.FromImport) -> list[Any]:
        where: list[Any] = []
        binds_module = False
        if isinstance(stmt, d.FromImport):
            if stmt.star:
                return ["star", stmt.level, stmt.module] if self.any else []
            where = [stmt.level, stmt.module]
            # `from .sub import x` in a package also binds `sub`.
            binds_module = not self.names.isdisjoint(stmt.module.split("."))
        names = [
            [alias.name, alias.asname]
            for alias in stmt.names
            if binds_module or not self.names.isdisjoint((alias.asname, *alias.name.split(".")))
        ]
        return ["import", *where, names] if names else []

    def _changes_list(self, stmt: d.Statement) -> bool:
        """Whether a statement may change a list of callbacks."""
        if type(stmt) not in _CHANGING:
            return False
        is_call = isinstance(stmt, d.CallStmt)
        parts = [part for part in _changed(stmt, 2) if is_call or not isinstance(part, e.Name)]
        if any(map(_mentions_callbacks, parts)):
            return True
        return not isinstance(stmt, d.Assign) and not self.aliases.isdisjoint(
            _roots(_changed(stmt))
        )

    def _inside(self, statements: Sequence[d.Statement], own: set[str]) -> list[Any]:
        """Statements in functions and class bodies that change values of the module, or attributes
        of the objects that the names ``own`` refer to."""
        found: list[Any] = []
        values = self.values | own
        for stmt in _all_statements(statements):
            if isinstance(stmt, d.Global):
                names = () if stmt.nonlocal_ else self.names.intersection(stmt.names)
                found += [["global", *sorted(names)]] if names else []
            elif (self.changes and self._changes_list(stmt)) or any(
                not isinstance(part, e.Name) and not values.isdisjoint(_roots([_holder(part)]))
                for part in _changed(stmt, 0)
            ):
                found.append(canonical(stmt))
        return found


def _all_statements(statements: Sequence[d.Statement]) -> Iterator[d.Statement]:
    """Statements at any depth, including those of nested functions and classes."""
    here = flat(statements)
    yield from here
    for stmt in here:
        if isinstance(stmt, (d.FunctionDecl, d.ClassDecl)):
            yield from _all_statements(stmt.body)


def _head(stmt: Any) -> list[Any]:
    """A statement with blocks, without these blocks."""
    if isinstance(stmt, d.If):
        return ["if", canonical(stmt.test)]
    if isinstance(stmt, d.Match):
        return ["match", canonical(stmt.names)]
    if isinstance(stmt, d.Try):
        # Which names are bound depends on whether an import in the `try` fails.
        handlers = [[canonical(handler.type), handler.name] for handler in stmt.handlers]
        return ["try", handlers, [canonical(item) for item in _imports(stmt.body)]]
    return [type(stmt).__name__, canonical(stmt.targets)]


_CHANGING = frozenset({d.Assign, d.AugAssign, d.CallStmt, d.Delete})


def _changed(stmt: d.Statement, arguments: int = 1) -> Sequence[e.Expr]:
    """What a simple statement may change: its targets, or the function that it calls with the
    first ``arguments`` arguments."""
    if isinstance(stmt, (d.Assign, d.Delete)):
        return stmt.targets
    if isinstance(stmt, d.AugAssign):
        return (stmt.target,)
    if isinstance(stmt, d.CallStmt):
        return (stmt.call.func, *(arg.value for arg in stmt.call.args[:arguments]))
    return ()


def _possible_hosts(statements: Sequence[d.Statement]) -> Iterator[list[Any]]:
    """Name and bases of each class outside functions, unless none of its bases can make it a host
    class. For a nested class all bases count: names may have another meaning there."""
    non_hosts = non_host_bases(_imports(statements), _bound_names(statements))
    for frames, body in bodies(statements):
        if not any(isinstance(frame, d.FunctionDecl) for frame in frames):
            for stmt in flat(body):
                if isinstance(stmt, d.ClassDecl) and any(
                    frames or base_name(base) not in non_hosts for base in stmt.bases
                ):
                    yield [stmt.qualname, canonical(stmt.bases)]


def _imports(statements: Sequence[d.Statement]) -> list[d.Import | d.FromImport]:
    return [stmt for stmt in flat(statements) if isinstance(stmt, (d.Import, d.FromImport))]


def _bound_names(statements: Sequence[d.Statement]) -> list[str]:
    """Every name that module-level statements bind or delete, once per statement."""
    return [one.name for stmt in flat(statements) for one in bindings_of(stmt)]


def _roots(targets: Iterable[e.Expr]) -> Iterator[str]:
    """The names that assignment targets bind, or whose objects they change."""
    for target in targets:
        if isinstance(target, e.Name):
            yield target.id
        elif isinstance(target, (e.Attr, e.Starred, e.Subscript)):
            yield from _roots((target.value,))
        elif isinstance(target, e.Seq):
            yield from _roots(target.items)


def _holder(target: e.Expr) -> e.Expr:
    """The innermost object: ``TABLE`` in ``TABLE.setdefault(key, []).append``."""
    while isinstance(target, (e.Attr, e.Subscript, e.Call)):
        target = target.func if isinstance(target, e.Call) else target.value
    return target


def _mentions_callbacks(value: object) -> bool:
    return any(
        (type(part) is e.Name and part.id == "callbacks")
        or (type(part) is e.Attr and part.attr == "callbacks")
        or (type(part) is e.Str and part.value == "callbacks")
        for part in parts_of(value)
    )

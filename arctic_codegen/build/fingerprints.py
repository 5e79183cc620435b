"""The second digest of an input: of what the build read in it, and of nothing else (R36).

It is made from the declarations that bind the names that were read. Places do not count, and of a
function that no callback depends on only its signature does: so comments, layout, line numbers
and the bodies of methods may change without a build.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from arctic_codegen.build.non_host_bases import non_host_bases, root_of
from arctic_codegen.build.plain_records import CONSTANTS, class_, counted, function, plain
from arctic_codegen.model import decls as d
from arctic_codegen.model import expr as e
from arctic_codegen.model.hosts import Read

DIGEST_VERSION = 4
"""Goes up with every change of what counts."""

ALL_NAMES = "*"
CHANGES = "()"
CLASSES = "class"
"""Which classes there are that may be host classes: by their bases. No name is spelled so."""
BODY = "+"


def spelled(read: Read) -> str:
    """A look-up as the lock file spells it: the name, and ``+`` where a body counts."""
    return f"{read.name}{BODY}" if read.body else read.name


def digest_of_reads(decls: d.ModuleDecls, names: Iterable[str]) -> str:
    """A digest of the declarations that bind these names, in hexadecimal.

    ``names`` are spelled as :func:`spelled` does.
    """
    wanted = {name for name in names if name}
    reader = _Reader(wanted, decls)
    content = [DIGEST_VERSION, decls.future_annotations, reader.block(decls.body)]
    if ALL_NAMES in wanted:
        content.append(sorted(set(_bound_names(decls.body))))
    if CLASSES in wanted:
        non_hosts = non_host_bases(tuple(_imports(decls.body)), _bound_names(decls.body))
        content.append(sorted(_possible_hosts(decls.body, non_hosts), key=json.dumps))
    text = json.dumps(content, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def binds_none_of(decls: d.ModuleDecls, names: Iterable[str]) -> bool:
    """Whether a module has no statement that binds one of these names, and no star import."""
    stars = any(isinstance(one, d.FromImport) and one.star for one in _imports(decls.body))
    return not stars and set(names).isdisjoint(_bound_names(decls.body))


def what_bodies_do(decls: d.ModuleDecls) -> str:
    """A digest of what bodies of functions do that :func:`digest_of_reads` passes over where they
    are no callbacks': which methods they call, and where they end."""
    content = [
        [
            stmt.name,
            plain(stmt.super_calls),
            plain(stmt.class_tests),
            list(stmt.self_calls),
            list(stmt.calls_at_the_end),
            stmt.falls_through,
        ]
        for stmt in _all_statements(decls.body)
        if isinstance(stmt, d.FunctionDecl)
    ]
    return hashlib.sha256(json.dumps(content).encode("ascii")).hexdigest()


class _Reader:
    """Goes through the statements of one module, and keeps those that count."""

    def __init__(self, wanted: set[str], decls: d.ModuleDecls) -> None:
        self.changes = CHANGES in wanted
        self.bodies = {name[: -len(BODY)] for name in wanted if name.endswith(BODY)}
        self.names = (wanted - {ALL_NAMES, CHANGES, CLASSES}) | self.bodies
        if ALL_NAMES in wanted:
            self.names.add("__all__")
        self.any = bool(self.names)
        if self.any:
            self.names.add("__getattr__")  # it answers for names that nothing else binds
        self.aliases = set(_names_of_lists(decls.body)) if self.changes else set()
        self.values: set[str] = set()
        """Names that are bound to values: functions may change the lists and dicts among them."""
        if self.changes:
            self._follow_changes(decls.body)
        self.values = self.names.intersection(
            name
            for stmt in decls.body
            if isinstance(stmt, d.Assign)
            for target in stmt.targets
            for name in _roots(target)
        )

    def _follow_changes(self, body: Sequence[d.Statement]) -> None:
        """Takes up the names that decide whose list a statement changes."""
        statements = list(_all_statements(body))
        pending = [stmt for stmt in statements if not _blocks(stmt) and self._inside((stmt,))]
        followed: set[str] = set()
        while pending:
            new = set(_names_in(pending)) - followed
            followed |= new
            self.names |= new
            pending = [
                stmt
                for stmt in statements
                if isinstance(stmt, d.Assign)
                and any(not new.isdisjoint(_roots(target)) for target in stmt.targets)
            ]

    def block(self, statements: Sequence[d.Statement]) -> list[Any]:
        """Those of the statements that count, in order."""
        kept = (self.statement(statement) for statement in statements)
        return [item for item in kept if item is not None]

    def statement(self, stmt: d.Statement) -> Any:
        """What counts of one statement; ``None`` where nothing does."""
        if isinstance(stmt, d.If):
            parts = [self.block(stmt.body), self.block(stmt.orelse)]
            return ["if", plain(stmt.test), *parts] if any(parts) else None
        if isinstance(stmt, d.Try):
            return self._try(stmt)
        if isinstance(stmt, (d.With, d.Loop)):
            parts = [self.block(stmt.body)]
            if isinstance(stmt, d.Loop):
                parts.append(self.block(stmt.orelse))
            if any(parts) or any(map(self._is_wanted_target, stmt.targets)):
                return [type(stmt).__name__, plain(stmt.targets), *parts]
            return None
        if isinstance(stmt, d.Match):
            parts = [self.block(case) for case in stmt.cases]
            if any(parts) or not self.names.isdisjoint(stmt.names):
                return ["match", plain(stmt.names), *parts]
            return None
        if isinstance(stmt, (d.Import, d.FromImport)):
            return self._import(stmt)
        if isinstance(stmt, d.FunctionDecl):
            if stmt.name in self.names:
                return [self._declaration(stmt), *self._inside(stmt.body)]
            return self._inside(stmt.body) or None
        if isinstance(stmt, d.ClassDecl):
            if stmt.name in self.names:
                own = self._inside(stmt.body, frozenset({"cls"}))
                return [self._declaration(stmt), *own]
            return self._inside(stmt.body) or None
        return plain(stmt) if self._is_wanted(stmt) else None

    def _declaration(self, stmt: d.FunctionDecl | d.ClassDecl) -> list[Any]:
        body = stmt.name in self.bodies
        return function(stmt, body) if isinstance(stmt, d.FunctionDecl) else class_(stmt, body)

    def _try(self, stmt: d.Try) -> list[Any] | None:
        handlers = [
            [plain(handler.type), handler.name, self.block(handler.body)]
            for handler in stmt.handlers
        ]
        parts = [self.block(stmt.body), self.block(stmt.orelse), self.block(stmt.finalbody)]
        if any(parts) or any(body or name in self.names for _, name, body in handlers):
            # Whether an import in it fails decides which names are bound.
            return ["try", *parts, handlers, [plain(item) for item in _imports(stmt.body)]]
        return None

    def _import(self, stmt: d.Import | d.FromImport) -> list[Any] | None:
        if isinstance(stmt, d.FromImport):
            if stmt.star:
                return ["star", stmt.level, stmt.module] if self.any else None
            # `from .sub import x` in a package binds `sub` there as well.
            binds_module = not self.names.isdisjoint(stmt.module.split("."))
            names = [
                [alias.name, alias.asname]
                for alias in stmt.names
                if (alias.asname or alias.name) in self.names or binds_module
            ]
            return ["from", stmt.level, stmt.module, names] if names else None
        names = [
            [alias.name, alias.asname]
            for alias in stmt.names
            if alias.asname in self.names or not self.names.isdisjoint(alias.name.split("."))
        ]
        return ["import", names] if names else None

    def _is_wanted(self, stmt: d.Statement) -> bool:
        if isinstance(stmt, d.TypeAlias):
            return stmt.name in self.names
        if isinstance(stmt, d.Assign):
            changed: Sequence[e.Expr] = stmt.targets
        elif isinstance(stmt, d.AugAssign):
            changed = (stmt.target,)
        elif isinstance(stmt, d.Delete):
            changed = stmt.targets
        elif isinstance(stmt, d.CallStmt):
            changed = (stmt.call.func, *(arg.value for arg in stmt.call.args[:1]))
        else:
            return False
        if any(map(self._is_wanted_target, changed)):
            return True
        return self.changes and self._changes_list(stmt, changed)

    def _is_wanted_target(self, target: e.Expr) -> bool:
        return not self.names.isdisjoint(_roots(target))

    def _changes_list(self, stmt: d.Statement, changed: Sequence[e.Expr]) -> bool:
        if isinstance(stmt, d.CallStmt):
            parts: Sequence[e.Expr] = (stmt.call.func, *(arg.value for arg in stmt.call.args[:2]))
        else:
            parts = [target for target in changed if not isinstance(target, e.Name)]
        if any(map(_mentions_callbacks, parts)):
            return True
        return not isinstance(stmt, d.Assign) and any(
            not self.aliases.isdisjoint(_roots(part)) for part in changed
        )

    def _inside(
        self, statements: Sequence[d.Statement], own: frozenset[str] = frozenset()
    ) -> list[Any]:
        """What code that runs later or in a class body does to names of the module, and to the
        attributes of what is called by one of the names ``own``."""
        found: list[Any] = []
        values = self.values | own
        for stmt in _all_statements(statements):
            if isinstance(stmt, d.Global):
                if not stmt.nonlocal_ and not self.names.isdisjoint(stmt.names):
                    found.append(["global", *sorted(self.names.intersection(stmt.names))])
            elif isinstance(stmt, (d.Assign, d.AugAssign, d.Delete, d.CallStmt)):
                targets = (
                    stmt.targets
                    if isinstance(stmt, (d.Assign, d.Delete))
                    else (stmt.target,)
                    if isinstance(stmt, d.AugAssign)
                    else (stmt.call.func,)
                )
                held = [target for target in targets if not isinstance(target, e.Name)]
                if (self.changes and self._changes_list(stmt, targets)) or any(
                    not values.isdisjoint(_roots(_holder(target))) for target in held
                ):
                    found.append(plain(stmt))
        return found


def _all_statements(statements: Sequence[d.Statement]) -> Iterator[d.Statement]:
    """Statements at any depth, those of nested functions and classes included, as they stand."""
    pending = list(reversed(statements))
    while pending:
        stmt = pending.pop()
        yield stmt
        if type(stmt) not in _SIMPLE:
            for block in reversed(_blocks(stmt)):
                pending.extend(reversed(block))


_SIMPLE = frozenset({d.Import, d.FromImport, d.Assign, d.AugAssign, d.CallStmt, d.Return, d.Delete})
"""Statements without blocks in them."""


def _blocks(stmt: d.Statement) -> tuple[Sequence[d.Statement], ...]:
    if isinstance(stmt, (d.FunctionDecl, d.ClassDecl, d.With)):
        return (stmt.body,)
    if isinstance(stmt, (d.If, d.Loop)):
        return (stmt.body, stmt.orelse)
    if isinstance(stmt, d.Try):
        handlers = (handler.body for handler in stmt.handlers)
        return (stmt.body, *handlers, stmt.orelse, stmt.finalbody)
    if isinstance(stmt, d.Match):
        return stmt.cases
    return ()


def _possible_hosts(
    statements: Sequence[d.Statement], non_hosts: frozenset[str], nested: bool = False
) -> Iterator[list[Any]]:
    """Classes outside functions, each by its name and bases, but for those whose bases are all
    known to make no host class. Inside a class a name may mean another thing."""
    for stmt in statements:
        if isinstance(stmt, d.FunctionDecl):
            continue
        inside = nested
        if isinstance(stmt, d.ClassDecl):
            inside = True
            if any(nested or root_of(base) not in non_hosts for base in stmt.bases):
                yield [stmt.qualname, plain(stmt.bases)]
        for block in _blocks(stmt):
            yield from _possible_hosts(block, non_hosts, inside)


def _imports(statements: Sequence[d.Statement]) -> Iterator[d.Import | d.FromImport]:
    for stmt in _all_statements(statements):
        if isinstance(stmt, (d.Import, d.FromImport)):
            yield stmt


def _bound_names(statements: Sequence[d.Statement]) -> Iterator[str]:
    """Every name that module-level statements bind."""
    for stmt in statements:
        if isinstance(stmt, (d.FunctionDecl, d.ClassDecl, d.TypeAlias)):
            yield stmt.name
            continue
        if isinstance(stmt, d.Import):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in stmt.names)
        elif isinstance(stmt, d.FromImport):
            yield from (alias.asname or alias.name for alias in stmt.names)
        elif isinstance(stmt, (d.Assign, d.With, d.Loop, d.Delete)):
            for target in stmt.targets:
                yield from _roots(target)
        elif isinstance(stmt, d.Match):
            yield from stmt.names
        elif isinstance(stmt, d.Try):
            yield from (handler.name for handler in stmt.handlers if handler.name)
        for block in _blocks(stmt):
            yield from _bound_names(block)


def _names_of_lists(statements: Sequence[d.Statement]) -> Iterator[str]:
    """Names that stand for a list of callbacks: ``entries = Trainer.callbacks``."""
    for stmt in _all_statements(statements):
        if isinstance(stmt, d.Assign) and _mentions_callbacks(stmt.value):
            for target in stmt.targets:
                yield from _roots(target)


def _roots(target: e.Expr) -> Iterator[str]:
    """The names that an assignment target binds, or whose object it changes."""
    if isinstance(target, e.Name):
        yield target.id
    elif isinstance(target, (e.Attr, e.Starred, e.Subscript)):
        yield from _roots(target.value)
    elif isinstance(target, e.Seq):
        for item in target.items:
            yield from _roots(item)


def _holder(target: e.Expr) -> e.Expr:
    """``TABLE`` in ``TABLE.setdefault(key, []).append``"""
    while isinstance(target, (e.Attr, e.Subscript, e.Call)):
        target = target.func if isinstance(target, e.Call) else target.value
    return target


def _names_in(value: Any) -> Iterator[str]:
    if isinstance(value, e.Name):
        yield value.id
    elif isinstance(value, msgspec.Struct):
        for name in counted(type(value)):
            yield from _names_in(getattr(value, name))
    elif isinstance(value, (tuple, list)):
        for item in value:
            yield from _names_in(item)


def _mentions_callbacks(value: Any) -> bool:
    kind = type(value)
    if kind is e.Name:
        return bool(value.id == "callbacks")
    if kind is e.Attr:
        return value.attr == "callbacks" or _mentions_callbacks(value.value)
    if kind is e.Str:
        return bool(value.value == "callbacks")
    if kind is tuple:
        return any(type(item) not in CONSTANTS and _mentions_callbacks(item) for item in value)
    if kind in CONSTANTS:
        return False
    for name in counted(kind):
        item = getattr(value, name)
        if type(item) not in CONSTANTS and _mentions_callbacks(item):
            return True
    return False

"""What do the statements of a module change in place, and where are they?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.decls import FunctionDecl, Global, Statement
from arctic_codegen.model.expr import Attr, Name
from arctic_codegen.resolve.binder.bindings import local_names
from arctic_codegen.resolve.binder.blocks import Frames, bodies, flat
from arctic_codegen.resolve.binder.in_place_changes import InPlaceChange, changes_of, first_name
from arctic_codegen.resolve.entities import Scope

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names

CALLBACKS = "callbacks"
CONTEXTS: dict[str, Message] = {
    "undecided": message("reasons", "in-condition"),
    "try": message("reasons", "in-try"),
    "loop": message("reasons", "in-loop"),
    "match": message("reasons", "in-match"),
}
MAIN = message("reasons", "in-main")


class PlacedChange(msgspec.Struct, frozen=True):
    """One change. ``where`` describes its context, unless it is at module level or directly in a
    class body."""

    change: InPlaceChange
    scope: Scope
    place: Place
    where: Message | None = None
    main_only: bool = False

    @property
    def not_always(self) -> Message | None:
        """Why it does not run exactly once on each import of the module."""
        return self.where or (MAIN if self.main_only else None)


def changes_in(names: Names, module: str) -> Iterator[PlacedChange]:
    """The changes in a module that other code may see, in source order within each body. Changes
    of a function's local names are omitted."""
    source = names.source(module)
    if source.decls is None or source.file is None:
        return
    for frames, statements in bodies(source.decls.body):
        home, path = Scope(module, frames), source.file.path
        if home.in_function:
            yield from _in_function(home, statements, path)
            continue
        for live in names.branches.live(statements, home, lambda stmt: any(_changes(stmt))):
            for change in () if live.typing_only else _changes(live.stmt):
                scope, place = home.at(live.stmt.span), Place(path, change.span)
                yield PlacedChange(change, scope, place, CONTEXTS.get(live.context), live.main_only)


def _in_function(home: Scope, statements: Sequence[Statement], path: str) -> Iterator[PlacedChange]:
    changes = [change for stmt in flat(statements) for change in _changes(stmt)]
    if not changes:
        return
    own = _own_names(home.frames)
    where = message("reasons", "in-function", name=home.frames[-1].qualname)
    for change in changes:
        if _is_list(change.target) or first_name(change.target) not in own:
            yield PlacedChange(change, home, Place(path, change.span), where)


def _changes(stmt: Statement) -> Iterator[InPlaceChange]:
    """The changes that a statement makes, except new bindings of names."""
    for change in changes_of(stmt):
        if not (change.is_binding and isinstance(change.target, Name)):
            yield change


def _own_names(frames: Frames) -> set[str | None]:
    """The local names of these functions, and ``None`` for targets without a leading name."""
    own: set[str | None] = {None}
    for frame in frames:
        if not isinstance(frame, FunctionDecl):
            continue
        own |= {param.name for param in frame.params} | local_names(frame)
        for stmt in flat(frame.body):
            if isinstance(stmt, Global) and not stmt.nonlocal_:
                own.difference_update(stmt.names)
    return own


def _is_list(expr: object) -> bool:
    """Whether the expression is ``X.callbacks``."""
    return isinstance(expr, Attr) and expr.attr == CALLBACKS

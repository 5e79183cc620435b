"""What do the statements of a module change in place, and where do they stand?"""

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
    """One change. ``where`` says where it stands, if that is not at module level or directly in a
    class body."""

    change: InPlaceChange
    scope: Scope
    place: Place
    where: Message | None = None
    main_only: bool = False

    @property
    def not_always(self) -> Message | None:
        """Why it does not run exactly once whenever the module is imported."""
        return self.where or (MAIN if self.main_only else None)


class ModuleChanges:
    """Finds the changes of each module, once, in source order for each body."""

    def __init__(self, names: Names) -> None:
        self._names = names

    def of(self, module: str) -> tuple[PlacedChange, ...]:
        """All that may concern others: what functions do to their own names is left out."""
        return self._names.queries.get(("changes", module), lambda: tuple(self._in_module(module)))

    def _in_module(self, module: str) -> Iterator[PlacedChange]:
        source = self._names.source(module)
        if source.decls is None or source.file is None:
            return
        for frames, statements in bodies(source.decls.body):
            if any(isinstance(frame, FunctionDecl) for frame in frames):
                yield from self._in_function(module, frames, statements, source.file.path)
            else:
                yield from self._in_body(Scope(module, frames), statements, source.file.path)

    def _in_body(
        self, home: Scope, statements: Sequence[Statement], path: str
    ) -> Iterator[PlacedChange]:
        for live in self._names.branches.live(statements, home, lambda stmt: any(_changes(stmt))):
            if live.typing_only:
                continue
            scope = home.at(live.stmt.span)
            for change in _changes(live.stmt):
                place = Place(path, change.span)
                where = CONTEXTS.get(live.context)
                yield PlacedChange(change, scope, place, where, live.main_only)

    def _in_function(
        self, module: str, frames: Frames, statements: Sequence[Statement], path: str
    ) -> Iterator[PlacedChange]:
        own: set[str | None] | None = None
        for stmt in flat(statements):
            for change in _changes(stmt):
                if own is None:
                    own = _own_names(frames)
                if _is_list(change.target) or first_name(change.target) not in own:
                    where = message("reasons", "in-function", name=frames[-1].qualname)
                    yield PlacedChange(
                        change, Scope(module, frames), Place(path, change.span), where
                    )


def _changes(stmt: Statement) -> Iterator[InPlaceChange]:
    """The changes that a statement makes, new values of names left out."""
    for change in changes_of(stmt):
        if not (change.is_binding and isinstance(change.target, Name)):
            yield change


def _own_names(frames: Frames) -> set[str | None]:
    """What functions bind themselves, and what begins no name."""
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
    """Whether it is ``X.callbacks``."""
    return isinstance(expr, Attr) and expr.attr == CALLBACKS

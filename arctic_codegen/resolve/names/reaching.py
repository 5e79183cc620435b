"""The definitions of a name that reach a place, each question answered once and recorded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.model.decls import FunctionDecl
from arctic_codegen.resolve.entities import Scope
from arctic_codegen.resolve.names.bindings import UNBOUND, Def, State, rebound_by_functions
from arctic_codegen.resolve.names.branches import Branches
from arctic_codegen.resolve.names.flow import Flow

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names


class Reach(msgspec.Struct, frozen=True):
    """The definitions that reach a place, and which of them stand where nobody knows whether
    or how often they are executed."""

    state: State
    unsure: frozenset[Def] = frozenset()
    looped: frozenset[Def] = frozenset()


class Reaching:
    """Asks the flow of each body."""

    def __init__(self, names: Names, branches: Branches) -> None:
        self._names = names
        self._branches = branches
        self._by_function: dict[str, frozenset[str]] = {}

    def reach(self, scope: Scope, name: str, typing: bool = False, main: bool = False) -> Reach:
        """What may bind a name in the innermost frame of a scope, at its position."""
        return self._names.memo.get(
            ("reach", scope.module, frame_ids(scope), scope.before, name, typing, main),
            lambda: self._reach(scope, name, typing, main),
            lambda: Reach(UNBOUND),
        )

    def _reach(self, scope: Scope, name: str, typing: bool, main: bool) -> Reach:
        self.record(scope, name)
        body = self._names.class_body(scope) if scope.frames else self._names.body(scope.module)
        if not body.relevant(name):
            return Reach(UNBOUND)
        flow = Flow(
            self._names, self._branches, Scope(scope.module, scope.frames), name, typing, main
        )
        state, _ = flow.run(body, UNBOUND, scope.before)
        return Reach(state, frozenset(flow.unsure), frozenset(flow.looped))

    def record(self, scope: Scope, name: str) -> None:
        """Writes down that a name is looked up in the innermost frame of a scope."""
        if not scope.frames:
            self._names.recorder.read(scope.module, name)
        else:
            inside = any(isinstance(frame, FunctionDecl) for frame in scope.frames)
            self._names.recorder.read(scope.module, scope.frames[0].name, inside)

    def is_sure(self, home: Scope, found: Def) -> bool:
        """Whether a definition, and nothing else, is what its name means in the end."""
        if not home.frames and found.name in self.rebound(home.module):
            return False
        reach = self.reach(home, found.name)
        return (
            reach.state == frozenset({found})
            and found not in reach.unsure
            and found not in reach.looped
        )

    def rebound(self, module: str) -> frozenset[str]:
        """Names of a module that some function in it binds."""
        found = self._by_function.get(module)
        if found is None:
            found = self._by_function[module] = rebound_by_functions(
                self._names.body(module).statements
            )
        return found


def frame_ids(scope: Scope) -> tuple[int, ...]:
    """The frames of a scope, in short."""
    frames = scope.frames
    if not frames:
        return ()
    return (id(frames[0]),) if len(frames) == 1 else tuple(map(id, frames))

"""What the parts behind the names door ask of each other."""

from __future__ import annotations

from typing import Protocol

from arctic_codegen.model.decls import ClassDecl
from arctic_codegen.model.expr import Expr
from arctic_codegen.model.hosts import ClassId, Text
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import Module, Skimmed
from arctic_codegen.resolve.entities import ClassEntity, Entity, Scope
from arctic_codegen.resolve.interfaces import Mro
from arctic_codegen.resolve.names.bindings import Body, Def, Position, State, start
from arctic_codegen.resolve.names.reads import Memo, Recorder


class Door(Protocol):
    """The names door as its parts see it."""

    settings: Settings
    recorder: Recorder
    memo: Memo

    def source(self, name: str) -> Module:
        """The module of a dotted name, each asked for once."""
        ...

    def skim(self, name: str) -> Skimmed | None:
        """The file of an installed module, which need not be read for that; ``None`` else."""
        ...

    def skim_own(self, name: str) -> Skimmed | None:
        """The file of one of the sources, which need not be read for that; ``None`` else."""
        ...

    def body(self, module: str) -> Body:
        """The index of a module's own statements."""
        ...

    def class_body(self, scope: Scope) -> Body:
        """The index of the innermost frame of a scope."""
        ...

    def state(self, scope: Scope, name: str, *, typing: bool = False, main: bool = False) -> State:
        """What may bind a name in the innermost frame of a scope, at its position.

        ``typing`` takes ``TYPE_CHECKING`` for true, ``main`` takes the main guard.
        """
        ...

    def lookup(self, expr: Expr, scope: Scope) -> Entity:
        """What an expression means."""
        ...

    def module_attribute(self, module: str, name: str) -> Entity:
        """What ``module.name`` is once the module has been executed."""
        ...

    def class_entity(self, decl: ClassDecl, scope: Scope) -> ClassEntity:
        """The entity of a class statement that stands in ``scope``, one for each statement."""
        ...

    def is_sure(self, home: Scope, found: Def) -> bool:
        """Whether a definition, and nothing else, is what its name means in the end."""
        ...

    def binds(self, module: str, name: str) -> bool:
        """Whether some statement of a module that can be read may bind a name."""
        ...

    def exported(self, module: str, name: str, typing: bool) -> bool | None:
        """Whether ``from module import *`` binds a name; ``None`` if it cannot be told."""
        ...

    def test(self, expr: Expr, scope: Scope) -> bool | None:
        """Whether a test holds at run time; ``None`` if the text does not decide it."""
        ...

    def mro(self, owner: ClassEntity) -> Mro:
        """The C3 order of a class."""
        ...

    def text(self, expr: Expr, scope: Scope, types: dict[str, Text] | None = None) -> Text | None:
        """An annotation as text with references."""
        ...

    def type_arguments(self, owner: ClassEntity, ancestor: ClassId) -> dict[str, Text]:
        """What a class gave for the type parameters of an ancestor."""
        ...


def outward(scope: Scope) -> Scope:
    """The scope around the innermost frame, as code in that frame reads it.

    A class body reads what is outside when the class statement is executed; a function later.
    """
    frame = scope.frames[-1]
    before: Position | None = None
    if scope.before is not None and isinstance(frame, ClassDecl):
        before = start(frame.span)
    return Scope(scope.module, scope.frames[:-1], before)

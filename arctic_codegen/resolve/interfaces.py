"""The records that the parts of the resolver hand each other."""

from __future__ import annotations

from typing import Literal

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.decls import FunctionDecl, Statement
from arctic_codegen.model.expr import Expr, Param
from arctic_codegen.model.hosts import ClassId, Wrapper
from arctic_codegen.resolve.entities import ClassEntity, LambdaEntity, Scope

Context = Literal["plain", "undecided", "try", "loop", "with", "match"]


class LiveStatement(msgspec.Struct, frozen=True):
    """A statement that Python would execute, once the branches it stands in are decided.

    ``context`` is where it stands: ``plain`` (module or class level, decided branches and
    ``if __name__ == "__main__":`` included), ``undecided`` (under a test that the text does not
    decide), ``try``, ``loop``, ``with`` (which counts as plain for bindings), ``match``.
    ``typing_only`` is true under ``if TYPE_CHECKING:``. ``main_only`` under the main guard.
    """

    stmt: Statement
    context: Context = "plain"
    typing_only: bool = False
    main_only: bool = False

    def under(self, context: Context) -> LiveStatement:
        """What stands in such a block; ``with`` hides no other context."""
        if context == "with" and self.context != "plain":
            return self
        return msgspec.structs.replace(self, context=context)


class MroProblem(msgspec.Struct, frozen=True):
    """Why a class has no MRO; the finding is reported if the class is a host class."""

    finding: Finding
    too_deep: bool = False
    """There are so many levels that the order has the ends alone."""


class Mro(msgspec.Struct, frozen=True):
    """The C3 order of a class, itself first. ``object``, builtins and classes of extension
    modules are left out. ``unknown_bases`` are findings (AC101 or AC104) about bases that
    cannot be followed: errors if the class is a host class, nobody's concern otherwise."""

    classes: tuple[ClassEntity, ...]
    unknown_bases: tuple[Finding, ...] = ()
    problem: MroProblem | None = None
    """AC301 or AC302; ``classes`` then holds what could be ordered, at least the class."""


class CallableValue(msgspec.Struct, frozen=True, cache_hash=True):
    """A callable as an entry gives it, seen through to its innermost definition (R10)."""

    module: str
    """That of the innermost ``def`` or lambda."""
    qualname: str
    place: Place
    installed: bool
    """It stands outside the project: findings are reported at the entry instead."""
    params: tuple[Param, ...] | None
    """What a caller may still pass, the object first; ``None`` if it cannot be known."""
    scope: Scope
    """The scope in which its annotations are read."""
    identity: tuple[str, ...]
    """R16: the same function, the same place in the text, the same object and function."""
    definition: FunctionDecl | None = None
    """The innermost ``def``, for its returns; ``None`` for a lambda."""
    lambda_body: Expr | None = None
    """The body of the innermost lambda; ``None`` for a ``def``."""
    returns: Expr | None = None
    is_async: bool = False
    is_generator: bool = False
    reachable: tuple[str, str] | None = None
    """Module and dotted path under which the callable itself (not its inner function) can be
    imported, if it can."""
    kind: Literal["function", "static method", "class method", "property"] = "function"
    is_object: bool = False
    """A partial, a bound method or an object: a class that has it makes no method of it."""
    entity: LambdaEntity | None = None
    """Set for a lambda as such, which closes over nothing that is not global; wrappers of ours may
    stand around it."""
    wrappers: tuple[Wrapper, ...] = ()
    """``rank_zero``, ``every``, ``optional`` around it, outermost first, nothing of anyone else's
    between them (R47)."""
    inner_reachable: tuple[str, str] | None = None
    """Where there are wrappers: module and path under which what they stand around is found."""
    made: str = ""
    """The call that gave it, arguments and all; empty for what has a name or is a lambda."""

    @property
    def name(self) -> str:
        """Module and qualified name of the innermost ``def`` or lambda."""
        return f"{self.module}.{self.qualname}"

    @property
    def binds(self) -> bool:
        """It is a function, of which a class that has it as an attribute makes a method."""
        return self.kind == "function" and not self.is_object


class EvaluatedEntry(msgspec.Struct, frozen=True):
    """One element of a list of callbacks."""

    place: Place
    """The tuple, or the name of one, in the list that a person reads."""
    event: str
    event_place: Place
    callable: CallableValue
    index: int
    """Its position in the evaluated list."""
    reachable: tuple[str, str, tuple[int, ...]] | None = None
    """Module, dotted path and subscripts of the callable where it is reached through a bound
    tuple or list: ``("m", "init_cb", (1,))``."""


class Evaluated(msgspec.Struct, frozen=True):
    """What a list of callbacks holds. Elements that gave a finding are left out, but their
    positions count, so that ``index`` stays true."""

    entries: tuple[EvaluatedEntry, ...]
    length: int
    findings: tuple[Finding, ...] = ()


class Change(msgspec.Struct, frozen=True):
    """One statement that changes a host class's list from outside its body (R12)."""

    owner: ClassId
    kind: Literal["append", "extend", "insert", "assign"]
    position: int | None
    """For ``insert``, and for nothing else: its index, as given."""
    entries: tuple[EvaluatedEntry, ...]
    module: str
    place: Place
    operation: int
    """The how-many-th change that this module makes of that class's list, from 0."""
    through_object: bool
    """``X`` is a variable bound to ``X(...)``, not the class."""
    in_script: bool
    """The module imports the output folder."""
    main_only: bool = False
    """It stands under ``if __name__ == "__main__":``."""
    lands_in: ClassId | None = None
    """The class whose list Python changes by it, where the owner has none of its own and nobody
    watches the list (ArcticTraining's)."""

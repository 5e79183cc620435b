"""The faces that the parts of the resolver show each other."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from contextlib import AbstractContextManager
from typing import Literal, Protocol, TypeVar

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.decls import FunctionDecl, Statement
from arctic_codegen.model.expr import Expr, Param
from arctic_codegen.model.hosts import ClassId, Environment, Read, Text, Wrapper
from arctic_codegen.resolve.entities import ClassEntity, Entity, Scope

T = TypeVar("T")


class LiveStatement(msgspec.Struct, frozen=True):
    """A statement that Python would execute, once the branches it stands in are decided.

    ``context`` is where it stands: ``plain`` (module or class level, decided branches and
    ``if __name__ == "__main__":`` included), ``undecided`` (under a test that the text does not
    decide), ``try``, ``loop``, ``with`` (which counts as plain for bindings), ``match``.
    ``typing_only`` is true under ``if TYPE_CHECKING:``. ``main_only`` under the main guard.
    """

    stmt: Statement
    context: Literal["plain", "undecided", "try", "loop", "with", "match"]
    typing_only: bool = False
    main_only: bool = False


class MroProblem(msgspec.Struct, frozen=True):
    """Why a class has no MRO; the finding is ready to be told if the class is a host class."""

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


class AnswersFace(Protocol):
    """Answers by key, each computed once; what was read for it counts whenever it is given."""

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The answer for ``key``; ``compute`` keeps nothing to itself that was read for another
        one."""
        ...


class PatienceFace(Protocol):
    """How much work a question may take (``resolve/names/patience.py``)."""

    @property
    def steps(self) -> int:
        """How many steps the next question may take."""
        ...

    def took(self, steps: int, *, too_many: bool) -> None:
        """A question has taken so many."""
        ...


class NamesFace(Protocol):
    """The only door to a name (``resolve/names.py``). It writes down every look-up."""

    @property
    def patience(self) -> PatienceFace:
        """How much work a question may take, over a whole run."""
        ...

    def new_answers(self) -> AnswersFace:
        """Answers for one that asks, not shared with others."""
        ...

    def lookup(self, expr: Expr, scope: Scope) -> Entity:
        """What a name, a dotted name or a subscripted class means, aliases followed to the end.

        Any other expression gives a ``ValueEntity`` for itself.
        """
        ...

    def module_attribute(self, module: str, name: str) -> Entity:
        """What ``module.name`` is once the module has been executed."""
        ...

    def class_attribute(self, owner: ClassEntity, name: str) -> Entity | None:
        """What ``Owner.name`` is, looked up along the MRO; ``None`` where no class has it."""
        ...

    def own_attribute(self, owner: ClassEntity, name: str) -> Entity | None:
        """What the class body itself binds ``name`` to in the end; ``None`` if it does not."""
        ...

    def own_names(self, owner: ClassEntity) -> tuple[str, ...]:
        """Every name that the class body binds, in the order of its first binding."""
        ...

    def mro(self, owner: ClassEntity) -> Mro:
        """The C3 order, cached."""
        ...

    def live(self, statements: Sequence[Statement], module: str) -> tuple[LiveStatement, ...]:
        """Those statements flattened: decided branches taken as Python would, in source order."""
        ...

    def look_into(self, scope: Scope) -> None:
        """Writes down that the body of the innermost frame is read, names in it or not."""
        ...

    def look_at_changes(self, module: str) -> None:
        """Writes down that a module's changes of callbacks are read."""
        ...

    def classes_of(self, module: str) -> tuple[ClassEntity, ...]:
        """Every class statement of a module at module level or in a class body, live branches
        only, in source order (the last binding of a name counts)."""
        ...

    def text(self, expr: Expr, scope: Scope, types: dict[str, Text] | None = None) -> Text | None:
        """An annotation as text with references, strings unquoted; ``types`` replaces type
        parameters by name. ``None`` if it holds what cannot stand elsewhere."""
        ...

    def type_arguments(self, owner: ClassEntity, ancestor: ClassId) -> dict[str, Text]:
        """What ``owner`` gave for the type parameters of ``ancestor``, by name (R29)."""
        ...

    def account(self, module: str) -> AbstractContextManager[None]:
        """What is looked up inside is done for this module, whatever is recorded besides."""
        ...

    def start_recording(self) -> None:
        """From here on look-ups are gathered (for one compiled module)."""
        ...

    def stop_recording(self) -> tuple[tuple[Read, ...], Environment]:
        """What was read since, sorted. A look-up answered from a memo counts again."""
        ...


class CallableValue(msgspec.Struct, frozen=True):
    """A callable as an entry gives it, seen through to its innermost definition (R10)."""

    name: str
    """Module and qualified name of the innermost ``def`` or lambda."""
    place: Place
    """Where that stands."""
    installed: bool
    """It stands outside the project: findings are told at the entry instead."""
    params: tuple[Param, ...] | None
    """What a caller may still pass, the object first; ``None`` if it cannot be known."""
    definition: FunctionDecl | None
    """The innermost ``def``, for its returns; ``None`` for a lambda."""
    lambda_body: Expr | None
    """The body of the innermost lambda; ``None`` for a ``def``."""
    returns: Expr | None
    is_async: bool
    is_generator: bool
    scope: Scope
    """The scope in which its annotations are read."""
    identity: tuple[str, ...]
    """R16: the same function, the same place in the text, the same object and function."""
    reachable: tuple[str, str] | None
    """Module and dotted path under which the callable itself (not its inner function) can be
    imported, if it can."""
    entity: Entity | None = None
    """The ``LambdaEntity`` where the entry is a lambda as such, with nothing around it but
    wrappers of ours."""
    wrappers: tuple[Wrapper, ...] = ()
    """``rank_zero``, ``every``, ``optional`` around it, outermost first."""
    inner_reachable: tuple[str, str] | None = None
    """Where there are wrappers: module and path under which what they stand around is found."""
    made: str = ""
    """The call that gave it, arguments and all; empty for what has a name or is a lambda."""
    binds: bool = False
    """It is a function, of which a class that has it as an attribute makes a method."""


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


class ValuesFace(Protocol):
    """Reads lists, event strings and callables without executing anything (R9, R10)."""

    def entries(self, expr: Expr, scope: Scope) -> Evaluated:
        """The entries of a ``callbacks`` value. Findings: AC204 to AC208, AC215."""
        ...

    def string(self, expr: Expr, scope: Scope) -> str | None:
        """A string constant (R9); ``None`` if it is not one or cannot be decided."""
        ...

    def callable(self, expr: Expr, scope: Scope) -> CallableValue | Finding:
        """A callable (R10), or the finding that says why it is not one."""
        ...


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


class ChangesFace(Protocol):
    """Finds the changes of R12 in the scanned modules."""

    def changes(
        self, modules: Sequence[str], is_host: dict[ClassId, ClassEntity]
    ) -> tuple[tuple[Change, ...], tuple[Finding, ...]]:
        """Changes, modules in order of name and each in source order; findings AC210 to AC213."""
        ...

"""The record of a host class: its events, their methods, and the callbacks in order.

Everything here is resolved: later stages look up no names and no inheritance.
"""

from __future__ import annotations

from typing import Literal, Union

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.parameters import CallbackSignature, ClassTypeParam, MethodParam, Overload
from arctic_codegen.model.spelling import Phase
from arctic_codegen.model.text import Text
from arctic_codegen.model.wrappers import (
    FunctionReach,
    LiftedLambda,
    Role,
    ScriptReach,
    Wrapper,
    around,
    role_of,
)


class ClassId(msgspec.Struct, frozen=True, order=True):
    """A class by module and qualified name: ``my_project.trainers``, ``Outer.TrainerB``."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


class Method(msgspec.Struct, frozen=True):
    """The method of an event, with the signature that callers see (R7, R29)."""

    name: str
    """The attribute's name: ``split_data``, ``__init__``."""
    defined_in: ClassId
    """The nearest class in the MRO that defines it."""
    place: Place
    params: tuple[MethodParam, ...]
    """The parameters, with ``self`` first."""
    returns: Text | None
    returns_none: bool | None
    """Whether the nearest return annotation is ``None``; ``None`` if there is none (R23)."""
    is_async: bool = False
    generator: Literal["no", "sync", "async"] = "no"
    overloads: tuple[Overload, ...] = ()
    type_ignore: str | None = None
    written_by_decorator: bool = False
    """An ``__init__`` that ``@dataclass`` generates; ``params`` are then the fields."""
    type_params: tuple[Text, ...] = ()
    """The type parameters in the brackets of ``def f[T: int](...)``."""
    behind: str = ""
    """The function that a decorator substitutes, if ``params`` are its parameters."""
    hidden: tuple[str, ...] = ()
    """Parameters of the method that callbacks cannot name, because a decorator's wrapper uses
    its own parameters and receives the arguments."""
    hides_async: bool = False
    """Its result must be awaited, though no ``async def`` is visible: a wrapper returns an
    awaitable."""
    may_be_untyped: bool = False
    """Type checkers may see ``Any`` for it: it has a decorator that is not known by name, or its
    class has one in a library."""
    called_untyped: bool = False
    """Type checkers would reject a call through the class: it is the method of a class that is not
    a base (``loss = SFTTrainer.loss``), where ``self`` has another type, or a lambda, which has no
    types."""

    @property
    def has_value(self) -> bool:
        """Whether post callbacks may take and replace its return value (R23)."""
        return self.name != "__init__" and self.returns_none is not True


class MethodReach(msgspec.Struct, frozen=True, tag=True):
    """A callback method, called through the class that defines it (R17)."""

    owner: ClassId
    name: str


class ListedReach(msgspec.Struct, frozen=True, tag=True):
    """An entry's callable in the list of the class ``owner``, which has no name of its own.

    It is identified by its event as spelled and its callable (``name``, as in
    :class:`Callback`), never by its position: it is the ``nth`` (from 0) of ``count`` such entries.
    """

    owner: ClassId
    event_text: str
    name: str
    nth: int = 0
    count: int = 1
    added_by: str | None = None
    """The other module whose statement adds it; only its entries are counted then."""
    modules: tuple[str, ...] = ()
    """Modules other than the class's own whose statements must already have changed the list."""


class StatementReach(msgspec.Struct, frozen=True, tag=True):
    """A callable that a statement of a script adds to the list of ``owner`` when it runs (R12).

    The script imports the output, so the callable exists only then. It is the ``nth`` (from 0)
    that the module adds to that list with that event and name; ``statement`` describes it in
    messages.
    """

    owner: ClassId
    module: str
    event_text: str
    name: str
    nth: int
    statement: str


Reach = Union[FunctionReach, MethodReach, ListedReach, ScriptReach, StatementReach]


class Callback(msgspec.Struct, frozen=True):
    """One callback at its position in one class's order.

    ``name`` is the module and qualified name, ending in ``<lambda>`` for a lambda.
    """

    phase: Phase
    kind: Literal["entry", "method"]
    declared_in: ClassId
    name: str
    place: Place
    """Where the function, lambda or method is defined."""
    declared_at: Place
    """The entry in its list; for a method, the ``def`` or the assignment."""
    reach: Reach
    signature: CallbackSignature
    identity: tuple[str, ...]
    """Equal for two callbacks if and only if R16 treats them as the same callable."""
    lifted: LiftedLambda | None = None
    nested: tuple[str, ...] = ()
    """Names of the callbacks that this one calls itself (R18)."""
    reason: str = ""
    """The reason for its position, for ``explain``: one sentence."""
    event_text: str = ""
    """The event string as the entry spells it; empty for a method."""
    added_by: str | None = None
    """The module whose later statement added the entry to the list (R12)."""
    wrappers: tuple[Wrapper, ...] = ()
    """The wrappers around it, outermost first; ``reach`` is then that of the outermost object."""
    inner: FunctionReach | ScriptReach | None = None
    """How the callback inside its wrappers is accessed, if it has a name. It equals ``reach`` if
    the outermost object has no name: then the wrappers are created again."""
    made: str = ""
    """The call that creates it, as spelled in the entry or in a named value: ``clip(20.0)``. Empty
    for a method, a named callable and a lambda."""
    left_out: bool = False
    """A finding about its signature was suppressed, and no call of it would be correct: it is
    listed, but not compiled."""
    module: str = ""
    """The first part of ``name``."""
    receiver: ClassId | None = None
    """The class of the object whose method it is, if the entry names that object."""

    @property
    def role(self) -> Role:
        """When it runs: in order, on failure or always."""
        return role_of(self.wrappers)

    @property
    def runs(self) -> tuple[str, ...]:
        """The names of all functions that run with it: itself, the callbacks that it calls,
        and the conditions of its wrappers."""
        asked = (one.condition.name for one in self.wrappers if one.condition is not None)
        return (self.name, *self.nested, *filter(None, asked))

    @property
    def shown(self) -> str:
        """Its name inside its wrappers, in source syntax."""
        return self.around(self.name)

    @property
    def short(self) -> str:
        """The short form in source syntax: without the module, or as the call that creates it."""
        return self.around(self.made or self.name.removeprefix(f"{self.module}."))

    def around(self, text: str) -> str:
        """``text`` inside the wrappers."""
        return around(self.wrappers, text)


class Dropped(msgspec.Struct, frozen=True):
    """A callback that does not run by itself, with the reason, for ``explain``."""

    phase: Phase
    name: str
    place: Place
    reason: str
    short: str
    """As :attr:`Callback.short`."""


class OrderAssertion(msgspec.Struct, frozen=True):
    """The assertion at ``place`` that ``first`` runs before ``second`` on an event and phase
    (R59)."""

    on: str
    first: str
    second: str
    place: Place


class Event(msgspec.Struct, frozen=True):
    """A method of a host class, with its callbacks in one class.

    ``label`` is the event's name with dashes, as in ``create-dataloader``. ``runtime_pre`` and
    ``runtime_post`` follow the framework's own order, and are ``None`` if it has none.
    """

    label: str
    method: Method
    pre: tuple[Callback, ...] = ()
    post: tuple[Callback, ...] = ()
    runtime_pre: tuple[Callback, ...] | None = None
    runtime_post: tuple[Callback, ...] | None = None
    wrapped_as: str | None = None
    """The event name under which the framework wraps the method, so that its callbacks also run
    uncompiled; ``None`` if it does not."""
    dropped: tuple[Dropped, ...] = ()
    """Dropped in the documented order."""

    @property
    def all_callbacks(self) -> tuple[Callback, ...]:
        """The callbacks of both orders and phases; some may occur twice."""
        return (
            *self.pre,
            *self.post,
            *(self.runtime_pre or ()),
            *(self.runtime_post or ()),
        )


class Declared(msgspec.Struct, frozen=True):
    """One entry or callback method as a class declares it, whether or not it runs (R48)."""

    event: str
    """The event string as the entry spells it; for a method, the name of the attribute."""
    name: str
    """Module and qualified name of the innermost definition."""
    params: tuple[str, ...] | None
    """The parameters that a caller may still pass; ``None`` if they are unknown."""
    is_async: bool
    identity: tuple[str, ...] = ()
    """The identity of its callable (R16): objects created by one function or class share a name."""
    reach: Reach | None = None
    inner: FunctionReach | ScriptReach | None = None
    wrappers: tuple[Wrapper, ...] = ()
    added_by: str | None = None
    may_be_missing: bool = False
    """With ArcticTraining, entries added to a class without a list are in another class's list."""
    lambda_number: int = 0
    """The position of a lambda among those of its scope, from 1."""


class Contribution(msgspec.Struct, frozen=True):
    """All declarations of one class itself, as the proof at import expects them."""

    owner: ClassId
    entries: tuple[Declared, ...]
    methods: tuple[Declared | str, ...]
    """In order; a plain name is an attribute that is ``None``."""
    assigned_by: str | None = None
    """The module whose statement assigns the class's list."""
    partial: bool = False
    """A declaration could not be read, and the finding about it was suppressed."""


class HostAttribute(msgspec.Struct, frozen=True):
    """A class attribute that names host classes (R30). ``form`` is ``value`` for
    ``factory = MyFactory`` and ``annotation`` for ``factory: MyFactory`` or ``Union[A, B]``."""

    name: str
    form: Literal["value", "annotation"]
    classes: tuple[ClassId, ...]
    annotation: Text | None = None


ListForm = Literal["annotated", "bare", "marked", "absent"]
"""How a compiled class binds ``callbacks``: with a type annotation, as its source does; without
one, since none of its bases has one; without one, despite a ``ClassVar`` or ``Final``; or not at
all, if a name without an annotation may not be allowed and there are no entries."""


class HostClass(msgspec.Struct, frozen=True):
    """A resolved class whose MRO contains a mixin."""

    id: ClassId
    place: Place
    framework: str
    """The name of its framework."""
    kind: str | None
    """The building block that it is, such as ``Trainer``."""
    root: ClassId
    """The host class nearest to the mixin in its MRO."""
    mro: tuple[ClassId, ...]
    """The class itself first, without classes that cannot be read."""
    compiled: bool
    """False for an abstract class, which cannot be instantiated: it is only listed."""
    requested: bool
    """Whether its module is among the sources; otherwise it is only a parent."""
    for_subclasses: bool = False
    """Its callbacks use events of its subclasses, so it is only listed (R53)."""
    registered_name: str | None = None
    registry: Literal["none", "kept", "root"] = "none"
    """Whether the framework's registry adds it, by the ``name`` in its own body. A root (a class
    with ``ABC`` as a base) is not added, and neither must its compiled class be."""
    events: tuple[Event, ...] = ()
    """Every event, including those without callbacks, sorted by label."""
    entries: tuple[tuple[str, Callback], ...] = ()
    """The compiled entries, in the documented order, with their event strings (R34)."""
    runtime_entries: tuple[tuple[str, Callback], ...] | None = None
    """The same in the framework's own order; ``None`` if it has none."""
    type_params: tuple[ClassTypeParam, ...] = ()
    keywords: tuple[tuple[str, Text | None], ...] = ()
    """Class keywords to repeat, without ``metaclass``. ``None`` means the object from the source's
    class statement, as recorded by the mixin."""
    wants_keyword: bool = False
    """Its own ``__init_subclass__`` requires a keyword that its own class statement does not
    pass."""
    attributes: tuple[HostAttribute, ...] = ()
    dataclass: bool = False
    default_setattr: bool = True
    """Setting an attribute of its objects, ``obj.x = 1``, runs no user code."""
    slots: bool = False
    """It declares ``__slots__``, so the compiled class declares an empty one."""
    list_form: ListForm = "annotated"
    contributions: tuple[Contribution, ...] = ()
    """The declarations of the classes of the MRO, root first, without classes that have none."""
    assertions: tuple[OrderAssertion, ...] = ()
    """The order assertions about its callbacks that hold."""

    @property
    def has_runtime_order(self) -> bool:
        """Whether its framework runs callbacks in its own order, besides the documented one."""
        return self.runtime_entries is not None

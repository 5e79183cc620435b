"""The record of a host class: its events, their methods, and the callbacks in order.

Everything here is resolved: later stages look up no names and no inheritance.
"""

from __future__ import annotations

from typing import Literal, Union

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.model.parameters import CallbackSignature, ClassTypeParam, MethodParam, Overload
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
    """The method behind an event, with the signature that callers see (R7, R29)."""

    name: str
    """The attribute's name: ``split_data``, ``__init__``."""
    defined_in: ClassId
    """The nearest class in the MRO that defines it."""
    place: Place
    params: tuple[MethodParam, ...]
    """The object first."""
    returns: Text | None
    returns_none: bool | None
    """Whether the nearest return annotation is ``None``; ``None`` where there is none (R23)."""
    is_async: bool = False
    generator: Literal["no", "sync", "async"] = "no"
    overloads: tuple[Overload, ...] = ()
    type_ignore: str | None = None
    written_by_decorator: bool = False
    """An ``__init__`` that ``@dataclass`` writes; ``params`` are then the fields."""
    type_params: tuple[Text, ...] = ()
    """What stands in the brackets of ``def f[T: int](...)``, one by one."""
    behind: str = ""
    """The function that a decorator puts in its place, if ``params`` are those of that."""
    hidden: tuple[str, ...] = ()
    """Parameters of the method that callbacks cannot name: a decorator's wrapper looks at its
    arguments, and gets what callers give it."""
    hides_async: bool = False
    """It is to be awaited, though no ``async def`` is seen of it: a wrapper gives an awaitable."""
    decorated: bool = False
    """A decorator that is not known by name stands on it: what type that gives it is not read."""
    borrowed: bool = False
    """It is the method of a class that is no base: ``loss = SFTTrainer.loss``. Its object has
    another type there."""

    @property
    def has_value(self) -> bool:
        """Whether callbacks behind it may take and replace what it returns (R23)."""
        return self.name != "__init__" and self.returns_none is not True


class MethodReach(msgspec.Struct, frozen=True, tag=True):
    """A callback method, called through the class that defines it (R17)."""

    owner: ClassId
    name: str


class ListedReach(msgspec.Struct, frozen=True, tag=True):
    """The object of an entry in the list of the class ``owner``, which has no name of its own.

    The entry is known by its event as spelled and its callable (``name``, as in
    :class:`Callback`), never by its position: it is the ``nth`` (from 0) of ``count`` such.
    """

    owner: ClassId
    event_text: str
    name: str
    nth: int = 0
    count: int = 1
    added_by: str | None = None
    """The other module whose statement adds it; only its own are counted then."""
    modules: tuple[str, ...] = ()
    """Modules other than the class's own whose statements have to have changed the list."""


class StatementReach(msgspec.Struct, frozen=True, tag=True):
    """The object that a statement of a script adds to the list of ``owner`` when it runs (R12).

    The script imports the output, so its object is there only then. It is the ``nth`` (from 0)
    that the module adds to that list with that event and name; ``statement`` is what a message
    says about it.
    """

    owner: ClassId
    module: str
    event_text: str
    name: str
    nth: int
    statement: str


Reach = Union[FunctionReach, MethodReach, ListedReach, ScriptReach, StatementReach]


class Callback(msgspec.Struct, frozen=True):
    """One callback at its place in one class's order.

    ``name`` is module and qualified name, ``<lambda>`` at the end for a lambda.
    """

    phase: Literal["pre", "post"]
    kind: Literal["entry", "method"]
    declared_in: ClassId
    name: str
    place: Place
    """Where the function, lambda or method stands."""
    declared_at: Place
    """The entry in its list; for a method, the ``def`` or the assignment."""
    reach: Reach
    signature: CallbackSignature
    identity: tuple[str, ...]
    """Equal for two callbacks exactly where R16 calls them the same callable."""
    lifted: LiftedLambda | None = None
    nested: tuple[str, ...] = ()
    """Names of the callbacks that this one calls itself (R18)."""
    reason: str = ""
    """Why it stands where it stands, for ``explain``: one sentence."""
    event_text: str = ""
    """The event string as the entry spells it; empty for a method."""
    added_by: str | None = None
    """The module whose later statement added the entry to the list (R12)."""
    wrappers: tuple[Wrapper, ...] = ()
    """What stands around it, outermost first. ``reach`` is then that of the whole."""
    inner: FunctionReach | ScriptReach | None = None
    """How the callback inside its wrappers is reached, where it has a name of its own. It equals
    ``reach`` where the whole cannot be reached: it is made again."""
    made: str = ""
    """The call that gives it, as the entry or what that names spells it: ``clip(20.0)``. Empty for
    a method, and for what has a name of its own or is a lambda."""
    left_out: bool = False
    """What is wrong with its signature was silenced, and no call of it would be right: it is
    shown, and not compiled."""
    module: str = ""
    """The first part of ``name``."""
    receiver: ClassId | None = None
    """The class of the object whose method it is, where the entry names that object."""

    @property
    def role(self) -> Role:
        """When it runs."""
        return role_of(self.wrappers)

    @property
    def runs(self) -> tuple[str, ...]:
        """The names of all functions that run where it runs: itself, the callbacks that it calls,
        and the conditions around it."""
        asked = (one.condition.name for one in self.wrappers if one.condition is not None)
        return (self.name, *self.nested, *filter(None, asked))

    @property
    def shown(self) -> str:
        """Its name, with what stands around it as a person would write that."""
        return self.around(self.name)

    @property
    def short(self) -> str:
        """How a person would write it: without the module, or as the call that gives it."""
        return self.around(self.made or self.name.removeprefix(f"{self.module}."))

    def around(self, text: str) -> str:
        """The wrappers around ``text``."""
        return around(self.wrappers, text)


class Dropped(msgspec.Struct, frozen=True):
    """A callback that the order meets and does not run by itself, and why, for ``explain``."""

    phase: Literal["pre", "post"]
    name: str
    place: Place
    reason: str
    short: str
    """As :attr:`Callback.short`."""


class OrderAssertion(msgspec.Struct, frozen=True):
    """``first`` runs before ``second`` on an event and phase, says the text at ``place`` (R59)."""

    on: str
    first: str
    second: str
    place: Place


class Event(msgspec.Struct, frozen=True):
    """A method of a host class, with what surrounds it in one class.

    ``label`` is the event's name with dashes, as in ``create-dataloader``. ``runtime_pre`` and
    ``runtime_post`` follow the framework's own rules, and are ``None`` where it runs none.
    """

    label: str
    method: Method
    pre: tuple[Callback, ...] = ()
    post: tuple[Callback, ...] = ()
    runtime_pre: tuple[Callback, ...] | None = None
    runtime_post: tuple[Callback, ...] | None = None
    wrapped_as: str | None = None
    """The name under which the framework wraps the method, so that its callbacks run uncompiled
    too; ``None`` where it does not."""
    dropped: tuple[Dropped, ...] = ()
    """By the documented order."""

    @property
    def all_callbacks(self) -> tuple[Callback, ...]:
        """Those of both orders and phases; one may be there twice."""
        return (
            *self.pre,
            *self.post,
            *(self.runtime_pre or ()),
            *(self.runtime_post or ()),
        )


class Declared(msgspec.Struct, frozen=True):
    """One entry or callback method as a class declares it, whatever becomes of it (R48)."""

    event: str
    """The event string as the entry spells it; the attribute's name for a method."""
    name: str
    """Module and qualified name of the innermost definition."""
    params: tuple[str, ...] | None
    """What a caller may still pass; ``None`` where the text does not say."""
    is_async: bool
    identity: tuple[str, ...] = ()
    """That of its callable (R16): names are shared by what a function or a class makes."""
    reach: Reach | None = None
    inner: FunctionReach | ScriptReach | None = None
    wrappers: tuple[Wrapper, ...] = ()
    added_by: str | None = None
    may_be_missing: bool = False
    """On ArcticTraining, what is added where a class has no list is in another class's list."""
    rank: int = 0
    """The place of a lambda among those of its scope, from 1."""


class Contribution(msgspec.Struct, frozen=True):
    """All that one class declares itself, as the proof at import expects it."""

    owner: ClassId
    entries: tuple[Declared, ...]
    methods: tuple[Declared | str, ...]
    """In order; a name alone is an attribute that is ``None``."""
    assigned_by: str | None = None
    """The module whose statement gives the class its list."""
    partial: bool = False
    """Something of it could not be read, and the finding about that was silenced."""


class HostAttribute(msgspec.Struct, frozen=True):
    """A class attribute that names host classes (R30): ``form`` is ``value`` for
    ``factory = MyFactory`` and ``annotation`` for ``factory: MyFactory`` or ``Union[A, B]``."""

    name: str
    form: Literal["value", "annotation"]
    classes: tuple[ClassId, ...]
    annotation: Text | None = None


ListForm = Literal["annotated", "bare", "marked", "absent"]
"""How a compiled class binds ``callbacks``: with its type, as its source does; without, as no
class that it derives from has one; without, against a ``ClassVar`` or ``Final``; or not at all,
where a name without an annotation may not be allowed, and it has no entries."""


class HostClass(msgspec.Struct, frozen=True):
    """A class whose MRO holds a mixin, as resolved."""

    id: ClassId
    place: Place
    framework: str
    """The name of its framework."""
    kind: str | None
    """Its building block, as in ``Trainer``."""
    root: ClassId
    """The host class nearest to the mixin in its MRO."""
    mro: tuple[ClassId, ...]
    """The class itself first; classes that cannot be read are left out."""
    compiled: bool
    """False for an abstract class, which cannot be instantiated: it is listed only."""
    requested: bool
    """Whether its module is among the sources: it is compiled, or only a parent."""
    for_subclasses: bool = False
    """Its callbacks are on events of classes below it, so that it is listed only (R53)."""
    registered_name: str | None = None
    registry: Literal["none", "kept", "root"] = "none"
    """Whether the framework's registry keeps it, by the ``name`` that its own body states; a
    root (it names ``ABC`` as a base) is not kept, and compiled ones must not be either."""
    events: tuple[Event, ...] = ()
    """Every event, those without callbacks too, sorted by label."""
    entries: tuple[tuple[str, Callback], ...] = ()
    """The entries compiled in, in walk order, with their event strings (R34)."""
    runtime_entries: tuple[tuple[str, Callback], ...] | None = None
    """The same under the framework's own rules; ``None`` where it runs none itself."""
    type_params: tuple[ClassTypeParam, ...] = ()
    keywords: tuple[tuple[str, Text | None], ...] = ()
    """Class keywords to repeat, ``metaclass`` left out. ``None`` stands for the object that the
    source's class statement gave, as the mixin has noted it."""
    wants_keyword: bool = False
    """Its own ``__init_subclass__`` has to be given a keyword that its own statement lacks."""
    attributes: tuple[HostAttribute, ...] = ()
    dataclass: bool = False
    default_setattr: bool = True
    """Its objects take new attributes as any object does: ``obj.x = 1`` runs no one's code."""
    slots: bool = False
    """It declares ``__slots__``, so the compiled class declares an empty one."""
    list_form: ListForm = "annotated"
    contributions: tuple[Contribution, ...] = ()
    """What the classes of the MRO declare, root first; those that declare nothing are left out."""
    assertions: tuple[OrderAssertion, ...] = ()
    """What is said of the order of its callbacks, and holds."""

    @property
    def has_runtime_order(self) -> bool:
        """Whether its framework runs callbacks in an order of its own, besides the documented."""
        return self.runtime_entries is not None

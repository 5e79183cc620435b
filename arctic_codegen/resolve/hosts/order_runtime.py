"""The order that ArcticTraining 0.8 itself would give a class in a fresh process (section 9).

Its ``__init_subclass__`` copies what the next class along the MRO has gathered, and adds the
list that ``cls.callbacks`` finds, own or inherited, as it is at that moment; the first object
then adds the callback methods that ``inspect.getmembers`` finds. What is a fault of that code
and no choice of a user's (a prefix match on method names, say) is left out.
"""

from __future__ import annotations

from collections.abc import Sequence

from arctic_codegen.frameworks.table import framework_of, is_mixin
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.callbacks import Declarations
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.hosts.events import read_method_name
from arctic_codegen.resolve.hosts.members import Members, class_key
from arctic_codegen.resolve.hosts.order_documented import Nesting, Ordered
from arctic_codegen.resolve.interfaces import Change
from arctic_codegen.resolve.names.names import Names

_Key = tuple[str, tuple[str, ...]]


def runtime(
    mro: Sequence[ClassEntity],
    names: Names,
    members: Members,
    declarations: Declarations,
    nesting: Nesting,
) -> tuple[Ordered, ...]:
    """The callbacks of the class whose MRO (itself first) is given."""
    gathered = list(_Gathering(names, members, declarations).class_callbacks(mro[0]))
    keys = {_key(one) for one in gathered}
    for name in members.names_in(mro):
        member = None if read_method_name(name) is None else members.nearest(mro, name)
        if member is None:
            continue
        own = declarations.own(member.owner)
        method = next((one for one in own.methods if one.method == name), None)
        if method is not None and not method.abstract and _key(method) not in keys:
            gathered.append(method)
    target = mro[0].id
    calls = nesting.along(mro)
    return tuple(Ordered(one, calls.called_by(one), _reason(one, target)) for one in gathered)


class _Gathering:
    """``_class_callbacks`` of each class, as its ``__init_subclass__`` leaves it."""

    def __init__(self, names: Names, members: Members, declarations: Declarations) -> None:
        self._names = names
        self._members = members
        self._declarations = declarations

    def class_callbacks(self, cls: ClassEntity) -> tuple[Declaration, ...]:
        """What is gathered for a class; each is asked for by all that are below it."""
        known = self._declarations.gathered.get(class_key(cls))
        if known is None:
            known = self._declarations.gathered[class_key(cls)] = self._gather(cls)
        return known

    def _gather(self, cls: ClassEntity) -> tuple[Declaration, ...]:
        if is_mixin(cls.id):
            return ()
        mro = self._names.mro(cls).classes
        gathered: list[Declaration] = []
        for parent in mro[1:]:
            if framework_of(one.id for one in self._names.mro(parent).classes) is not None:
                gathered.extend(self.class_callbacks(parent))
                break
        present = {_key(one) for one in gathered}
        seen_list = self._list_of(cls, mro)
        gathered.extend(one for one in seen_list if _key(one) not in present)
        return tuple(gathered)

    def _list_of(self, cls: ClassEntity, mro: Sequence[ClassEntity]) -> Sequence[Declaration]:
        """What ``cls.callbacks`` holds while ``cls`` is being made.

        What was added to the list of a class that has none of its own is in the inherited one.
        There it reaches every other class, too: that fault is left out.
        """

        def counts(change: Change) -> bool:
            return _is_before(change, cls)

        held: list[Declaration] = []
        for holder in mro:
            held[:0] = self._declarations.list_after(holder, counts)
            written = "callbacks" in self._members.own_names(holder)
            if written or self._declarations.is_assigned(holder.id, counts):
                break
        return held


def _is_before(change: Change, cls: ClassEntity) -> bool:
    """Whether a later statement about a list ran before ``cls`` was made; none about its own did.

    Statements of the parent's own module have run once another module can import it; those of
    a third module are taken to come too late, as nothing orders them.
    """
    if change.owner == cls.id:
        return False
    if change.module == cls.id.module:
        return change.place.span < cls.decl.span
    return change.module == change.owner.module


def _key(declaration: Declaration) -> _Key:
    """What ``(event, callable)`` compares equal by."""
    text = declaration.event_text
    if declaration.kind == "method":
        text = f"{declaration.phase}-{declaration.event.replace('_', '-')}"
    return (text, declaration.callable.identity)


def _reason(declaration: Declaration, target: ClassId) -> str:
    owner = declaration.owner.id
    if declaration.kind == "entry":
        return f"an entry of the list that {owner.name} declares"
    if owner == target:
        return f"a callback method of {owner.name}, in alphabetical order"
    return f"a callback method that is inherited from {owner.name}, in alphabetical order"

"""In which order would the framework itself run the callbacks of a class, in a fresh process?

``lists_then_methods`` is what ArcticTraining 0.8 does (R45). Its ``__init_subclass__`` copies what
the next class along the MRO has collected, and adds the list that ``cls.callbacks`` finds, own or
inherited, as it is at that moment; the first object then adds the callback methods that
``inspect.getmembers`` finds. Defects of that code that no user relies on (such as matching method
names by prefix) are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from arctic_codegen.frameworks.framework import RuntimeOrder
from arctic_codegen.frameworks.table import framework_of, is_mixin
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.resolve.class_list_changes import ListChange
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.declarations import Declaration, Declarations
from arctic_codegen.resolve.hosts.events import read_method_name
from arctic_codegen.resolve.hosts.order_documented import Nesting, Ordered

_Key = tuple[str, tuple[str, ...]]
_Order = tuple[Ordered, ...]


def lists_then_methods(mro: Sequence[ClassEntity], declarations: Declarations) -> _Order:
    """The callbacks of a class, given its MRO (itself first)."""
    gathered = list(_class_callbacks(mro[0], declarations))
    keys = {_key(one) for one in gathered}
    members = declarations.members
    for name in members.names_in(mro):
        member = None if read_method_name(name) is None else members.nearest(mro, name)
        method = None if member is None else declarations.method(member.owner, name)
        if method is not None and not method.abstract and _key(method) not in keys:
            gathered.append(method)
    target = mro[0].id
    calls = Nesting(mro, declarations)
    return tuple(Ordered(one, calls.called_by(one), _reason(one, target)) for one in gathered)


RUNTIME_ORDERS: dict[RuntimeOrder, Callable[[Sequence[ClassEntity], Declarations], _Order]] = {
    "lists_then_methods": lists_then_methods,
}
"""Functions that compute the order, by the name in a framework's record."""


def _class_callbacks(cls: ClassEntity, declarations: Declarations) -> tuple[Declaration, ...]:
    """``_class_callbacks`` as ``__init_subclass__`` sets it; all subclasses use it."""
    return declarations.once("gathered", cls, lambda: _gathered(cls, declarations))


def _gathered(cls: ClassEntity, declarations: Declarations) -> tuple[Declaration, ...]:
    if is_mixin(cls.id):
        return ()
    names = declarations.names
    mro = names.mro(cls).classes
    gathered: list[Declaration] = []
    for parent in mro[1:]:
        if framework_of(one.id for one in names.mro(parent).classes) is not None:
            gathered.extend(_class_callbacks(parent, declarations))
            break
    present = {_key(one) for one in gathered}
    seen_list = _list_of(cls, mro, declarations)
    gathered.extend(one for one in seen_list if _key(one) not in present)
    return tuple(gathered)


def _list_of(
    cls: ClassEntity, mro: Sequence[ClassEntity], declarations: Declarations
) -> Sequence[Declaration]:
    """The contents of ``cls.callbacks`` while ``cls`` is being created.

    Entries added to a class without its own list go to the inherited one. At run time they also
    reach all other classes that share it; this bug is not reproduced.
    """
    held: list[Declaration] = []
    for holder in mro:
        changes = [one for one in declarations.changes_of(holder.id) if _is_before(one, cls)]
        held[:0] = declarations.replayed(holder, changes)
        is_written = "callbacks" in declarations.members.own_names(holder)
        if is_written or any(one.kind == "assign" for one in changes):
            break
    return held


def _is_before(change: ListChange, cls: ClassEntity) -> bool:
    """Whether a statement that changes a list runs before ``cls`` is created.

    Statements about its own list do not. Statements in the parent's own module have run once
    another module can import it. Those in a third module are assumed to run later, since
    nothing orders them.
    """
    if change.owner == cls.id:
        return False
    if change.module == cls.id.module:
        return change.place.span < cls.decl.span
    return change.module == change.owner.module


def _key(declaration: Declaration) -> _Key:
    """The key that ``(event, callable)`` is compared by."""
    text = declaration.event_text
    if declaration.kind == "method":
        text = declaration.on
    return (text, declaration.callable.identity)


def _reason(declaration: Declaration, target: ClassId) -> str:
    owner = declaration.owner.id
    if declaration.kind == "entry":
        return f"an entry of the list that {owner.name} declares"
    if owner == target:
        return f"a callback method of {owner.name}, in alphabetical order"
    return f"a callback method that is inherited from {owner.name}, in alphabetical order"

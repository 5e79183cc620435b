"""What is wrong with a callback whose event is no method of its class (R8: AC201, AC202)?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Fix, Place, Related
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.events import EventTable, NotAnEvent
from arctic_codegen.resolve.hosts.members import Members


def no_method(
    declaration: Declaration,
    near: Sequence[str],
    table: EventTable,
    cls: ClassEntity,
    members: Members,
) -> Finding:
    """The finding for an event without a method; ``near`` are similar event names."""
    event, owner, method = declaration.on, cls.id.name, declaration.event
    example = None if near else table.example(method.replace("_", "-"))
    if near:
        likely = " or ".join(_spelled(declaration, label) for label in near)
        what = message("AC201", "no-method-did-you-mean", event=event, owner=owner, likely=likely)
    elif example:
        what = message(
            "AC201",
            "no-method-for-example",
            event=event,
            owner=owner,
            method=method,
            example=example,
        )
    else:
        what = message("AC201", "no-method", event=event, owner=owner, method=method)
    related = _inherited(declaration, cls)
    if is_of_object(declaration):
        named = message("AC201", "callback-method", name=declaration.callable.short)
        related += (named.note(declaration.callable.place),)
    fix = _misspelt(declaration, near, members)
    return what.at(declaration.event_place, *related, fix=fix)


def no_methods(
    declarations: Iterable[Declaration], table: EventTable, cls: ClassEntity, members: Members
) -> Iterator[tuple[Finding, Declaration]]:
    """One finding for each callback object with events that the class does not have."""
    objects: dict[Place, list[Declaration]] = {}
    for one in declarations:
        objects.setdefault(one.event_place, []).append(one)
    for place, lacking in objects.items():
        first = lacking[0]
        events = sorted({one.event for one in lacking})
        if len(events) == 1:
            yield no_method(first, (), table, cls, members), first
            continue
        what = message(
            "AC201",
            "no-methods-of-object",
            name=first.callable.short.partition(".")[0],
            events=", ".join(f"'{event}'" for event in events),
            owner=cls.id.name,
        )
        yield what.at(place, *_inherited(first, cls)), first


def not_an_event(declaration: Declaration, target: NotAnEvent, cls: ClassEntity) -> Finding:
    """The finding for a name that exists and cannot be an event."""
    related: tuple[Related, ...] = ()
    if target.member is not None:
        place = getattr(target.member.entity, "place", None) or target.member.owner.place
        related = (message("AC202", "named-here").note(place),)
    found = message(
        "AC202",
        "not-an-event",
        event=declaration.on,
        owner=cls.id.name,
        method=declaration.event,
        what=target.why,
    ).with_help(target.why.help)
    return found.at(declaration.event_place, *related)


def _inherited(declaration: Declaration, cls: ClassEntity) -> tuple[Related, ...]:
    """A note about the class that inherits the callback, if it is another one."""
    if declaration.owner.id == cls.id:
        return ()
    return (message("AC201", "inherited-by", name=cls.id.name).note(cls.place),)


def _misspelt(declaration: Declaration, near: Sequence[str], members: Members) -> Fix | None:
    """A fix to the intended event, if there is only one candidate."""
    if len(near) != 1 or is_of_object(declaration):
        return None
    old, new = declaration.method, _spelled(declaration, near[0]).strip("'")
    if declaration.kind == "entry":
        old = declaration.event_text
        head, event = old[: -len(declaration.event)], old[-len(declaration.event) :]
        # Dashes and underscores are equivalent: keep those in use.
        dashed = "-" in event or "_" not in event
        new = head + (near[0] if dashed else near[0].replace("-", "_"))
        return Fix("word", declaration.event_place, old, new)
    if new in members.own_names(declaration.owner):
        return None  # a callback method with this name already exists
    return Fix("name", declaration.event_place, old, new)


def _spelled(declaration: Declaration, label: str) -> str:
    """An event in the spelling that the callback has to use."""
    if declaration.kind == "method":
        return f"'{declaration.phase}_{label.replace('-', '_')}_callback'"
    if is_of_object(declaration):
        return f"'{declaration.phase}_{label.replace('-', '_')}'"
    return f"'{declaration.phase}-{label}'"


def is_of_object(declaration: Declaration) -> bool:
    """Whether it comes from a callback object, as in ``*Timer()``: its method's name is the
    event."""
    return declaration.kind == "entry" and declaration.event_place == declaration.declared_at

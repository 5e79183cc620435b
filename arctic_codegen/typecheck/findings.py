"""Messages of a checker as findings, at the lines that a person wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.model.hosts import Callback
from arctic_codegen.typecheck.declared import Declared
from arctic_codegen.typecheck.records import Message
from arctic_codegen.typecheck.way_back import Compiled, Spot
from arctic_codegen.typecheck.words import Mismatch, mismatch

IsInstalled = Callable[[str], bool]
"""Whether a file belongs to an installed package, where nobody can mend it."""


class TypeFindings(msgspec.Struct, frozen=True):
    """What a checker found; ``unrelated`` are those of it that concern no callback (R69)."""

    all: tuple[Finding, ...]
    unrelated: tuple[Finding, ...]


def findings_of(
    messages: Sequence[Message],
    compiled: Mapping[str, Compiled],
    declared: Declared,
    checker: str,
    installed: IsInstalled,
) -> TypeFindings:
    """Every message once: of the sources as it is, of the output where its cause stands.

    A file for which there is no one to act counts as ``installed``.
    """
    sources: list[Finding] = []
    unrelated: list[Finding] = []
    for message in messages:
        if message.place.path not in compiled and not installed(message.place.path):
            sources.append(_of_source(message, checker))
            if not declared.concern(message):
                unrelated.append(sources[-1])
    told: dict[object, Finding] = {}
    rest: list[tuple[Message, Spot | None, Compiled]] = []
    for message in messages:
        module = compiled.get(message.place.path)
        if module is None:
            continue
        spot = module.spot(message.place.span)
        if spot is None or spot.callback is None:
            rest.append((message, spot, module))
            continue
        if _told_at(spot, spot.callback, installed) is None:
            continue
        told.setdefault(*_of_callback(message, spot, spot.callback, module, checker, installed))
    found = [*sources, *told.values()]
    if not found:
        # What is wrong in the sources is wrong in classes derived from them. Where nothing is,
        # the compiled classes have to be right as well.
        found += _of_class(rest, checker, installed)
    return TypeFindings(tuple(found), tuple(unrelated))


def _of_source(message: Message, checker: str) -> Finding:
    return Finding(
        "AC502",
        _with_rule(message.text, message, checker),
        message.place,
        "\n".join(message.more) or None,
    )


def _with_rule(text: str, message: Message, checker: str) -> str:
    return f"{text} [{checker}: {message.rule}]" if message.rule else f"{text} [{checker}]"


def _of_callback(
    message: Message,
    spot: Spot,
    callback: Callback,
    module: Compiled,
    checker: str,
    installed: IsInstalled,
) -> tuple[object, Finding]:
    """The finding, and what makes another one the same: subclasses repeat what they inherit."""
    types = mismatch(message.text)
    text, hint = _sentence(message, spot, callback, types)
    place = _told_at(spot, callback, installed)
    assert place is not None
    previous = module.before(spot, types.given) if types is not None else None
    related = list(_related(spot, callback, place, previous))
    more = "\n".join(([hint] if hint else []) + list(message.more))
    finding = Finding(
        "AC501", _with_rule(text, message, checker), place, more or None, tuple(related)
    )
    about = message.text if types is None else spot.argument
    return (place, callback.phase, spot.event.label, about), finding


def _sentence(
    message: Message, spot: Spot, callback: Callback, types: Mismatch | None
) -> tuple[str, str | None]:
    """What is wrong, and what to do."""
    event, method = spot.event, spot.event.method
    name = f"'{method.defined_in.name}.{method.name}'"
    what = f"the callback '{_short(callback)}' on {callback.phase}-{event.label}"
    if types is None or (spot.argument is None and _only_body(spot, message)):
        return f"{what} of {name}: {message.text}", None
    given, expected = f'"{types.given}"', f'"{types.expected}"'
    if spot.argument == 0:
        return (
            f"{what} takes {expected} as its object, but is called with {given}",
            f"annotate the object with '{spot.host.id.name}' or a class that it derives from",
        )
    takes = callback.signature.takes
    if spot.argument is not None:
        if callback.phase == "post":
            taken = f"the value of {name}"
        elif spot.argument <= len(takes):
            taken = f"'{takes[spot.argument - 1].name}' of {name}"
        else:
            taken = f"a parameter of {name}"
        return f"{what} takes {expected} as {taken}, but is given {given}", None
    if callback.phase == "post":
        return (
            f"{what} returns {given}, but {name} returns {expected}",
            f"return {expected}, which is what callers of {name} get",
        )
    if len(takes) == 1:
        return (
            f"{what} returns {given}, but '{takes[0].name}' of {name} is {expected}",
            f"return {expected}, which is what the method receives",
        )
    return (
        f"{what} returns {given} where {name} takes {expected}",
        f"return {', '.join(take.name for take in takes)} with the types that they have",
    )


def _only_body(spot: Spot, message: Message) -> bool:
    """Whether a message about types concerns the inside of a lambda, not what it returns."""
    return spot.lifted and "return" not in message.text


def _related(
    spot: Spot, callback: Callback, place: Place, previous: Callback | None
) -> Iterator[Related]:
    if callback.kind == "entry" and callback.declared_at not in (place, callback.place):
        yield Related(callback.declared_at, "the entry that declares it")
    if callback.place != place and place == callback.declared_at:
        yield Related(callback.place, f"the callback '{_short(callback)}'")
    if place == spot.event.method.place:
        yield Related(callback.place, f"the callback '{_short(callback)}'")
    else:
        yield Related(spot.event.method.place, f"the method '{spot.event.method.name}'")
    if previous is not None:
        yield Related(previous.place, f"'{_short(previous)}' runs before it, and changes the type")
    if spot.host.id != callback.declared_in:
        yield Related(spot.host.place, f"in the class '{spot.host.id.name}'")


def _told_at(spot: Spot, callback: Callback, installed: IsInstalled) -> Place | None:
    """The function or lambda; the entry if that is in an installed package; the method that it
    does not fit, if so is the entry. ``None`` where all of it is, and no one can act."""
    places = (callback.place, callback.declared_at, spot.event.method.place)
    return next((one for one in places if not installed(one.path)), None)


def _short(callback: Callback) -> str:
    last = callback.name.rpartition(".")[2]
    if last == "__call__":
        return ".".join(callback.name.split(".")[-2:])
    return last


def _of_class(
    rest: Iterable[tuple[Message, Spot | None, Compiled]], checker: str, installed: IsInstalled
) -> Iterator[Finding]:
    """What a compiled class has wrong by itself."""
    for message, spot, module in rest:
        if spot is not None:
            method = spot.event.method
            place = method.place if not installed(method.place.path) else spot.host.place
            if installed(place.path):
                continue
            name = f"'{spot.host.id.name}.{method.name}'"
        else:
            host = module.nearest(message.place.span)
            if host is None or installed(host.place.path):
                continue
            place, name = host.place, f"'{host.id.name}'"
        text = f"the compiled {name} has a type error of its own: {message.text}"
        yield Finding(
            "AC503", _with_rule(text, message, checker), place, "\n".join(message.more) or None
        )

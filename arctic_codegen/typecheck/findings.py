"""Messages of a checker as findings, at the lines that a person wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.model.hosts import Callback
from arctic_codegen.typecheck.declared import Declared
from arctic_codegen.typecheck.records import CheckerName, Message, Question
from arctic_codegen.typecheck.way_back import Compiled, Spot
from arctic_codegen.typecheck.words import Mismatch, mismatch

IsInstalled = Callable[[str], bool]
"""Whether a file belongs to an installed package, where nobody can fix it."""


class TypeFindings(msgspec.Struct, frozen=True):
    """What a checker found; ``unrelated`` are those of it that concern no callback (R69)."""

    question: Question
    silent: bool
    """The checker had nothing to say."""
    all: tuple[Finding, ...]
    unrelated: tuple[Finding, ...]


class Reporter:
    """Makes findings of a checker's messages: of those about the sources as they are, of those
    about the output where their causes stand.

    A file for which there is no one to act counts as ``installed``.
    """

    def __init__(
        self,
        compiled: Mapping[str, Compiled],
        declared: Declared,
        checker: CheckerName,
        installed: IsInstalled,
    ) -> None:
        self._compiled = compiled
        self._declared = declared
        self._checker = checker
        self._installed = installed

    def findings(
        self, messages: Sequence[Message]
    ) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Every message once, and those about the sources that concern no callback."""
        found: list[Finding] = []
        unrelated: list[Finding] = []
        of_callbacks: dict[object, Finding] = {}
        rest: list[tuple[Message, Spot | None, Compiled]] = []
        for message in messages:
            module = self._compiled.get(message.place.path)
            if module is None:
                if not self._installed(message.place.path):
                    found.append(self._finding("AC502", message.text, message, message.place))
                    if not self._declared.concern(message):
                        unrelated.append(found[-1])
                continue
            spot = module.spot(message.place.span)
            if spot is None or spot.callback is None:
                rest.append((message, spot, module))
                continue
            place = self._place(spot, spot.callback)
            if place is not None:
                of_callbacks.setdefault(
                    *self._of_callback(message, spot, spot.callback, place, module)
                )
        found += of_callbacks.values()
        if not found:
            # What is wrong in the sources is wrong in classes derived from them. Where nothing is,
            # the compiled classes have to be right as well.
            found += self._of_classes(rest)
        return tuple(found), tuple(unrelated)

    def _finding(
        self,
        code: str,
        text: str,
        message: Message,
        place: Place,
        hint: str | None = None,
        related: Iterable[Related] = (),
    ) -> Finding:
        rule = f"{self._checker}: {message.rule}" if message.rule else self._checker
        more = "\n".join([*([hint] if hint else []), *message.more])
        return Finding(code, f"{text} [{rule}]", place, more or None, tuple(related))

    def _place(self, spot: Spot, callback: Callback) -> Place | None:
        """The function or lambda; the entry if that is in an installed package; the method that
        it does not fit, if so is the entry. ``None`` where all of it is, and no one can act."""
        places = (callback.place, callback.declared_at, spot.event.method.place)
        return next((one for one in places if not self._installed(one.path)), None)

    def _of_callback(
        self, message: Message, spot: Spot, callback: Callback, place: Place, module: Compiled
    ) -> tuple[object, Finding]:
        """The finding, and what makes another one the same: subclasses repeat what they inherit."""
        types = mismatch(message.text)
        text, hint = _sentence(message, spot, callback, types)
        previous = module.before(spot, types.given) if types is not None else None
        related = _related(spot, callback, place, previous)
        about = message.text if types is None else spot.argument
        key = (place, callback.phase, spot.event.label, about)
        return key, self._finding("AC501", text, message, place, hint, related)

    def _of_classes(
        self, rest: Iterable[tuple[Message, Spot | None, Compiled]]
    ) -> Iterator[Finding]:
        """What compiled classes have wrong by themselves."""
        for message, spot, module in rest:
            host = module.nearest(message.place.span) if spot is None else spot.host
            if host is None:
                continue
            place, name = host.place, f"'{host.id.name}'"
            if spot is not None:
                method = spot.event.method
                name = f"'{host.id.name}.{method.name}'"
                place = place if self._installed(method.place.path) else method.place
            if not self._installed(place.path):
                text = f"the compiled {name} has a type error of its own: {message.text}"
                yield self._finding("AC503", text, message, place)


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


def _short(callback: Callback) -> str:
    last = callback.name.rpartition(".")[2]
    if last == "__call__":
        return ".".join(callback.name.split(".")[-2:])
    return last

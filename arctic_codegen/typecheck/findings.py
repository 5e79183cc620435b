"""Turns the messages of a checker into findings at lines of the sources."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import msgspec

from arctic_codegen.diagnostics import messages
from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.model.hosts import Callback
from arctic_codegen.typecheck.declared import CallbackDeclarations
from arctic_codegen.typecheck.mismatch import Mismatch, mismatch
from arctic_codegen.typecheck.output_positions import CompiledModule, Spot
from arctic_codegen.typecheck.questions import CheckerMessage, CheckerName, Question

IsInstalled = Callable[[str], bool]
"""Whether a file belongs to an installed package, where it cannot be fixed."""


class TypeFindings(msgspec.Struct, frozen=True):
    """The findings of a checker; ``unrelated`` are those that concern no callback (R69)."""

    question: Question
    silent: bool
    """The checker reported nothing."""
    all: tuple[Finding, ...]
    unrelated: tuple[Finding, ...]


class Reporter:
    """Turns a checker's messages into findings: those about sources as they are, those about the
    output at the code that causes them.

    A file that the user cannot edit counts as ``installed``.
    """

    def __init__(
        self,
        compiled: Mapping[str, CompiledModule],
        declared: CallbackDeclarations,
        checker: CheckerName,
        installed: IsInstalled,
    ) -> None:
        self._compiled = compiled
        self._declared = declared
        self._checker = checker
        self._installed = installed

    def findings(
        self, reported: Sequence[CheckerMessage]
    ) -> tuple[tuple[Finding, ...], tuple[Finding, ...]]:
        """Every message once, and separately those about sources that concern no callback."""
        found: list[Finding] = []
        unrelated: list[Finding] = []
        of_callbacks: dict[object, Finding] = {}
        rest: list[tuple[CheckerMessage, Spot | None, CompiledModule]] = []
        for message in reported:
            module = self._compiled.get(message.place.path)
            if module is None:
                if not self._installed(message.place.path):
                    source = messages.message("AC502", "source", problem=message.text)
                    found.append(self._finding(source, message, message.place))
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
            # Errors in sources also occur in classes derived from them. Without such errors, the
            # compiled classes must be correct too.
            found += self._of_classes(rest)
        return tuple(found), tuple(unrelated)

    def _finding(
        self,
        problem: messages.Message,
        message: CheckerMessage,
        place: Place,
        related: Iterable[Related] = (),
    ) -> Finding:
        rule = f"{self._checker}: {message.rule}" if message.rule else self._checker
        more = "\n".join(filter(None, (problem.help, *message.more)))
        found = problem.with_help(more or None).at(place, *related)
        return msgspec.structs.replace(found, message=f"{found.message} [{rule}]")

    def _place(self, spot: Spot, callback: Callback) -> Place | None:
        """The function or lambda; the entry if that is in an installed package; the method if the
        entry is too. ``None`` if all are, so that the error cannot be fixed."""
        first = callback.place if spot.condition is None else spot.condition.place
        places = (first, callback.declared_at, spot.event.method.place)
        return next((one for one in places if not self._installed(one.path)), None)

    def _of_callback(
        self,
        message: CheckerMessage,
        spot: Spot,
        callback: Callback,
        place: Place,
        module: CompiledModule,
    ) -> tuple[object, Finding]:
        """The finding, with a key for duplicates: subclasses repeat errors of inherited
        callbacks."""
        types = mismatch(message.text)
        problem = _problem(message, spot, callback, types)
        previous = module.before(spot, types.given) if types is not None else None
        related = _related(spot, callback, place, previous)
        # The same text for each subclass; pyright writes the class of ``self`` as "Trainer*".
        text = re.sub(rf'"{spot.host.id.name}\*?"', "self", message.text)
        about = text if types is None else spot.argument
        key = (place, callback.phase, spot.event.label, about)
        return key, self._finding(problem, message, place, related)

    def _of_classes(
        self, rest: Iterable[tuple[CheckerMessage, Spot | None, CompiledModule]]
    ) -> Iterator[Finding]:
        """Errors of compiled classes that no callback causes."""
        for message, spot, module in rest:
            host = module.nearest(message.place.span) if spot is None else spot.host
            if host is None:
                continue
            place, name = host.place, host.id.name
            if spot is not None:
                method = spot.event.method
                name = f"{host.id.name}.{method.name}"
                place = place if self._installed(method.place.path) else method.place
            if not self._installed(place.path):
                own = messages.message("AC503", "compiled", name=name, problem=message.text)
                yield self._finding(own, message, place)


def _problem(
    message: CheckerMessage, spot: Spot, callback: Callback, types: Mismatch | None
) -> messages.Message:
    """The problem, and how to fix it."""
    method = f"{spot.event.method.defined_in.name}.{spot.event.method.name}"
    short, event = _short(callback), f"{callback.phase}-{spot.event.label}"
    if spot.condition is not None:
        return messages.message(
            "AC501",
            "condition",
            condition=spot.condition.shown,
            callback=short,
            event=event,
            owner=spot.host.id.name,
            problem=message.text,
        )
    # The error is inside a lambda, and not about its result.
    only_body = spot.lifted and spot.argument is None and "return" not in message.text
    if types is None or only_body:
        return messages.message(
            "AC501", "other", callback=short, event=event, method=method, problem=message.text
        )
    if spot.argument is None:
        return _returned(spot, callback, types, method)
    given, expected = types.given, types.expected
    if spot.argument == 0:
        return messages.message(
            "AC501",
            "object",
            callback=short,
            event=event,
            expected=expected,
            given=given,
            owner=spot.host.id.name,
        )
    if callback.role != "in order":
        return messages.message(
            "AC501", "takes-exception", callback=short, event=event, expected=expected, given=given
        )
    takes = callback.signature.takes
    if callback.phase == "pre":
        return messages.message(
            "AC501",
            "takes-parameter",
            callback=short,
            event=event,
            expected=expected,
            parameter=takes[spot.argument - 1].name,
            method=method,
            given=given,
        )
    return messages.message(
        "AC501",
        "takes-value",
        callback=short,
        event=event,
        expected=expected,
        method=method,
        given=given,
    )


def _returned(spot: Spot, callback: Callback, types: Mismatch, method: str) -> messages.Message:
    """The problem with the return value of a callback."""
    short, event = _short(callback), f"{callback.phase}-{spot.event.label}"
    takes = callback.signature.takes
    if callback.phase == "post":
        return messages.message(
            "AC501",
            "returns-value",
            callback=short,
            event=event,
            given=types.given,
            method=method,
            expected=types.expected,
        )
    if len(takes) == 1:
        return messages.message(
            "AC501",
            "returns-parameter",
            callback=short,
            event=event,
            given=types.given,
            parameter=takes[0].name,
            method=method,
            expected=types.expected,
        )
    return messages.message(
        "AC501",
        "returns-parameters",
        callback=short,
        event=event,
        given=types.given,
        method=method,
        expected=types.expected,
        parameters=", ".join(take.name for take in takes),
    )


def _related(
    spot: Spot, callback: Callback, place: Place, previous: Callback | None
) -> Iterator[Related]:
    shown = messages.message("shared", "callback", callback=_short(callback)).note(callback.place)
    if callback.kind == "entry" and callback.declared_at not in (place, callback.place):
        yield messages.message("shared", "entry").note(callback.declared_at)
    if callback.place != place and place == callback.declared_at:
        yield shown
    method = spot.event.method
    if place == method.place:
        yield shown
    else:
        yield messages.message("shared", "method", method=method.name).note(method.place)
    if previous is not None:
        before = messages.message("AC501", "runs-before", callback=_short(previous))
        yield before.note(previous.place)
    if spot.host.id != callback.declared_in:
        yield messages.message("AC501", "in-class", name=spot.host.id.name).note(spot.host.place)


def _short(callback: Callback) -> str:
    last = callback.name.rpartition(".")[2]
    if last == "__call__":
        return ".".join(callback.name.split(".")[-2:])
    return last

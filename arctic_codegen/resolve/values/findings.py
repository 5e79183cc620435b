"""Findings about lists, entries, events and callables that the text does not decide (R13)."""

from __future__ import annotations

import msgspec

from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.resolve.entities import Unknown
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.records import Thunk, Value, describe
from arctic_codegen.resolve.values.wrappers import OWN_CODES

_WHAT = {
    "AC205": "the callbacks in",
    "AC206": "the event",
    "AC207": "the callable",
    "AC208": "the entry",
}
_HINTS = {
    "AC103": "import or define it before it is used",
    "AC205": "write a list of (event, callable) tuples; 'Base.callbacks', '*', '+', names bound to "
    "lists and comprehensions over constants are read too",
    "AC206": 'write the event as a string constant, such as "post-epoch", or a name bound to one',
    "AC207": "give a function, a lambda, a 'functools.partial' or an object of a class with "
    "'__call__', or a name bound to one",
    "AC208": 'write the tuple itself, as in ("post-epoch", function), or a name bound to one',
    "AC215": "give a function, a lambda, a 'functools.partial' or an object of a class with "
    "'__call__'",
    "AC414": "write a small function around it that states the parameters",
}
TOO_MUCH = Unknown("it takes too many steps to read, or nests too deeply")
_PAIR = 'write a tuple of an event and a callable, such as ("post-epoch", function)'


def undecided(code: str, thunk: Thunk, unknown: Unknown) -> Finding:
    """The finding about ``thunk``; ``code`` is that of the place where it is used."""
    if code != "AC207" and unknown.elsewhere is not None:
        unknown = unknown.elsewhere
    if unknown.code in OWN_CODES and unknown.place is not None:
        return _of_wrapper(unknown.code, unknown.place, thunk, unknown)
    code = "AC103" if unknown.missing else unknown.code or code
    shown, reason = show(thunk.expr), unknown.reason
    if code == "AC103":
        message = reason if "'" in reason else f"'{shown}' cannot be found: {reason}"
    elif code == "AC215":
        message = f"'{shown}' cannot be called: {reason}"
    elif code == "AC414":
        message = f"the signature of '{shown}' cannot be known: {reason}"
    else:
        message = f"{_WHAT[code]} '{shown}' cannot be determined: {reason}"
    related: tuple[Related, ...] = ()
    if unknown.place is not None and not _is_within(unknown.place, thunk.place):
        related = (Related(unknown.place, "this decides it"),)
    return Finding(code, message, thunk.place, unknown.hint or _HINTS.get(code), related)


def no_entry(thunk: Thunk, what: str) -> Finding:
    """An element of a list that is no entry."""
    shown = show(thunk.expr)
    message = f"an entry is a tuple of an event and a callable, and '{shown}' {what}"
    return Finding("AC204", message, thunk.place, _PAIR)


def no_event(thunk: Thunk, value: Value) -> Finding:
    """The first part of an entry that is no string."""
    what = f"'{show(thunk.expr)}' is {describe(value)}"
    message = f"the event of an entry is a string, and {what}"
    return Finding("AC204", message, thunk.place, _PAIR)


def without_code(unknown: Unknown) -> Unknown:
    """What a list is not decided by, where it is part of an entry."""
    code = None if unknown.code == "AC205" else unknown.code
    return msgspec.structs.replace(unknown, code=code)


def _of_wrapper(code: str, place: Place, thunk: Thunk, unknown: Unknown) -> Finding:
    """What is wrong with a wrapper, reported where it is put around something."""
    hint = unknown.hint or "write a number from 1, or a name bound to one"
    related: tuple[Related, ...] = ()
    if not _is_within(place, thunk.place):
        related = (Related(thunk.place, "the callback that has it"),)
    return Finding(code, unknown.reason, place, hint, related)


def _is_within(place: Place, outer: Place) -> bool:
    return (
        place.path == outer.path
        and outer.span.start <= place.span.start
        and place.span.end <= outer.span.end
    )

"""Findings about lists, entries, events and callables that the text does not decide (R13)."""

from __future__ import annotations

from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.records import Thunk, Undecided

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


def told(code: str, thunk: Thunk, undecided: Undecided) -> Finding:
    """The finding about ``thunk``; ``code`` is that of the place where it is used."""
    if undecided.code in ("AC704", "AC705") and undecided.place is not None:
        return _wrapper(undecided.code, undecided.place, thunk, undecided)
    code = "AC103" if undecided.missing else undecided.code or code
    shown, reason = show(thunk.expr), undecided.reason
    if code == "AC103":
        message = reason if "'" in reason else f"'{shown}' cannot be found: {reason}"
    elif code == "AC215":
        message = f"'{shown}' cannot be called: {reason}"
    elif code == "AC414":
        message = f"the signature of '{shown}' cannot be known: {reason}"
    else:
        message = f"{_WHAT[code]} '{shown}' cannot be determined: {reason}"
    hint = undecided.hint or _HINTS.get(code)
    return Finding(code, message, thunk.place, hint, trail(undecided.place, thunk.place))


def _wrapper(code: str, place: Place, thunk: Thunk, undecided: Undecided) -> Finding:
    """What is wrong with a wrapper, told where it is put around something."""
    hint = undecided.hint or "write a number from 1, or a name bound to one"
    related: tuple[Related, ...] = ()
    if place != thunk.place and not _inside(place, thunk.place):
        related = (Related(thunk.place, "the callback that has it"),)
    return Finding(code, undecided.reason, place, hint, related)


def trail(place: Place | None, told_at: Place) -> tuple[Related, ...]:
    """Where the trail ends, if that is elsewhere."""
    if place is None or place == told_at or _inside(place, told_at):
        return ()
    return (Related(place, "this decides it"),)


def _inside(place: Place, outer: Place) -> bool:
    return (
        place.path == outer.path
        and (outer.span.line, outer.span.column) <= (place.span.line, place.span.column)
        and (place.span.end_line, place.span.end_column)
        <= (outer.span.end_line, outer.span.end_column)
    )

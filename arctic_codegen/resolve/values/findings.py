"""Which finding describes a value that cannot be determined (R13)?"""

from __future__ import annotations

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.resolve.entities import Unknown
from arctic_codegen.resolve.show import show
from arctic_codegen.resolve.values.records import Value, describe
from arctic_codegen.resolve.values.thunks import Thunk
from arctic_codegen.resolve.values.wrappers import OWN_CODES

TOO_MUCH = Unknown(message("reasons", "too-many-steps"))


def undecided(code: str, thunk: Thunk, unknown: Unknown) -> Finding:
    """The finding about ``thunk``; ``code`` is that of the position where it is used."""
    if code != "AC207" and unknown.elsewhere is not None:
        unknown = unknown.elsewhere
    if unknown.finding_code in OWN_CODES and unknown.place is not None:
        return _of_wrapper(unknown.place, thunk, unknown)
    code = "AC103" if unknown.missing else unknown.finding_code or code
    problem = _undecided(code, show(thunk.expr), unknown).with_help(unknown.help)
    related: tuple[Related, ...] = ()
    if unknown.place is not None and not is_within(unknown.place, thunk.place):
        related = (message("shared", "decided-here").note(unknown.place),)
    return problem.at(thunk.place, *related)


def _undecided(code: str, shown: str, unknown: Unknown) -> Message:
    reason = unknown.why
    names_it = bool(reason.values)
    match code:
        case "AC103" if names_it:
            return message("AC103", "reason", reason=reason)
        case "AC103":
            return message("AC103", "not-found", expression=shown, reason=reason)
        case "AC205":
            return message("AC205", "undetermined", expression=shown, reason=reason)
        case "AC206":
            return message("AC206", "undetermined", expression=shown, reason=reason)
        case "AC207":
            return message("AC207", "undetermined", expression=shown, reason=reason)
        case "AC208":
            return message("AC208", "undetermined", expression=shown, reason=reason)
        case "AC215":
            return message("AC215", "not-callable", expression=shown, reason=reason)
        case "AC414":
            return message("AC414", "not-read", expression=shown, reason=reason)
    raise AssertionError(code)


def no_entry(thunk: Thunk, what: str) -> Finding:
    """The finding for a list element that is not an entry."""
    return message("AC204", "not-a-pair", expression=show(thunk.expr), what=what).at(thunk.place)


def no_event(thunk: Thunk, value: Value) -> Finding:
    """The finding for an entry whose first part is not a string."""
    shown, what = show(thunk.expr), describe(value)
    return message("AC204", "event-not-a-string", expression=shown, what=what).at(thunk.place)


def without_code(unknown: Unknown) -> Unknown:
    """The reason without the code for lists, for a list that is part of an entry."""
    code = None if unknown.finding_code == "AC205" else unknown.finding_code
    return msgspec.structs.replace(unknown, code=code)


def _of_wrapper(place: Place, thunk: Thunk, unknown: Unknown) -> Finding:
    """The finding about a wrapper, reported where the wrapper is applied."""
    code, reason = unknown.finding_code, unknown.why
    if code == "AC705":
        problem, callback = message("AC705", "wrapper", reason=reason), message("AC705", "callback")
    elif code == "AC704":
        problem, callback = message("AC704", "wrapper", reason=reason), message("AC704", "callback")
    else:
        problem, callback = message("AC706", "wrapper", reason=reason), message("AC706", "callback")
    problem = problem.with_help(unknown.help)
    if is_within(place, thunk.place):
        return problem.at(place)
    return problem.at(place, callback.note(thunk.place))


def is_within(place: Place, outer: Place) -> bool:
    """Whether one place is within another."""
    return (
        place.path == outer.path
        and outer.span.start <= place.span.start
        and place.span.end <= outer.span.end
    )

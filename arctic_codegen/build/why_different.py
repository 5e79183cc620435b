"""Why do a framework's runtime and its documentation give an event other callbacks, in words?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from arctic_codegen.frameworks.table import framework_named, is_mixin
from arctic_codegen.model.chosen_order import phase_of
from arctic_codegen.model.hosts import Callback, Event, HostClass


def why_different(host: HostClass, event: Event) -> tuple[str, ...]:
    """One sentence for each thing that the two do otherwise on this event; none if they agree."""
    title = framework_named(host.framework).title
    found: dict[str, None] = {}
    for phase in ("pre", "post"):
        documented = phase_of(event, phase, "documented")
        runtime = phase_of(event, phase, "runtime")
        here, there = _keys(documented), _keys(runtime)
        for callback in documented:
            if _key(callback) not in there:
                found[_missing(callback, host, runtime, title)] = None
        for callback in runtime:
            if _key(callback) not in here:
                found[_surplus(callback, documented, title)] = None
        common = [key for key in here if key in there]
        if common != [key for key in there if key in here]:
            found[
                f"{phase}: {title} runs the entries of all lists first, then callback"
                " methods in alphabetical order; documented is class by class, from the root"
            ] = None
    return tuple(found)


def _missing(callback: Callback, host: HostClass, runtime: Sequence[Callback], title: str) -> str:
    owner = callback.declared_in
    if callback.kind == "method":
        method = callback.name.rpartition(".")[2]
        nearer = _named(method, runtime)
        if nearer is not None:
            return (
                f"{title} runs the nearest '{method}' alone: {nearer.declared_in.name}'s"
                f" hides {owner.name}'s; documented is that both run"
            )
        return f"{title} does not find '{method}' of {owner.name}: a class nearer hides it"
    if callback.added_by is not None:
        return (
            f"{title} reads a list when the class is made: what {callback.added_by} adds"
            f" to {owner.name}'s later comes too late"
        )
    if is_mixin(owner):
        return (
            f"the first list that a class below {title}'s mixin declares hides the mixin's"
            " own log entries"
        )
    return (
        f"{title} gathers lists along one line of bases, and {owner.name} is not on"
        f" {host.id.name}'s"
    )


def _surplus(callback: Callback, documented: Sequence[Callback], title: str) -> str:
    by = next((one for one in documented if callback.name in one.nested), None)
    if by is not None:
        return f"{by.name} runs {callback.name} itself; {title} runs it once more"
    first = next((one for one in documented if one.identity == callback.identity), None)
    if first is not None and callback.kind == "entry":
        return (
            f"{callback.name} is listed by {first.declared_in.name} and again by"
            f" {callback.declared_in.name}: documented is that it runs once, in the place of the"
            f" first; {title} runs it in the place of the other one"
        )
    if callback.kind == "entry":
        return (
            f"{title} still runs {callback.name}, which a later statement has taken out of"
            f" {callback.declared_in.name}'s list"
        )
    return f"{callback.name} is dropped below {callback.declared_in.name}"


def _named(method: str, callbacks: Iterable[Callback]) -> Callback | None:
    return next(
        (one for one in callbacks if one.kind == "method" and one.name.endswith(f".{method}")), None
    )


def _keys(callbacks: Iterable[Callback]) -> list[tuple[str, ...]]:
    return [_key(callback) for callback in callbacks]


def _key(callback: Callback) -> tuple[str, ...]:
    return (str(callback.declared_in), callback.kind, *callback.identity)

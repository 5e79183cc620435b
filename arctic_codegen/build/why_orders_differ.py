"""Why do a framework's runtime and its documentation give an event different callbacks?"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.frameworks.table import framework_named, is_mixin
from arctic_codegen.model.chosen_order import phase_of
from arctic_codegen.model.hosts import Callback, Event, HostClass


def why_orders_differ(host: HostClass, event: Event) -> tuple[str, ...]:
    """One sentence for each difference between the two on this event; none if they agree."""
    title = framework_named(host.framework).title
    found: dict[str, None] = {}
    for phase in ("pre", "post"):
        documented = phase_of(event, phase, "documented")
        runtime = phase_of(event, phase, "runtime")
        here, there = _keys(documented), _keys(runtime)
        for callback in documented:
            if _key(callback) not in there:
                found[_missing(callback, host, runtime, title).text] = None
        for callback in runtime:
            if _key(callback) not in here:
                found[_surplus(callback, documented, title).text] = None
        common = [key for key in here if key in there]
        if common != [key for key in there if key in here]:
            order = message("AC305", "order-of-lists", phase=phase, framework=title)
            found[order.text] = None
    return tuple(found)


def _missing(
    callback: Callback, host: HostClass, runtime: Sequence[Callback], title: str
) -> Message:
    owner = callback.declared_in
    if callback.kind == "method":
        method = callback.name.rpartition(".")[2]
        nearer = _named(method, runtime)
        if nearer is not None:
            return message(
                "AC305",
                "nearest-alone",
                framework=title,
                method=method,
                nearer=nearer.declared_in.name,
                owner=owner.name,
            )
        return message("AC305", "hidden", framework=title, method=method, owner=owner.name)
    if callback.added_by is not None:
        module = callback.added_by
        return message("AC305", "too-late", framework=title, module=module, owner=owner.name)
    if is_mixin(owner):
        return message("AC305", "log-entries", framework=title)
    return message("AC305", "other-line", framework=title, owner=owner.name, name=host.id.name)


def _surplus(callback: Callback, documented: Sequence[Callback], title: str) -> Message:
    by = next((one for one in documented if callback.name in one.nested), None)
    if by is not None:
        name = callback.name
        return message("AC305", "once-more", outer=by.name, callback=name, framework=title)
    first = next((one for one in documented if one.identity == callback.identity), None)
    if first is not None and callback.kind == "entry":
        return message(
            "AC305",
            "other-place",
            callback=callback.name,
            first=first.declared_in.name,
            second=callback.declared_in.name,
            framework=title,
        )
    name, owner = callback.name, callback.declared_in.name
    if callback.kind == "entry":
        return message("AC305", "taken-out", framework=title, callback=name, owner=owner)
    return message("AC305", "dropped", callback=name, owner=owner)


def _named(method: str, callbacks: Iterable[Callback]) -> Callback | None:
    return next(
        (one for one in callbacks if one.kind == "method" and one.name.endswith(f".{method}")), None
    )


def _keys(callbacks: Iterable[Callback]) -> list[tuple[str, ...]]:
    return [_key(callback) for callback in callbacks]


def _key(callback: Callback) -> tuple[str, ...]:
    return (str(callback.declared_in), callback.kind, *callback.identity)

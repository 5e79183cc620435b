"""The text for the proof at import, which ``runtime.proof_text`` reads (R48).

It contains no line numbers, no paths and no bytecode, so it changes only if callbacks do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from arctic_codegen.model.chosen_order import chosen_semantics, target_name
from arctic_codegen.model.hosts import (
    Callback,
    ClassId,
    Contribution,
    Declared,
    HostClass,
    Method,
    Reach,
)
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.wrappers import FunctionReach, ScriptReach, Wrapper
from arctic_codegen.plan.scope import (
    ModuleScope,
    called_events,
    chosen_entries,
    event_attribute,
    is_as_declared,
)


def proof_lines(scope: ModuleScope, order: Sequence[HostClass]) -> tuple[str, ...]:
    """The lines about the compiled classes of a module and the classes that they inherit from."""
    contributions: dict[ClassId, Contribution] = {}
    for host in order:
        for one in host.contributions:
            contributions.setdefault(one.owner, one)
    lines = [line for one in contributions.values() for line in _contribution(one)]
    shared = Counter(cls.name for cls in contributions)
    labels = {cls: cls.name if shared[cls.name] == 1 else target_name(cls) for cls in contributions}
    lines += [line for host in order for line in _compiled(host, labels, scope.settings)]
    return tuple(lines)


def _contribution(one: Contribution) -> Iterator[str]:
    how = f" assigned in {one.assigned_by}" if one.assigned_by is not None else ""
    if one.partial:
        how = " in part"
    yield f"class {target_name(one.owner)}{how}"
    for entry in one.entries:
        by = entry.added_by
        adder = "" if by is None else f"[{by}{'?' if entry.may_be_missing else ''}] "
        yield f"    {adder}{_entry(entry)}"
    for method in one.methods:
        if isinstance(method, str):
            yield f"    {method} = None"
        else:
            yield f"    {_def(method.event, method.params, method.is_async)}"


def _entry(entry: Declared) -> str:
    name = _named(entry.inner) or _named(entry.reach) or entry.name
    if entry.name not in (name, name.replace(":", ".")):
        name += f" as {entry.name}"
    return _shown(entry, f"{entry.event} {'async ' if entry.is_async else ''}{name}")


def _shown(entry: Declared, head: str) -> str:
    number = f"#{entry.lambda_number}" if entry.lambda_number else ""
    params = "" if entry.params is None else f"({', '.join(entry.params)})"
    wrappers = ", ".join(map(_wrapper, entry.wrappers))
    return f"{head}{number}{params}{f' in {wrappers}' if wrappers else ''}"


def _wrapper(wrapper: Wrapper) -> str:
    """A wrapper with its arguments, in the notation of the runtime."""
    condition = wrapper.condition
    if condition is None:
        return str(wrapper)
    number = "" if wrapper.n is None else f"{wrapper.n} by "
    which = f"#{condition.lambda_number}" if condition.lambda_number else ""
    asked = condition.shown if condition.path else f"{condition.name}{which}"
    return f"{wrapper.kind}({number}{asked})"


def _named(reach: Reach | None) -> str | None:
    """An importable object as ``module:path``; ``None`` for others."""
    if isinstance(reach, (FunctionReach, ScriptReach)):
        return f"{reach.module}:{reach.path}{''.join(f'[{item}]' for item in reach.items)}"
    return None


def _def(name: str, params: Sequence[str] | None, is_async: bool) -> str:
    shown = "" if params is None else f"({', '.join(params)})"
    return f"{'async ' if is_async else ''}def {name}{shown}"


def _compiled(host: HostClass, labels: Mapping[ClassId, str], settings: Settings) -> Iterator[str]:
    how, collected = "", False
    if chosen_semantics(host, settings) == "runtime" and host.runtime_entries is not None:
        collected = not is_as_declared(host, settings, repeated=False)
        how = " runtime as follows" if collected else " runtime"
    order = ", ".join(labels[one.owner] for one in host.contributions)
    yield f"compiled {host.id.name}{how} = {order}".rstrip()
    if collected:
        for text, callback in chosen_entries(host, settings):
            yield f"    {_collected(host, text, callback)}"
    for event in called_events(host, settings):
        yield f"    {_event(event.method)}"


def _collected(host: HostClass, text: str, callback: Callback) -> str:
    """An entry that ArcticTraining collects, in the form in which its class declares it."""
    for contribution in host.contributions:
        for entry in contribution.entries:
            if (contribution.owner, entry.event, entry.identity) == (
                callback.declared_in,
                text,
                callback.identity,
            ):
                return _entry(entry)
    return f"{text} {callback.name}"


def _event(method: Method) -> str:
    variadic = any(param.kind in ("var_positional", "var_keyword") for param in method.params)
    names = None if variadic else [param.name for param in method.params]
    return _def(event_attribute(method), names, method.is_async and not method.hides_async)

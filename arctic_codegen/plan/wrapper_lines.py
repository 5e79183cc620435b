"""Which lines around a callback's call implement its wrappers: ``if``, ``try`` (R47, R56, R57)?"""

from __future__ import annotations

import re
from typing import NoReturn

import msgspec

from arctic_codegen.model.hosts import Callback, Event, HostClass
from arctic_codegen.model.plan import PlanKey
from arctic_codegen.model.wrappers import Wrapper
from arctic_codegen.plan.conditions import condition_text
from arctic_codegen.plan.naming import local
from arctic_codegen.plan.scope import ModuleScope

INDENT = "    "


class WrapperLines(msgspec.Struct, frozen=True):
    """The lines before and after a call, and the indentation of the call."""

    before: tuple[str, ...] = ()
    indent: str = ""
    after: tuple[str, ...] = ()
    guards: tuple[int | None, ...] = ()
    """For each ``if``, the number of the wrapper whose condition it tests."""

    def deeper(self, depth: int) -> WrapperLines:
        """The same lines, indented by ``depth`` more levels."""
        more = INDENT * depth
        return WrapperLines(
            tuple(f"{more}{line}" for line in self.before),
            f"{more}{self.indent}",
            tuple(f"{more}{line}" for line in self.after),
            self.guards,
        )


NO_LINES = WrapperLines()


class Counters:
    """The attributes of a compiled class that count calls."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.counted_by: dict[str, tuple[str, int]] = {}
        """For each quotient: the path of the dividend, and the divisor."""
        self._taken: set[str] = set()
        self._numbers: dict[str, int] = {}

    def pick(self, event: Event, callback: Callback, wrapper: Wrapper) -> str:
        """The attribute for one ``every``; its name clashes with no attribute of the user."""
        label = event.label.replace("-", "_").strip("_")
        parts = ["_arctic", callback.phase, label]
        if callback.kind == "method":
            parts.append("callback")
        else:
            last = callback.name.removesuffix(".__call__").rpartition(".")[2]
            parts.append(re.sub(r"\W", "", last).strip("_"))
        by = wrapper.condition
        wanted = name = "_".join([*parts, "calls" if by is None else "quotient"])
        number = self._numbers.get(wanted, 2)
        while name in self._taken:
            name, number = f"{wanted}_{number}", number + 1
        self._numbers[wanted] = number
        self._taken.add(name)
        self.names.append(name)
        if by is not None and wrapper.n is not None:
            self.counted_by[name] = by.path, wrapper.n
        return name


def wrapper_lines(
    scope: ModuleScope,
    host: HostClass,
    event: Event,
    callback: Callback,
    this: str,
    into: Counters,
    key: PlanKey,
    locals_: list[str],
) -> WrapperLines:
    """The lines around one call; ``this`` is the method's name for its object, and ``locals_`` are
    the names of its other variables."""
    before: list[str] = []
    after: list[str] = []
    guards: list[int | None] = []
    indent = ""
    done: set[str] = set()
    for number, wrapper in enumerate(callback.wrappers):
        kind, condition = wrapper.kind, wrapper.condition
        guard = None if condition is None else number
        if kind in done:
            continue
        if wrapper.traits.idempotent:
            done.add(kind)
        match kind:
            case "on_error" | "always":
                continue  # they apply to the event as a whole
            case "optional":
                failed = scope.runtime("log_failure")
                before.append(f"{indent}try:")
                handler = f"{indent}except {builtin_in(scope, event, 'Exception')}:"
                after[:0] = [handler, f'{indent}{INDENT}{failed}("{callback.name}")']
                indent += INDENT
                continue
            case "rank_zero":
                test = f"{scope.runtime('is_rank_zero')}()"
            case "when" | "unless":
                test = condition_text(scope, host, event, callback, number, this, key)
                test = f"not {test}" if kind == "unless" else test
            case "every" if condition is None:
                if wrapper.n == 1:
                    continue
                name = into.pick(event, callback, wrapper)
                if host.default_setattr:
                    before.append(f"{indent}{this}.{name} += 1")
                    test = f"{this}.{name} % {wrapper.n} == 0"
                else:
                    test = f'{scope.runtime("due")}({this}, "{name}", {wrapper.n})'
            case "every":
                name = into.pick(event, callback, wrapper)
                value = f"{this}.{condition.path} // {wrapper.n}"
                if host.default_setattr:
                    quotient = local("quotient", locals_)
                    locals_.append(quotient)
                    whole = scope.imports.name("operator", "index")
                    before.append(
                        f"{indent}{quotient}: {builtin_in(scope, event, 'int')} = {value}"
                    )
                    before.append(f"{indent}if {quotient} != {this}.{name}:")
                    guards.append(guard)
                    guard = None
                    indent += INDENT
                    before.append(f"{indent}{this}.{name} = {whole}({quotient})")
                    test = quotient
                else:
                    test = f'{scope.runtime("passed")}({this}, "{name}", {value})'
            case _:
                missing: NoReturn = kind
                raise AssertionError(missing)
        before.append(f"{indent}if {test}:")
        guards.append(guard)
        indent += INDENT
    return WrapperLines(tuple(before), indent, tuple(after), tuple(guards))


def builtin_in(scope: ModuleScope, event: Event, name: str) -> str:
    """A builtin, even if a parameter of the method has the same name."""
    if any(param.name == name for param in event.method.params):
        return scope.imports.name("builtins", name)
    return scope.imports.builtin(name)

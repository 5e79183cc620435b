"""Which callback or method does a position in the output correspond to?

The answer comes from the map that was created from the final text, not from comments or names.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Mapping

import msgspec

from arctic_codegen.diagnostics.records import Span
from arctic_codegen.model.chosen_order import compiled_phase
from arctic_codegen.model.hosts import Callback, ClassId, Event, HostClass
from arctic_codegen.model.output import Mapped, OutputFile
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.text import Text
from arctic_codegen.model.wrappers import Condition
from arctic_codegen.typecheck.questions import character


class Spot(msgspec.Struct, frozen=True):
    """The part of the sources that a place in the output corresponds to.

    ``callback`` is ``None`` for a part of the event's own method. ``argument`` is the index of the
    call's argument at the place; 0 is the object.
    """

    host: HostClass
    event: Event
    callback: Callback | None = None
    argument: int | None = None
    lifted: bool = False
    """The place is in the copied text of a lambda."""
    condition: Condition | None = None
    """The place is in the condition of one of the callback's wrappers."""


class CompiledModule:
    """A compiled module: its text, its map, and its source classes."""

    def __init__(
        self, output: OutputFile, hosts: Mapping[ClassId, HostClass], settings: Settings
    ) -> None:
        self.output = output
        self._hosts = hosts
        self._settings = settings
        self._lines = output.text.split("\n")
        self._methods = [one for one in output.map if one.kind == "method"]
        self._calls = [one for one in output.map if one.kind in ("call", "source")]
        self._conditions = [one for one in output.map if one.kind == "condition"]
        self._lambdas = [one for one in output.map if one.kind == "lambda"]

    def spot(self, span: Span) -> Spot | None:
        """The spot at the start of a message's span; ``None`` outside methods and lambdas."""
        at = span.start
        for one in (*self._lambdas, *self._conditions):
            if one.span.holds(at):
                return self._spot(one, lifted=True)
        for method in self._methods:
            if not method.span.holds(at):
                continue
            call = self._call(method.span, at)
            if call is None:
                return self._spot(method)
            return self._spot(call, argument=self._argument(call, at))
        return None

    def _call(self, method: Span, at: tuple[int, int]) -> Mapped | None:
        """The call whose statement contains the place.

        Assignment targets come before the call, and the returned value after the last one.
        """
        inside = [one for one in self._calls if method.holds(one.span.start)]
        if not inside or at[0] < self._first_line(inside[0].span.line, method):
            return None  # the signature
        for one in inside:
            if at < one.span.end:
                return one
        return inside[-1]

    def _first_line(self, line: int, method: Span) -> int:
        """The first line of a call's statement, which the formatter may have broken."""
        while line - 1 > method.line and self._lines[line - 2].rstrip().endswith("("):
            line -= 1
        return line

    def _argument(self, call: Mapped, at: tuple[int, int]) -> int | None:
        text = f"({self._text(call.span)})"
        try:
            node = ast.parse(text, mode="eval").body
        except SyntaxError:  # syntax of a newer Python
            return None
        if not isinstance(node, ast.Call):
            return None
        lines = text.split("\n")

        def place(line: int, units: int) -> tuple[int, int]:
            column = character(lines[line - 1], units, "utf-8")
            return call.span.line + line - 1, column + (call.span.column - 2 if line == 1 else 0)

        given = [*node.args, *(keyword.value for keyword in node.keywords)]
        for number, one in enumerate(given):
            end = place(one.end_lineno or one.lineno, one.end_col_offset or one.col_offset)
            if place(one.lineno, one.col_offset) <= at < end:
                return number
        return None

    def _text(self, span: Span) -> str:
        lines = self._lines[span.line - 1 : span.end_line]
        lines[-1] = lines[-1][: span.end_column - 1]
        lines[0] = lines[0][span.column - 1 :]
        return "\n".join(lines)

    def _spot(
        self, mapped: Mapped, *, argument: int | None = None, lifted: bool = False
    ) -> Spot | None:
        key = mapped.key
        host = self._hosts.get(key.owner)
        event = next((one for one in host.events if one.label == key.event), None) if host else None
        if host is None or event is None:
            return None
        callback = None
        if key.phase is not None and key.index is not None:
            callback = compiled_phase(host, event, key.phase, self._settings)[key.index]
        condition = None
        if callback is not None and key.wrapper is not None:
            condition = callback.wrappers[key.wrapper].condition
        return Spot(host, event, callback, argument, lifted, condition)

    def nearest(self, span: Span) -> HostClass | None:
        """The class at a place outside methods; the first one for code before all classes;
        ``None`` if no class is compiled."""
        owners = [self._hosts[one.key.owner] for one in self._methods]
        after = (self._hosts[one.key.owner] for one in self._methods if span.start < one.span.end)
        return next(after, owners[-1] if owners else None)

    def before(self, spot: Spot, given: str) -> Callback | None:
        """The callback before this one in its chain whose result made the argument a ``given``;
        ``None`` if the value still has the type that the method declares."""
        callback = spot.callback
        if callback is None or not spot.argument or callback.role != "in order":
            return None
        method = spot.event.method
        name = _taken(callback, spot.argument)
        declared = method.returns
        if callback.phase == "pre":
            declared = next((one.annotation for one in method.params if one.name == name), None)
        if declared is None or _plain(declared) == given.replace(" ", ""):
            return None
        chain = compiled_phase(spot.host, spot.event, callback.phase, self._settings)
        for one in reversed(chain[: chain.index(callback)]):
            takes = [take.name for take in one.signature.takes]
            if name in takes or (takes and callback.phase == "post"):
                return one
        return None


def _plain(text: Text) -> str:
    """An annotation without modules, quotes and spaces, for comparison with a checker's types."""
    parts = [part if isinstance(part, str) else part.name.rpartition(".")[2] for part in text.parts]
    return "".join(parts).replace(" ", "").replace('"', "").replace("'", "")


def _taken(callback: Callback, argument: int) -> str | None:
    takes = callback.signature.takes
    return takes[argument - 1].name if argument - 1 < len(takes) else None


def compiled_modules(
    outputs: Iterable[OutputFile], hosts: Iterable[HostClass], settings: Settings
) -> dict[str, CompiledModule]:
    """The compiled modules by absolute path."""
    by_id = {host.id: host for host in hosts}
    return {
        full_path(settings.output, output.path): CompiledModule(output, by_id, settings)
        for output in outputs
        if output.path.endswith(".py")
    }


def full_path(folder: str, path: str) -> str:
    """The absolute path of an output file."""
    return os.path.join(os.path.abspath(folder), *path.split("/"))

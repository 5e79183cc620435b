"""What a person names on the command line: a module, a class, an event, a file."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.model.choice import target_name
from arctic_codegen.model.hosts import Event, HostClass

_MOST_NAMED = 5


class Target(msgspec.Struct, frozen=True):
    """``text`` is as typed.

    A target with a colon has a ``module`` (or a ``path``) and ``rest``; one that is a path has
    ``path``; any other is a dotted name that may mean a module, a class or an event.
    """

    text: str
    path: str | None = None
    module: str | None = None
    rest: str = ""

    @property
    def modules(self) -> tuple[str, ...]:
        """Modules that it may speak of, the likeliest first."""
        if self.path is not None:
            return ()
        if self.module is not None:
            return (self.module,)
        parts = self.text.split(".")
        return tuple(".".join(parts[:cut]) for cut in range(len(parts), 0, -1))

    @property
    def readings(self) -> tuple[tuple[str, str, str], ...]:
        """Ways to read it as module, class and event, the likeliest first. The event is empty
        for the class as a whole."""
        if self.path is not None or self.module is not None:
            splits = [(self.module or "", self.rest)]
        else:
            parts = self.text.split(".")
            splits = [
                (".".join(parts[:cut]), ".".join(parts[cut:]))
                for cut in range(len(parts) - 1, 0, -1)
            ]
        found: list[tuple[str, str, str]] = []
        for module, rest in splits:
            owner, dot, event = rest.rpartition(".")
            found.append((module, rest, ""))
            if dot:
                found.append((module, owner, event))
        return tuple(found)


def read_target(text: str, working_folder: Path) -> Target:
    """Reads one; whether it exists is found out later."""
    before, colon, rest = text.partition(":")
    if not colon and "." not in text and os.path.isdir(working_folder / text):
        return Target(text, path=os.path.normpath(working_folder / text))
    if before.endswith(".py") or os.sep in before:
        return Target(text, path=os.path.normpath(working_folder / before), rest=rest)
    if colon:
        return Target(text, module=before, rest=rest)
    return Target(text)


def takes(target: Target, host: HostClass) -> bool:
    """Whether the target names this class, its module, or a package or folder above."""
    if target.path is not None:
        path = host.place.path
        inside = path == target.path or path.startswith(target.path + os.sep)
        return inside and target.rest in ("", host.id.name)
    if target.module is not None:
        return host.id.module == target.module and target.rest in ("", host.id.name)
    module = host.id.module
    return (
        module == target.text or module.startswith(f"{target.text}.") or str(host.id) == target.text
    )


def find(asked: Target, hosts: Sequence[HostClass]) -> tuple[HostClass | None, Event | None]:
    """The class that a target names, and its event; raises :class:`WrongUse` where the class has
    no such event."""
    for module, cls, rest in asked.readings:
        for host in hosts:
            in_file = asked.path is not None and host.place.path == asked.path
            if host.id.name != cls or not (in_file or host.id.module == module):
                continue
            if not rest:
                return host, None
            event = next((one for one in host.events if _is_event(one, rest)), None)
            if event is None:
                near = suggest.likely(rest, [one.label for one in host.events])
                raise WrongUse(
                    f"'{target_name(host.id)}' has no event '{rest}'", f"did you mean {near}?"
                )
            return host, event
    return None, None


def _is_event(event: Event, text: str) -> bool:
    bare = text.replace("_", "-")
    labels = (bare, bare.removeprefix("pre-"), bare.removeprefix("post-"))
    return event.label in labels or event.method.name == text


def no_such_class(target: Target, hosts: Sequence[HostClass]) -> WrongUse:
    """The error about a target that names no class."""
    inside = [target_name(host.id) for host in hosts if host.requested and takes(target, host)]
    if inside:
        shown = ", ".join(inside[:_MOST_NAMED]) + (", ..." if inside[_MOST_NAMED:] else "")
        return WrongUse(
            f"'{target.text}' names no class, but a module, a package or a folder",
            f"name one of its classes: {shown}",
        )
    names = [target_name(host.id) for host in hosts if host.requested]
    modules = sorted({host.id.module for host in hosts if host.requested})
    near = suggest.close(target.text, [*names, *modules])
    if not near:
        last = target.text.replace(":", ".").rpartition(".")[2].lower()
        near = tuple(name for name in names if last in name.lower())[:3]
    return WrongUse(
        f"'{target.text}' names no class with callbacks",
        f"did you mean {' or '.join(near)}?" if near else "`arctic-codegen list` shows them all",
    )

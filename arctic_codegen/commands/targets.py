"""What a person names on the command line: a module, a class, an event, a file."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec

from arctic_codegen.model.hosts import HostClass


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
    """Reads one; whether it exists is told later."""
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

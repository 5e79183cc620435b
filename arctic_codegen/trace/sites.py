"""The timed calls of a process, each with a number: events, methods and callbacks."""

from __future__ import annotations

from typing import NamedTuple


class Site(NamedTuple):
    """One timed place in a compiled method."""

    module: str
    """The module of the compiled class."""
    cls: str
    """Qualified name of the compiled class."""
    event: str
    """The method with the callbacks."""
    kind: str
    """``event`` (the whole compiled method), ``pre``, ``method`` (the source's own) or ``post``."""
    name: str
    """Module and qualified name of the callee; for an event, of the compiled method."""

    @property
    def place(self) -> str:
        """The place in tables: ``TrainerB.step post``."""
        return f"{self.cls}.{self.event}" + ("" if self.kind == "event" else f" {self.kind}")


class Total(NamedTuple):
    """All calls of one site."""

    site: Site
    calls: int
    total: int
    """Nanoseconds."""
    longest: int
    """Nanoseconds."""

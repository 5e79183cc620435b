"""What do ``list`` and ``explain`` omit, and how do they name files?"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable

import msgspec

from arctic_codegen.diagnostics.records import Place
from arctic_codegen.diagnostics.texts import shown_path
from arctic_codegen.frameworks.logs import is_framework_log
from arctic_codegen.model.chosen_order import phases_of
from arctic_codegen.model.hosts import Callback, HostClass, Method
from arctic_codegen.model.ownership import is_below
from arctic_codegen.model.settings import Settings

WIDTH = 100
"""Columns where there is no terminal."""


class View(msgspec.Struct, frozen=True):
    """What a person looks at: with ``everything``, internal events, ArcticTraining's own log and
    the paths of installed packages as well."""

    settings: Settings
    working_folder: str
    installed_folders: tuple[str, ...] = ()
    everything: bool = False
    width: int = WIDTH

    def path(self, path: str) -> str:
        """Short enough to read: that of an installed file starts at its package."""
        folder = self._installed_folder(path)
        if folder is None and any(is_below(path, one) for one in self.settings.roots):
            return os.path.relpath(path, self.working_folder)
        shown_from = None if self.everything else folder
        return shown_path(path, shown_from or self.working_folder)

    def is_installed(self, path: str) -> bool:
        """Whether a file is not the project's own."""
        return self._installed_folder(path) is not None

    def _installed_folder(self, path: str) -> str | None:
        own = self.settings.roots
        around = [one for one in (*self.installed_folders, *own) if is_below(path, one)]
        best = max(around, key=len, default=None)
        return None if best in own else best

    def line(self, place: Place) -> str:
        """``PATH:LINE``"""
        return f"{self.path(place.path)}:{place.span.line}"

    def callbacks(self, callbacks: Iterable[Callback]) -> tuple[Callback, ...]:
        """Those that are shown, in order."""
        return tuple(one for one in callbacks if self.everything or not is_framework_log(one))

    def left_out(self, hosts: Iterable[HostClass]) -> int:
        """How many callbacks are not shown."""
        events = (event for host in hosts for event in phases_of(host, self.settings))
        found = [one for event in events for phase in event for one in phase.callbacks]
        return len(found) - len(self.callbacks(found))


def is_internal(method: Method) -> bool:
    """Whether a method is its class's own matter, by its name."""
    return method.name.startswith("_") and not method.name.endswith("__")


def rewrites(callback: Callback, method: Method) -> tuple[str, ...]:
    """The values that its result replaces (R21, R23)."""
    takes = callback.signature.takes
    if callback.phase == "pre":
        return tuple(take.name for take in takes)
    return ("result",) if takes and method.has_value and callback.role == "in order" else ()


def entry_elsewhere(callback: Callback) -> Place | None:
    """The entry that declares it, where that is not the line of the function itself."""
    at, declared = callback.place, callback.declared_at
    is_here = (at.path, at.span.line) == (declared.path, declared.span.line)
    return None if callback.kind == "method" or is_here else declared


def shown_reason(callback: Callback) -> str:
    """Why it stands where it stands."""
    return callback.reason or f"{callback.kind} of {callback.declared_in}"


def short_name(name: str, host: HostClass) -> str:
    """A dotted name without its module, if that is one of those of the class."""
    modules = sorted({one.module for one in host.mro}, key=len, reverse=True)
    found = (one for one in modules if name.startswith(f"{one}."))
    return name.removeprefix(f"{next(found, '')}.")


def terminal_width() -> int:
    """The columns of the terminal, or of ``COLUMNS``."""
    return max(shutil.get_terminal_size((WIDTH, 0)).columns, 40)


def aligned(rows: Iterable[tuple[str, str]], width: int) -> list[str]:
    """Text and place in two columns; a place goes further right behind a long text."""
    found = list(rows)
    places = max((len(right) for _, right in found), default=0)
    most = max(width - 2 - places, width // 2)
    column = max((len(left) for left, right in found if right and len(left) <= most), default=0)
    return [f"{left.ljust(column)}  {right}".rstrip() for left, right in found]

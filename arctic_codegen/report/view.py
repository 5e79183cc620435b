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
"""The width if there is no terminal."""


class View(msgspec.Struct, frozen=True):
    """The options of a displayed report. ``everything`` adds internal events, ArcticTraining's own
    log callbacks and the full paths of installed packages."""

    settings: Settings
    working_folder: str
    installed_folders: tuple[str, ...] = ()
    everything: bool = False
    width: int = WIDTH

    def path(self, path: str) -> str:
        """A short path; unless ``everything``, that of an installed file starts at its package."""
        folder = self._installed_folder(path)
        if folder is None and any(is_below(path, one) for one in self.settings.roots):
            return os.path.relpath(path, self.working_folder)
        shown_from = None if self.everything else folder
        return shown_path(path, shown_from or self.working_folder)

    def is_installed(self, path: str) -> bool:
        """Whether a file does not belong to the project."""
        return self._installed_folder(path) is not None

    def _installed_folder(self, path: str) -> str | None:
        own = self.settings.roots
        around = [one for one in (*self.installed_folders, *own) if is_below(path, one)]
        best = max(around, key=len, default=None)
        return None if best in own else best

    def line(self, place: Place) -> str:
        """A place as ``PATH:LINE``."""
        return f"{self.path(place.path)}:{place.span.line}"

    def callbacks(self, callbacks: Iterable[Callback]) -> tuple[Callback, ...]:
        """The callbacks that are displayed, in order."""
        return tuple(one for one in callbacks if self.everything or not is_framework_log(one))

    def left_out(self, hosts: Iterable[HostClass]) -> int:
        """The number of callbacks that are not displayed."""
        events = (event for host in hosts for event in phases_of(host, self.settings))
        found = [one for event in events for phase in event for one in phase.callbacks]
        return len(found) - len(self.callbacks(found))


def is_internal(method: Method) -> bool:
    """Whether the name of a method marks it as internal."""
    return method.name.startswith("_") and not method.name.endswith("__")


def rewrites(callback: Callback, method: Method) -> tuple[str, ...]:
    """The values that the result of a callback replaces (R21, R23)."""
    takes = callback.signature.takes
    if callback.phase == "pre":
        return tuple(take.name for take in takes)
    return ("result",) if takes and method.has_value and callback.role == "in order" else ()


def entry_elsewhere(callback: Callback) -> Place | None:
    """The entry that declares a callback, if it is not on the same line as the function."""
    at, declared = callback.place, callback.declared_at
    is_here = (at.path, at.span.line) == (declared.path, declared.span.line)
    return None if callback.kind == "method" or is_here else declared


def shown_reason(callback: Callback) -> str:
    """The reason for a callback's position."""
    return callback.reason or f"{callback.kind} of {callback.declared_in}"


def short_name(name: str, host: HostClass) -> str:
    """A dotted name without its module, if a class of the MRO is in that module."""
    modules = sorted({one.module for one in host.mro}, key=len, reverse=True)
    found = (one for one in modules if name.startswith(f"{one}."))
    return name.removeprefix(f"{next(found, '')}.")


def terminal_width() -> int:
    """The width of the terminal, or ``COLUMNS``."""
    return max(shutil.get_terminal_size((WIDTH, 0)).columns, 40)


def aligned(rows: Iterable[tuple[str, str]], width: int) -> list[str]:
    """Text and place in two columns; after a long text, the place is moved to the right."""
    found = list(rows)
    places = max((len(right) for _, right in found), default=0)
    most = max(width - 2 - places, width // 2)
    column = max((len(left) for left, right in found if right and len(left) <= most), default=0)
    return [f"{left.ljust(column)}  {right}".rstrip() for left, right in found]

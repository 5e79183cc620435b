"""Resolves targets on the command line: a module, a class, an event, a file."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from arctic_codegen.build.results import ResolvedProject
from arctic_codegen.config.reader import TABLE_HEADER
from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.discover.finder import module_name
from arctic_codegen.model.chosen_order import target_name
from arctic_codegen.model.hosts import Callback, Event, HostClass
from arctic_codegen.model.ownership import is_below
from arctic_codegen.model.settings import Settings

_MOST_NAMED = 5


class Target(msgspec.Struct, frozen=True):
    """A module or ``path``, optionally followed by a colon and a class or one of its events."""

    text: str
    """As typed."""
    module: str = ""
    path: str | None = None
    rest: str = ""
    line: int = 0
    """A line of the file; 0 if none is given."""

    def has_file(self, path: str, module: str) -> bool:
        """Whether a file, which has this module name, is the target or is inside it."""
        if self.path is not None:
            return path == self.path or is_below(path, self.path)
        return f"{module}.".startswith(f"{self.module}.")

    def holds(self, host: HostClass) -> bool:
        """Whether a class is in the module or file, or in the package or folder."""
        return self.has_file(host.place.path, host.id.module)

    def takes(self, host: HostClass) -> bool:
        """Whether the target includes the class."""
        return self.holds(host) and self.rest in ("", host.id.name)


def read_target(text: str, working_folder: Path) -> Target:
    """Parse a target; whether it exists is checked later.

    Raises :class:`WrongUse` for line 0.
    """
    before, colon, rest = text.partition(":")
    path = os.path.normpath(working_folder / before)
    is_folder = not colon and os.path.isdir(path)
    if is_folder or before.endswith(".py") or os.sep in before:
        number = rest.partition(":")[0]  # it may be followed by a column
        line = int(number) if re.fullmatch("[0-9]{1,9}", number) else 0
        if number and not number.strip("0"):
            raise WrongUse(f"'{before}' has no line 0", "the first line is 1")
        return Target(text, path=path, rest=rest, line=line)
    return Target(text, module=before, rest=rest)


def files_in(
    paths: Sequence[str], working_folder: Path, settings: Settings
) -> Callable[[str], bool]:
    """Whether a file is one of these files, folders and modules, or inside one; any file is,
    without ``paths``."""
    targets = [read_target(path, working_folder) for path in paths]

    def is_in(path: str) -> bool:
        name = module_name(path, settings.src) or ""
        return not targets or any(target.has_file(path, name) for target in targets)

    return is_in


def find(asked: Target, hosts: Sequence[HostClass]) -> tuple[tuple[HostClass, ...], bool]:
    """The class that a target names, with only the event that it names, if any; raises
    :class:`WrongUse` if the class has no such event."""
    rest = asked.rest or ("" if asked.path else asked.module)
    for host in _called(rest, asked, hosts):
        return (host,), False
    owner, _, wanted = rest.rpartition(".")
    for host in _called(owner, asked, hosts):
        events = tuple(one for one in host.events if _is_event(one, wanted))[:1]
        if not events:
            labels = [one.label for one in host.events]
            near = suggest.close(wanted.replace("_", "-"), labels, most=1)
            hint = f"did you mean {near[0]}?" if near else f"its events: {', '.join(labels)}"
            raise WrongUse(f"'{target_name(host.id)}' has no event '{wanted}'", hint)
        return (msgspec.structs.replace(host, events=events),), True
    return (), False


def _called(name: str, asked: Target, hosts: Sequence[HostClass]) -> list[HostClass]:
    """The classes with this name in the module or file; without a colon, the only class of the
    sources whose dotted name ends like this."""
    if asked.rest:
        return [host for host in hosts if host.id.name == name and asked.holds(host)]
    ends = [one for one in hosts if one.requested and name and f".{one.id}".endswith(f".{name}")]
    return ends if len(ends) == 1 else []


def _is_event(event: Event, text: str) -> bool:
    bare = text.replace("_", "-").removesuffix("-callback")
    labels = (bare, bare.removeprefix("pre-"), bare.removeprefix("post-"))
    return event.label in labels or event.method.name == text


def with_class(asked: Target, hosts: Sequence[HostClass]) -> Target:
    """The target as module and class, if it is the bare name of a single class."""
    is_bare = asked.path is None and not asked.rest and "." not in asked.module
    if not is_bare or any(asked.takes(host) for host in hosts):
        return asked
    for host in _called(asked.module, asked, hosts):
        return msgspec.structs.replace(asked, module=host.id.module, rest=host.id.name)
    return asked


def _callbacks_of(hosts: Sequence[HostClass]) -> Iterator[Callback]:
    return (found for host in hosts for event in host.events for found in event.all_callbacks)


def _exists(target: Target, resolved: ResolvedProject) -> bool:
    """Whether the file, folder or module of a target exists."""
    if target.path is not None:
        return os.path.exists(target.path)
    finder = None if resolved.loader is None else resolved.loader.finder
    return finder is not None and finder.find(target.module).kind != "missing"


def no_such_class(target: Target, resolved: ResolvedProject) -> WrongUse:
    """The error for a target that matches no class."""
    hosts = resolved.hosts
    inside = [target_name(host.id) for host in hosts if host.requested and target.takes(host)]
    if inside:
        shown = ", ".join(inside[:_MOST_NAMED]) + (", ..." if inside[_MOST_NAMED:] else "")
        return WrongUse(
            f"'{target.text}' is a module, a package or a folder, not a class",
            f"name one of its classes: {shown}",
        )
    names = [target_name(host.id) for host in hosts if host.requested]
    if not names:
        return WrongUse(
            f"'{target.text}' is not a class with callbacks",
            "no class of the sources derives from a callback mixin"
            if resolved.settings.config_file is not None
            else f"no pyproject.toml with {TABLE_HEADER} was found here or in a parent folder",
        )
    modules = sorted({host.id.module for host in hosts if host.requested})
    called = f".{target.text.replace(':', '.')}"
    if any(f".{callback.name}".endswith(called) for callback in _callbacks_of(hosts)):
        return WrongUse(
            f"'{target.text}' is a callback, not a class",
            f"`arctic-codegen uses {target.text.rpartition(':')[2]}` shows what calls it",
        )
    if not target.rest and _exists(target, resolved):
        return WrongUse(
            f"no class in '{target.text}' derives from a callback mixin",
            "`arctic-codegen list` shows the classes of the sources",
        )
    if target.line:
        return WrongUse(
            f"'{target.text}' is a line, not a class",
            f"`arctic-codegen explain {target.text}` shows what runs there",
        )
    near = suggest.close(target.text, [*names, *modules])
    if not set(target.text) & {".", ":"}:
        like = suggest.close(target.text, {name.rpartition(":")[2] for name in names})
        classes = [name for last in like for name in names if name.rpartition(":")[2] == last]
        near = tuple(dict.fromkeys((*classes, *near)))[:4]
    if not near:
        last = target.text.replace(":", ".").rpartition(".")[2].lower()
        near = tuple(name for name in names if last in name.lower())[:3]
    return WrongUse(
        f"'{target.text}' is not a class with callbacks",
        f"did you mean {suggest.choice(near)}?" if near else "`arctic-codegen list` shows them all",
    )

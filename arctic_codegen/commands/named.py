"""What does a dotted name on the command line refer to: an alias, a re-export, an object?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from arctic_codegen.build.loader import FileLoader
from arctic_codegen.build.results import ResolvedProject
from arctic_codegen.model.hosts import Callback
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.records import Class, Function, Instance
from arctic_codegen.resolve.values.values import Values


class Meaning(msgspec.Struct, frozen=True):
    """A function or class, by the name of its definition, or an object, by its identity."""

    name: str = ""
    identity: tuple[str, ...] = ()

    def is_of(self, callback: Callback) -> bool:
        """Whether a callback is this function or object, or belongs to this class or object."""
        if not self.identity:
            return is_named(callback, self.name)
        known = callback.identity
        known = known[1:] if known[:1] == ("bound",) else known
        return known[: len(self.identity)] == self.identity


def is_named(callback: Callback, wanted: str) -> bool:
    """Whether the name of a callback, or of a function that it calls, ends with ``wanted``; or that
    of its class or enclosing function does; or ``list`` displays it like this."""
    if wanted in (callback.short, callback.shown):
        return True
    parts = wanted.replace(":", ".").split(".")
    names = [(callback.name, callback.module)]
    if callback.receiver is not None:
        names.append((str(callback.receiver), callback.receiver.module))
    return any(_ends_with(name, parts) for name in callback.runs) or any(
        _ends_with(name, parts, behind=module) for name, module in names
    )


def _ends_with(name: str, parts: list[str], behind: str | None = None) -> bool:
    """Whether a dotted name ends with these parts, or contains them after the module ``behind``."""
    known = name.split(".")
    first = len(known) if behind is None else len(behind.split(".")) + 1
    return any(
        known[max(0, end - len(parts)) : end] == parts for end in range(first, len(known) + 1)
    )


def meanings(name: str, resolved: ResolvedProject) -> Iterator[Meaning]:
    """What a name, or the end of one, refers to in the modules that define it."""
    parts = name.replace(":", ".").split(".")
    loader = resolved.loader
    if loader is None or not all(part.isidentifier() for part in parts):
        return
    names = Names(loader, resolved.settings)
    values = Values(names, loader)
    for number in range(len(parts)):
        path = ".".join(parts[number:])
        for module in _modules(".".join(parts[:number]), resolved.requested, loader):
            match values.named(module, path):
                case Class(entity=entity):
                    yield Meaning(str(entity.id))
                case Function() as found if not (found.is_object or found.wrappers):
                    yield Meaning(found.name)
                case Function(identity=identity) | Instance(identity=identity):
                    yield Meaning(identity=identity)


def _modules(name: str, sources: Iterable[str], loader: FileLoader) -> Iterator[str]:
    """The modules whose name ends with ``name``; without one, all project modules that were
    read."""
    if not name:
        yield from (
            one.name for one in loader.loaded() if one.decls is not None and not one.installed
        )
        return
    if loader.module(name).decls is not None:
        yield name
    yield from (one for one in sources if one.endswith(f".{name}"))

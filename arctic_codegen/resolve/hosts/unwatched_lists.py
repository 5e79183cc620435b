"""The lists of ArcticTraining's classes: nobody notes who changes them, and classes share them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from arctic_codegen.diagnostics.records import Finding, Related
from arctic_codegen.frameworks.table import framework_of
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.interfaces import Change
from arctic_codegen.resolve.names.names import Names


class UnwatchedLists:
    """Which list each later statement changes in Python."""

    def __init__(self, names: Names, changes: Sequence[Change]) -> None:
        self._names = names
        assigned = {change.owner for change in changes if change.kind == "assign"}
        self._holders: dict[ClassId, ClassId] = {}
        self._changes: dict[ClassId, list[Change]] = {}
        for change in changes:
            holder = change.owner
            if change.lands_in is not None and holder not in assigned:
                holder = self._holders[change.owner] = change.lands_in
            self._changes.setdefault(holder, []).append(change)

    def is_watched(self, owner: ClassEntity) -> bool:
        """Whether each class keeps a list of its own, and notes which module changes it."""
        framework = framework_of(one.id for one in self._names.mro(owner).classes)
        return framework is None or not framework.has_runtime

    def holder(self, owner: ClassEntity) -> ClassEntity:
        """The class whose list it is that statements about ``owner`` change."""
        holder = self._holders.get(owner.id)
        return next((one for one in self._names.mro(owner).classes if one.id == holder), owner)

    def changes(self, holder: ClassId) -> Sequence[Change]:
        """The statements that change the list of that class."""
        return self._changes.get(holder, ())


def is_like(one: Declaration, other: Declaration) -> bool:
    """Whether two entries look the same at run time: their event and their definition."""
    return (one.phase, one.event, one.callable.name) == (
        other.phase,
        other.event,
        other.callable.name,
    )


def told_apart(
    declaration: Declaration, like: Sequence[Declaration], home: str
) -> Iterator[Finding]:
    """A finding where several modules add what looks the same: which is first, nobody notes.

    The statements of the list's own module, ``home``, come before those of modules that import it.
    """
    adders: dict[str, Declaration] = {}
    for one in like:
        if one.added_by not in (None, home) and not one.in_script:
            adders.setdefault(str(one.added_by), one)
    if len(adders) > 1:
        name = declaration.callable.name
        yield Finding(
            "AC213",
            f"{' and '.join(map(repr, adders))} each add a '{name}' for"
            f" '{declaration.event_text}' to one list of ArcticTraining, which does not tell whose"
            " is whose",
            declaration.declared_at,
            hint="give each a name at module level: 'log_loss = make_log(...)', then add"
            " ('post-loss', log_loss)",
            related=tuple(
                Related(one.declared_at, f"'{module}' adds one here")
                for module, one in adders.items()
                if module != declaration.added_by
            ),
        )

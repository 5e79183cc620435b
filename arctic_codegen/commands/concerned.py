"""Which findings concern the classes that are shown?"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from arctic_codegen.build.results import ResolvedProject
from arctic_codegen.commands.at_line import first_line, parsed
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.diagnostics.texts import read_from_disk
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.ownership import is_below

_Statement = tuple[str, int]
"""A file, and the line of a statement of its module; 0 where it cannot be parsed."""


class Concerned:
    """Whether a finding has a place in a statement in which one of the classes, one of their
    ancestors in the project or one of their callbacks stands."""

    def __init__(self, resolved: ResolvedProject, hosts: Sequence[HostClass]) -> None:
        self._resolved = resolved
        self._bodies: dict[str, list[ast.stmt]] = {}
        self._statements = {
            found for host in hosts for found in (*self._of_callbacks(host), *self._of_mro(host))
        }

    def __call__(self, finding: Finding) -> bool:
        if finding.place is None:
            return True
        places = (finding.place, *(one.place for one in finding.related))
        return not self._statements.isdisjoint(map(self._statement, places))

    def _of_callbacks(self, host: HostClass) -> Iterator[_Statement]:
        yield self._statement(host.place)
        for event in host.events:
            for callback in event.all_callbacks:
                yield self._statement(callback.place)
                yield self._statement(callback.declared_at)

    def _of_mro(self, host: HostClass) -> Iterator[_Statement]:
        for cls in host.mro:
            path = self._resolved.path_of(cls.module) or ""
            if any(is_below(path, folder) for folder in self._resolved.installed_folders):
                continue
            name = cls.name.partition(".")[0]
            for node in self._body(path):
                if isinstance(node, ast.ClassDef) and node.name == name:
                    yield path, first_line(node)

    def _statement(self, place: Place) -> _Statement:
        lines = map(first_line, self._body(place.path))
        return place.path, max((line for line in lines if line <= place.span.line), default=0)

    def _body(self, path: str) -> list[ast.stmt]:
        if path not in self._bodies:
            tree = parsed(read_from_disk(path) or b"")
            self._bodies[path] = [] if tree is None else tree.body
        return self._bodies[path]

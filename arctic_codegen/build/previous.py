"""Which modules of the last build are still fresh?

A module is fresh if all look-ups for it still have the same results. This can be determined only if
just files of requested modules have changed, and neither the set of host classes nor their bases
has. Any other change, and any error, needs a full build, which can use the cached scans and texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from arctic_codegen._version import SITE
from arctic_codegen.build.cache.facts import (
    Facts,
    changed_files,
    output_state,
    same_output,
    structure_holds,
)
from arctic_codegen.build.cache.observer import Observer
from arctic_codegen.build.fingerprints import fingerprint, fingerprint_of_bodies
from arctic_codegen.build.lock_file import Fingerprints, Lock, input_path, reads_in
from arctic_codegen.build.record import (
    BuildRecord,
    LookupTable,
    ModuleRecord,
    module_records,
    recall,
)
from arctic_codegen.build.relevance import still_chosen
from arctic_codegen.build.session import Session
from arctic_codegen.diagnostics.faults import NeedsFullBuild
from arctic_codegen.diagnostics.records import Place, Span, has_errors
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.module_results import ModuleSubset, ResolutionByModule
from arctic_codegen.model.settings import Settings

MOST = 3
"""If more than one module in this many is stale, a full build runs instead."""
_NOWHERE = Place("", Span(0, 0, 0, 0))


class PreviousBuild:
    """The reusable parts of the last build. Each method may raise :class:`NeedsFullBuild`."""

    def __init__(
        self, record: BuildRecord, facts: Facts, output: Facts, changed_paths: Sequence[str]
    ) -> None:
        self.record = record
        self.facts = facts
        """The facts about the disk that are still true, with their current stamps."""
        self.output = output
        """The state of the output folder, unchanged since the last build."""
        self._changed_paths = changed_paths
        """Files whose bytes have changed."""
        self._changed: frozenset[str] = frozenset()
        """Changed modules that were scanned in the last build."""
        self.stale: frozenset[str] = frozenset()
        """The modules that have to be compiled again."""
        self.fresh: tuple[ModuleRecord, ...] = record.modules
        """The records of the other modules."""

    @classmethod
    def recall(cls, settings: Settings, observer: Observer) -> PreviousBuild | None:
        """The last build, if the same files exist (their contents may differ) and its output is
        unchanged; otherwise ``None``."""
        found = None if observer.folder is None else recall(observer.folder, settings)
        if found is None:
            return None
        facts, before = found.known_facts(), found.known_output()
        now = Facts(observer.facts.at, facts.output)
        if facts.output != observer.facts.output or not structure_holds(facts, now):
            return None
        changed_paths = tuple(changed_files(facts, now))
        output = output_state(facts.output, before)
        if output is None or not same_output(before, output):
            return None
        return cls(found, now, output, changed_paths)

    def find_stale(self, session: Session, *, write: bool) -> None:
        """Determine which modules are stale."""
        record = self.record
        by_path = {module.path: module.module for module in record.modules}
        by_path.update(record.unread)
        if any(path not in by_path for path in self._changed_paths):
            raise NeedsFullBuild
        changed = frozenset(by_path[path] for path in self._changed_paths)
        self._keep_choice(session, changed)
        self._changed = changed = changed - {name for _, name in record.unread}
        lookups = frozenset(self._lookups_that_differ(session))
        paths = frozenset(self._changed_paths)
        stale = [
            module
            for module in record.modules
            if module.module in changed
            or not lookups.isdisjoint(module.depends_on)
            or (changed and self._checks_differ(module, session))
            or (changed and _mentions(module, paths))
        ]
        if stale and (not write or len(stale) * MOST > len(record.modules)):
            raise NeedsFullBuild
        self.stale = frozenset(module.module for module in stale)
        self.fresh = tuple(module for module in record.modules if module.module not in self.stale)
        session.known_comments.update(record.others)
        known = ((one.path, one.comments) for one in self.fresh if one.comments)
        session.known_comments.update(known)

    def _keep_choice(self, session: Session, changed: Iterable[str]) -> None:
        """Check that the choice of relevant modules is still right, and that the skipped modules
        among ``changed`` are valid Python."""
        chosen, loader = self.record.chosen, session.loader
        unread = {name for _, name in self.record.unread}
        for name in changed:
            file = loader.file(name)
            if file is None or not still_chosen(
                chosen, name, file.data, loader.finder, session.settings
            ):
                raise NeedsFullBuild
            if name in unread and any(module == name for module, _ in self.record.lookups):
                raise NeedsFullBuild  # its bytes were searched for a name
            if name in unread and loader.module(name).failure is not None:
                raise NeedsFullBuild
        session.known_choice = chosen

    def _lookups_that_differ(self, session: Session) -> Iterator[int]:
        """The look-ups of the last build that have a different result in the changed modules.

        Positions are ignored: modules with findings at them are stale anyway.
        """
        digests = {module.module: module.digest for module in self.record.modules}
        for name in self._changed:
            loader = session.loader
            old, new = loader.scanned_before(digests[name]), loader.module(name).decls
            here = [
                (place, names)
                for place, (module, names) in enumerate(self.record.lookups)
                if module == name
            ]
            if old is None or new is None:
                yield from (place for place, _ in here)
                continue
            whole = fingerprint_of_bodies(old) != fingerprint_of_bodies(new)
            for place, names in here:
                if whole or fingerprint(old, names) != fingerprint(new, names):
                    yield place

    def _checks_differ(self, module: ModuleRecord, session: Session) -> bool:
        """Whether function bodies that the checks of its callbacks depend on have changed."""
        return module.by_all or any(
            digest != session.digest_of_body(name, qualname)
            for name, qualname, digest in module.bodies
            if name in self._changed
        )

    def subset(self) -> ModuleSubset:
        """The part of the project that has to be resolved."""
        covered = frozenset(cls for module in self.fresh for cls in module.covers)
        return ModuleSubset(tuple(sorted(self.stale)), covered)

    def check(self, resolved: ResolutionByModule, session: Session) -> None:
        """Check that the new results do not affect the fresh modules."""
        record = self.record
        if resolved.far_changes or resolved.common or has_errors(resolved.findings):
            raise NeedsFullBuild
        if resolved.touched:
            raise NeedsFullBuild
        read = (name for result in resolved.module_results for name, _ in result.reads)
        if not frozenset(record.touched).isdisjoint(read):
            raise NeedsFullBuild

    def check_outlines(self, new: Sequence[ModuleRecord]) -> None:
        """Check that the stale modules still have the same host classes."""
        now = {one.module: one.hosts for one in new}
        for module in self.record.modules:
            if module.module in self.stale and not _same(module.hosts, now[module.module]):
                raise NeedsFullBuild

    def hosts(self, resolved: ResolutionByModule) -> list[HostClass]:
        """All host classes: the resolved ones, and the outlines of the others."""
        asked = self.record.chosen.modules
        others = (host for module in self.fresh for host in module.hosts)
        hosts = {host.id: host for host in (*self.record.parents, *others)}
        hosts.update(
            (host.id, host)
            for host in resolved.hosts
            if host.id.module in self.stale or host.id.module not in asked
        )
        return [hosts[cls] for cls in sorted(hosts)]

    def whole_lock(self, part: Lock, session: Session) -> Lock:
        """The lock file for all modules, without their entries; ``part`` is the lock file for the
        stale ones."""
        record = self.record
        now = {path for path in part.inputs if path.startswith(SITE)}
        before = {
            path
            for module in record.modules
            if module.module in self.stale
            for path in module.inputs
            if path.startswith(SITE)
        }
        if now != before:  # other distributions may be read now
            raise NeedsFullBuild
        digests = {**record.inputs, **part.inputs}
        for name in self._changed:
            module = session.loader.module(name)
            if module.file is not None:
                digests[input_path(module, session.settings.output)] = module.file.digest
        used = {path for module in self.fresh for path in module.inputs}
        used.update(part.inputs)
        return msgspec.structs.replace(
            part,
            distributions=record.distributions,
            inputs={path: digests[path] for path in used},
            files={**record.files, **part.files},
            modules={},
        )

    def fingerprints(self) -> Fingerprints:
        """The fingerprints in the lock file of the last build."""
        digests = self.record.inputs
        return {
            (digests[path], names): digest
            for module in self.record.modules
            if module.locked
            for path, digest, names in reads_in(module.locked)
        }

    def add_facts_to(self, facts: Facts) -> None:
        """Add the facts of the last build that are still true; entries of ``facts`` itself take
        precedence."""
        for known, more in zip(facts.answers(), self.facts.answers(), strict=True):
            for key, answer in more.items():
                known.setdefault(key, answer)


def all_records(
    session: Session,
    resolution: ResolutionByModule,
    table: LookupTable,
    previous: PreviousBuild | None,
) -> list[ModuleRecord]:
    """A record of each requested module that was scanned, in this build or before."""
    loaded = frozenset(module.name for module in session.loader.loaded())
    fresh: tuple[ModuleRecord, ...] = ()
    if previous is None:
        looked_into = loaded.intersection(session.requested)
    else:
        # Some of them were not scanned in the last build.
        looked_into = loaded.intersection(name for _, name in previous.record.unread)
        fresh = previous.fresh
    names = {result.module for result in resolution.module_results} | looked_into
    new = module_records(
        resolution,
        session.requested_files(names),
        session.comments,
        session.settings,
        table,
        looked_into,
    )
    if previous is not None:
        previous.check_outlines(new)
    return sorted((*fresh, *new), key=lambda one: one.module)


def _mentions(module: ModuleRecord, paths: frozenset[str]) -> bool:
    """Whether a finding of a module has a place in one of these files."""
    of_classes = (one.finding for one in module.of_classes)
    for finding in (*module.findings, *of_classes, *module.semantics):
        places = (finding.place, *(related.place for related in finding.related))
        if any(place is not None and place.path in paths for place in places):
            return True
    return False


def _same(one: Iterable[HostClass], other: Iterable[HostClass]) -> bool:
    """Whether outlines are the same, apart from their places."""

    def placeless(hosts: Iterable[HostClass]) -> list[HostClass]:
        return [msgspec.structs.replace(host, place=_NOWHERE) for host in hosts]

    return placeless(one) == placeless(other)

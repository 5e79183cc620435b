"""A build that takes up the last one, and does again only what depends on what has changed.

It goes as far as it is certain: only the bytes of requested modules' own files may be different,
and neither which host classes there are nor what they derive from. Whatever else has happened, and
any mistake, is left to a full build, which has the cache of scanned files and of texts to go by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TypeVar

import msgspec

from arctic_codegen._version import LOCK_NAME, SITE
from arctic_codegen.build import write as writing
from arctic_codegen.build.deep import is_too_deep
from arctic_codegen.build.driver import LATE_CODES, TYPE_CODES, Built, FileChange
from arctic_codegen.build.fingerprints import digest_of_reads, what_bodies_do
from arctic_codegen.build.keeping import Remade, by_name, keep_modules, outlines, records_of
from arctic_codegen.build.lock import Lock, assemble, digest_of_text, input_path, make_lock
from arctic_codegen.build.session import Run
from arctic_codegen.caching.builds import KeptBuild, KeptModule, recall
from arctic_codegen.caching.disk import (
    Facts,
    changed_files,
    output_state,
    same_output,
    structure_holds,
)
from arctic_codegen.caching.observing import ObservedTree, Observer
from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.faults import InternalFault, Unfit
from arctic_codegen.diagnostics.records import Place, Span, has_errors
from arctic_codegen.emit import emit_some
from arctic_codegen.model.accounts import (
    Accounted,
    Part,
    each_once,
    first_of_each_place,
)
from arctic_codegen.model.changes import Progress
from arctic_codegen.model.decls import ModuleDecls
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.output import OutputFile
from arctic_codegen.model.settings import Settings
from arctic_codegen.plan import plan_some
from arctic_codegen.relevance import Chosen, still_chosen
from arctic_codegen.resolve.resolve import resolve

T = TypeVar("T")
MOST = 3
"""Where more than one module in so many has to be done again, all of them are."""


def build_again(
    settings: Settings,
    observer: Observer,
    tree: ObservedTree,
    *,
    write: bool,
    progress: Progress,
) -> tuple[Built | None, Chosen | None]:
    """The build, made from the last one; ``None`` where that cannot be done.

    With it goes the last one's choice of modules that matter, where that still does.
    """
    if observer.folder is None:
        return None, None
    run = Run(settings, tree, progress)
    known: _Known | None = None
    try:
        with run.stage("looking for changes"):
            known = _Known(settings, observer, run)
        return known.build(tree, write), None
    except Unfit:
        if known is not None and run.known_choice is not None:
            # What that choice was made by has to hold for the next build, too.
            _merge(observer.facts, known.facts)
        return None, run.known_choice
    except InternalFault as fault:
        if is_too_deep(fault):
            return None, None
        raise
    finally:
        run.keep()


class _Known:
    """The last build, and what is different now."""

    def __init__(self, settings: Settings, observer: Observer, run: Run) -> None:
        assert observer.folder is not None
        self.settings = settings
        self.observer = observer
        self.run = run
        self.folder = observer.folder
        found = recall(observer.folder, settings)
        if found is None:
            raise Unfit
        self.last: KeptBuild = found
        facts = found.known_facts()
        self.facts = Facts(observer.facts.at, facts.output)
        if facts.output != observer.facts.output or not structure_holds(facts, self.facts):
            raise Unfit
        self.changed = tuple(changed_files(facts, self.facts))
        self.changed_modules: frozenset[str] = frozenset()
        before = found.known_output()
        state = output_state(facts.output, before)
        if state is None or not same_output(before, state):
            raise Unfit
        self.output = state

    def build(self, tree: ObservedTree, write: bool) -> Built:
        """All passes, for what has changed and what depends on it."""
        run, last = self.run, self.last
        run.requested = tuple(sorted(last.chosen.modules))
        by_path = {module.path: module.module for module in last.modules}
        by_path.update(last.unread)
        if any(path not in by_path for path in self.changed):
            raise Unfit
        changed = frozenset(by_path[path] for path in self.changed)
        self._keep_choice(changed)
        changed -= {name for _, name in last.unread}
        self.changed_modules = changed
        if not changed.isdisjoint(last.guards_read):
            raise Unfit
        places = frozenset(self._places_that_differ(changed))
        paths = frozenset(self.changed)
        again = {
            module.module: module
            for module in last.modules
            if module.module in changed
            or not places.isdisjoint(module.depends_on)
            or (changed and _speaks_of(module, paths))
        }
        if again and (not write or len(again) * MOST > len(last.modules)):
            raise Unfit
        if any(module.is_guarded for module in again.values()):
            raise Unfit
        kept = [module for module in last.modules if module.module not in again]
        for path, comments in last.others:
            run.comments[path] = comments
        for module in kept:
            if module.comments:
                run.comments[module.path] = module.comments
        if not again:
            self._tell(kept, ())
            return self._done(kept, (), (), (), write)
        resolved = self._resolved(again, kept)
        new = self._made(resolved, kept, again)
        self._tell(kept, new.modules)
        if run.failed:
            raise Unfit
        with run.stage("writing"):
            done = writing.write(
                {output.path: output.text for output in new.outputs},
                self.settings.output,
                new.lock.text,
                prune=False,
            )
        if done.findings:
            raise Unfit
        return self._done(kept, new.modules, (*new.outputs, new.lock), done.changed, write, new)

    def _keep_choice(self, changed: Iterable[str]) -> None:
        """The modules that matter are the same, and the others have no mistakes."""
        chosen, loader = self.last.chosen, self.run.loader
        unread = {name for _, name in self.last.unread}
        for name in changed:
            file = loader.file(name)
            if file is None or not still_chosen(
                chosen, name, file.data, loader.finder, self.settings
            ):
                raise Unfit
            if name in unread and any(module == name for module, _ in self.last.reads):
                raise Unfit  # its bytes were looked at
            if name in unread and loader.module(name).failure is not None:
                raise Unfit
        self.run.known_choice = chosen

    def _places_that_differ(self, changed: frozenset[str]) -> Iterator[int]:
        """Which of the look-ups of the last build find something else in these modules now.

        Places do not count: who tells of one is done again for that.
        """
        digests = {module.module: module.digest for module in self.last.modules}
        for name in changed:
            old, new = self.run.scanned(digests[name]), self.run.module(name).decls
            whole = old is None or new is None or what_bodies_do(old) != what_bodies_do(new)
            for place, (module, names) in enumerate(self.last.reads):
                if module == name and (whole or _differ(old, new, names)):
                    yield place

    def _resolved(self, again: Mapping[str, KeptModule], kept: Sequence[KeptModule]) -> Accounted:
        covered = frozenset(cls for module in kept for cls in module.covers)
        with self.run.stage("resolving"):
            part = Part(tuple(again), covered)
            previous = self.run.previous_output(with_classes=False)
            resolved = resolve(self.run, self.run.requested, self.settings, part, previous=previous)
        if resolved.far_changes or resolved.common or has_errors(resolved.findings):
            raise Unfit
        if not self.last.chosen.covers(resolved.lists, resolved.plain, self.run.loader.finder):
            raise Unfit
        if any(account.is_guarded for account in resolved.accounts) or resolved.touched:
            raise Unfit
        touched = frozenset(self.last.touched)
        read = (name for account in resolved.accounts for name, _ in account.reads)
        if not touched.isdisjoint(read):
            raise Unfit
        by_module = outlines(resolved.hosts)
        for name, module in again.items():
            now = [_placeless(host) for host in by_module.get(name, ())]
            if now != [_placeless(host) for host in module.hosts]:
                raise Unfit
        return resolved

    def _made(
        self,
        resolved: Accounted,
        kept: Sequence[KeptModule],
        again: Mapping[str, KeptModule],
    ) -> _New:
        run, last = self.run, self.last
        others = [host for module in kept for host in module.hosts]
        asked = set(run.requested)
        hosts = {host.id: host for host in (*last.parents, *others)}
        hosts.update((host.id, host) for host in resolved.hosts if host.id.module in again)
        hosts.update((host.id, host) for host in resolved.hosts if host.id.module not in asked)
        with run.stage("planning"):
            plans = plan_some(
                (hosts[cls] for cls in sorted(hosts)), self.settings, frozenset(again)
            )
        with run.stage("writing the text"):
            outputs = emit_some(plans, run.texts)
        with run.stage("locking"):
            texts = {output.path: output.text for output in outputs}
            lock = make_lock(resolved.reads, run, texts, self.settings, last.formatter, run.digests)
            sites = {path for path, _ in lock.inputs if path.startswith(SITE)}
            was = {
                path
                for module in again.values()
                for path, _ in (last.inputs[place] for place in module.inputs)
                if path.startswith(SITE)
            }
            if sites != was:  # other distributions may be read now
                raise Unfit
            read = self._read_now()
            modules = records_of(
                resolved,
                run.requested_files({*again, *read}),
                lock,
                run.comments,
                self.settings,
                read,
            )
            return _New(modules, outputs, lock, *self._lock_file(lock, kept, modules))

    def _read_now(self) -> frozenset[str]:
        """The modules that someone has looked into now, and no one before."""
        loaded = {module.name for module in self.run.loader.loaded()}
        return frozenset(name for _, name in self.last.unread if name in loaded)

    def _lock_file(
        self, lock: Lock, kept: Sequence[KeptModule], new: Sequence[Remade]
    ) -> tuple[OutputFile, Lock]:
        last = self.last
        digests = {**dict(last.inputs), **dict(lock.inputs)}
        for name in self.changed_modules:
            module = self.run.module(name)
            if module.file is not None:
                digests[input_path(module, self.settings.output)] = module.file.digest
        used = {last.inputs[place][0] for module in kept for place in module.inputs}
        used.update(path for path, _ in lock.inputs)
        files = {**dict(last.files), **dict(lock.files)}
        fragments = {module.module: module.locked for module in kept if module.locked}
        fragments.update((one.module.module, one.module.locked) for one in new if one.module.locked)
        whole = Lock(
            last.tool,
            last.formatter,
            last.on_stale,
            last.distributions,
            tuple((path, digests[path]) for path in sorted(used)),
            tuple(sorted(files.items())),
            (),
        )
        return OutputFile(LOCK_NAME, assemble(whole, fragments)), whole

    def _tell(self, kept: Sequence[KeptModule], new: Sequence[Remade]) -> None:
        modules = sorted((*kept, *(one.module for one in new)), key=lambda one: one.module)
        run = self.run
        run.tell(self.last.common)
        run.tell(finding for module in modules for finding in module.findings)
        run.tell(each_once(told for module in modules for told in module.told))
        run.tell(first_of_each_place(module.supers for module in modules))
        run.tell(finding for module in modules for finding in module.semantics)
        run.tell_unused_ignores(
            CODES.keys() - TYPE_CODES - LATE_CODES, [module.path for module in modules]
        )

    def _done(
        self,
        kept: Sequence[KeptModule],
        new: Sequence[Remade],
        outputs: Sequence[OutputFile],
        changed: Iterable[str],
        write: bool,
        made: _New | None = None,
    ) -> Built:
        run, last = self.run, self.last
        # What this build asked is known besides what the last one did.
        _merge(self.observer.facts, self.facts)
        self.facts = self.observer.facts
        expected = dict(last.files)
        expected.update((output.path, digest_of_text(output.text)) for output in outputs)
        self.observer.built_besides(self.output, {output.path: output.text for output in outputs})
        built = Built(
            run.told(),
            complete=True,
            written=write,
            changes=tuple(FileChange(path, "changed") for path in changed),
            classes=last.classes,
            modules=last.compiled_modules,
            timings=tuple(run.timings),
            counts=(
                ("files skipped", len(last.unread)),
                *run.loader.counts(),
                ("modules taken over", len(kept) + len(last.unread)),
            ),
        )
        if made is not None:
            state = self.observer.output_as_left()
            if state is not None:
                modules = sorted((*by_name(kept, last), *new), key=lambda one: one.module.module)
                read = {one.module.module for one in new}
                unread = tuple(pair for pair in last.unread if pair[1] not in read)
                head = msgspec.structs.replace(last, unread=unread)
                keep_modules(
                    self.folder, self.settings, self.facts, state, modules, head, made.whole
                )
        return built


class _New(msgspec.Struct, frozen=True):
    """What was made again."""

    modules: tuple[Remade, ...]
    outputs: tuple[OutputFile, ...]
    part: Lock
    lock: OutputFile
    whole: Lock


_NOWHERE = Place("", Span(0, 0, 0, 0))


def _differ(old: ModuleDecls | None, new: ModuleDecls | None, names: Sequence[str]) -> bool:
    assert old is not None
    assert new is not None
    return digest_of_reads(old, names) != digest_of_reads(new, names)


def _speaks_of(module: KeptModule, paths: frozenset[str]) -> bool:
    """Whether something that was told for a module names a place in one of these files."""
    told = (one.finding for one in module.told)
    for finding in (*module.findings, *told, *module.supers, *module.semantics):
        places = (finding.place, *(related.place for related in finding.related))
        if any(place is not None and place.path in paths for place in places):
            return True
    return False


def _placeless(host: HostClass) -> HostClass:
    return msgspec.structs.replace(host, place=_NOWHERE)


def _merge(facts: Facts, more: Facts) -> None:
    """Adds what is known from elsewhere; what ``facts`` have themselves stays."""
    _add(facts.files, more.files)
    _add(facts.folders, more.folders)
    _add(facts.is_file, more.is_file)
    _add(facts.is_dir, more.is_dir)
    _add(facts.real_paths, more.real_paths)
    _add(facts.stamps, more.stamps)


def _add(known: dict[str, T], more: Mapping[str, T]) -> None:
    for key, value in more.items():
        known.setdefault(key, value)

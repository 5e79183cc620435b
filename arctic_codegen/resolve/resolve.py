"""Which host classes do the modules have? The resolver's passes, in order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Finding, sort_findings
from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.model.module_results import (
    ModuleResult,
    ModuleSubset,
    ResolutionByModule,
    each_once,
)
from arctic_codegen.model.output import PreviousOutput
from arctic_codegen.model.resolution import ModuleReads
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.class_list_changes import Changes, ListChange
from arctic_codegen.resolve.effects.checks import CallbackChecks, Checked
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.candidates import (
    Candidate,
    Tools,
    bare_host,
    candidate,
    tools_for,
)
from arctic_codegen.resolve.hosts.class_checks import (
    compiled_bases,
    duplicate_names,
    inert_entries,
    local_classes,
    lost_classes,
    no_mixin_in_sight,
)
from arctic_codegen.resolve.hosts.for_subclasses import for_subclasses
from arctic_codegen.resolve.hosts.host import ResolvedHost, resolve_host
from arctic_codegen.resolve.hosts.lost_mixins import lost_mixins, missing_frameworks
from arctic_codegen.resolve.hosts.order_checks import configured, contradictions
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.query import Dependencies, behind
from arctic_codegen.resolve.values.known_functions import unknown_names
from arctic_codegen.resolve.values.output_names import OutputNames
from arctic_codegen.resolve.values.values import Values


def resolve(
    loader: Loader,
    requested: Sequence[str],
    settings: Settings,
    subset: ModuleSubset | None = None,
    relevant: Iterable[str] | None = None,
    previous: PreviousOutput | None = None,
) -> ResolutionByModule:
    """The host classes of the requested modules, with their parents, reads and findings.

    Only the ``relevant`` modules are examined, by default all. With a ``subset``, only its
    modules are resolved. With ``previous``, a missing framework or mixin is an error.
    """
    chosen = requested if relevant is None else relevant
    if subset is not None:
        chosen = subset.modules
    modules = tuple(sorted(set(chosen)))
    return _Resolver(loader, frozenset(requested), modules, settings, subset, previous).run()


class _Resolver:
    def __init__(
        self,
        loader: Loader,
        sources: frozenset[str],
        relevant: tuple[str, ...],
        settings: Settings,
        subset: ModuleSubset | None,
        previous: PreviousOutput | None,
    ) -> None:
        self._loader = loader
        self._relevant = relevant
        self._sources = sources
        self._covered = frozenset() if subset is None else subset.covered
        self._previous = previous
        self._names = Names(loader, settings)
        self._values = Values(self._names, loader)
        self._output = OutputNames(self._names, settings)
        self._classes: dict[ClassId, ClassEntity] = {}
        self._findings: list[Finding] = []
        self._changes_found: Changes

    def run(self) -> ResolutionByModule:
        # Find the classes: every class of a requested module, and its ancestors.
        tools = tools_for(self._sources, self._names, self._values, ())
        classes: dict[str, tuple[ClassEntity, ...]] = {}
        for module in self._relevant:
            with self._names.recorded_for(module):
                classes[module] = self._names.classes_of(module)
            failure = self._loader.module(module).failure
            if failure is not None:
                self._findings.append(failure)
        if self._previous is not None:
            missing = tuple(missing_frameworks(self._relevant, self._names, self._previous))
            self._findings.extend(missing)
            if missing:  # do not repeat the same advice at each class
                self._previous = msgspec.structs.replace(self._previous, advice="")
        self._findings.extend(unknown_names(self._names, self._sources))
        self._findings.extend(contradictions(configured(self._names, self._values)))
        common = list(self._findings)
        candidates: dict[str, list[Candidate]] = {}
        alone: dict[str, tuple[Finding, ...]] = {}
        for module, found in classes.items():
            first = len(self._findings)
            with self._names.recorded_for(module):
                candidates[module] = self._candidates(module, found, tools)
            alone[module] = tuple(self._findings[first:])
        # Find the statements that change their lists. From here on every list is known.
        first = len(self._findings)
        changes = self._changes(tools)
        common += self._findings[first:]
        # Resolve each class, one module at a time, so that each module has its own reads.
        covers = {
            module: {c.id for one in found if one.compiled for c in one.mro.classes[1:]}
            for module, found in candidates.items()
        }
        covered = self._covered.union(*covers.values())
        tools = tools_for(self._sources, self._names, self._values, changes)
        looked_up: dict[str, Dependencies] = {}
        resolved: dict[str, tuple[ResolvedHost, ...]] = {}
        for module, hosting in candidates.items():
            with self._names.recorded_for(module) as node:
                resolved[module] = self._module(module, hosting, tools, covered)
            looked_up[module] = behind([node])
        judged = for_subclasses(resolved)
        if not any(self._loader.module(module).failure for module in self._relevant):
            common += judged.findings  # a module that is not read may have the class that is missed
        results = [one for each in judged.modules.values() for one in each]
        hosts = self._with_parents(results, tools)
        of_classes = {
            module: tuple(finding for one in each for finding in one.of_classes)
            for module, each in judged.modules.items()
        }
        self._findings.extend(each_once([one for each in of_classes.values() for one in each]))
        self._findings = list(dict.fromkeys(self._findings))
        # Run the checks that need all classes.
        running = frozenset(place for result in results for place in result.running)
        repeated = (entry for result in results for entry in result.repeated)
        common += inert_entries(repeated, running, tools)
        common += duplicate_names(hosts, self._classes, tools)
        checked = self._check_callbacks(judged.modules)
        self._findings.extend(common)
        return ResolutionByModule(
            hosts=hosts,
            reads=tuple(
                ModuleReads(module, tuple(sorted(behind_it.reads)), behind_it.environment)
                for module, behind_it in looked_up.items()
                if resolved[module]
            ),
            findings=sort_findings(self._findings),
            module_results=tuple(
                ModuleResult(
                    module,
                    checked[module].reads,
                    (*alone[module], *checked[module].findings),
                    of_classes[module],
                    tuple(sorted(covers[module])),
                    checked[module].bodies,
                    checked[module].by_all,
                )
                for module in candidates
            ),
            common=tuple(common),
            far_changes=bool(self._changes_found.far),
            touched=tuple(
                sorted({*self._changes_found.touched, *(cls.module for cls in judged.lacking)})
            ),
        )

    def _check_callbacks(self, modules: Mapping[str, Sequence[ResolvedHost]]) -> dict[str, Checked]:
        """Check what callbacks do. The functions that they call are followed, but these reads are
        not inputs of the output, so they are recorded separately."""
        checks = CallbackChecks(self._names, self._sources)
        found = {
            module: checks.of_module(module, [one for one in each if one.host.compiled])
            for module, each in modules.items()
        }
        self._findings.extend(finding for one in found.values() for finding in one.findings)
        return found

    def _candidates(
        self, module: str, found: Sequence[ClassEntity], tools: Tools
    ) -> list[Candidate]:
        """The host classes of one module; reports problems with its other classes."""
        result: list[Candidate] = []
        hosts: list[ClassEntity] = []
        too_deep: dict[Finding, None] = {}
        for cls in found:
            on_output = tuple(compiled_bases(cls, self._output, tools))
            self._findings.extend(on_output)
            one = None if on_output else candidate(cls, tools)
            if on_output or one is not None:
                hosts.append(cls)
            problem = None if one is None else one.mro.problem
            if problem is not None and problem.too_deep:
                too_deep.setdefault(problem.finding)
            elif one is not None:
                result.append(one)
                self._classes.update((c.id, c) for c in reversed(one.mro.classes))
            elif not on_output and not is_mixin(cls.id):
                finding = no_mixin_in_sight(cls, tools)
                if finding is not None:
                    self._findings.append(finding)
        if self._previous is not None:
            lost = self._names.classes_of(module, kept=False)
            known = {cls.id.name for cls in (*hosts, *lost)}
            self._findings.extend(lost_mixins(module, known, self._names, self._previous))
        self._findings.extend(too_deep)
        decls = self._loader.module(module).decls
        if decls is not None:
            self._findings.extend(local_classes(module, decls.body, tools))
        self._findings.extend(lost_classes(module, tools))
        return result

    def _module(
        self,
        module: str,
        found: Sequence[Candidate],
        tools: Tools,
        covered: frozenset[ClassId],
    ) -> tuple[ResolvedHost, ...]:
        """The host classes of one module; everything looked up for them is recorded."""
        self._names.queries.read(module, "class")
        for cls in self._names.classes_of(module):
            candidate(cls, tools)  # the reads that exclude a class count too
        self._read_changes(found, tools)
        return tuple(
            resolve_host(one, tools, checked=one.compiled or one.final or one.cls.id not in covered)
            for one in found
        )

    def _read_changes(self, found: Sequence[Candidate], tools: Tools) -> None:
        """Record which modules' changes of callbacks matter to these classes."""
        ancestors = {cls.id for one in found for cls in one.mro.classes}
        for module in {id.module for id in ancestors}:
            self._names.queries.read(module, "()")
        for change in tools.declarations.changes:
            if {change.owner, change.lands_in} & ancestors:
                self._names.queries.read(change.module, "()")
                for of in (None, change.owner):
                    for node in self._changes_found.read[change.module, of]:
                        self._names.queries.touch(node)

    def _changes(self, tools: Tools) -> tuple[ListChange, ...]:
        known = sorted(self._classes.items())
        is_host = {id: cls for id, cls in known if tools.facts.is_host(cls)}
        modules = sorted({*self._relevant, *(id.module for id in is_host)})
        mixins = {id: cls for id, cls in known if is_mixin(id)}
        plain = frozenset(id for id, _ in known if id not in is_host and id not in mixins)
        hosts = {**is_host, **mixins}
        self._changes_found = Changes(self._names, self._values, self._loader, hosts, plain)
        found, findings = self._changes_found.of(modules)
        self._findings.extend(findings)
        return found

    def _with_parents(self, results: Iterable[ResolvedHost], tools: Tools) -> tuple[HostClass, ...]:
        hosts = {result.host.id: result.host for result in results}
        for cls in list(self._classes.values()):
            if cls.id not in hosts:
                parent = candidate(cls, tools)
                if parent is not None:
                    hosts[cls.id] = bare_host(parent, tools, requested=False)
        return tuple(hosts[id] for id in sorted(hosts))

"""``annotate`` as a function: derives annotations of callbacks from the methods of their events."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path

import msgspec

from arctic_codegen import config as configuration
from arctic_codegen.build import driver
from arctic_codegen.commands.fix import file_changes
from arctic_codegen.commands.results import Result
from arctic_codegen.commands.targets import files_in
from arctic_codegen.diagnostics.records import Place
from arctic_codegen.discover.finder import module_name
from arctic_codegen.discover.trees import DiskTree, SnapshotTree
from arctic_codegen.editing.annotations import Wanted, annotated
from arctic_codegen.editing.rewriting import Editable, rewrite
from arctic_codegen.editing.style import styled
from arctic_codegen.model.chosen_order import phases_of
from arctic_codegen.model.hosts import Callback, ClassId, Event, HostClass
from arctic_codegen.model.progress import Progress, quiet
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.text import EXCEPTION, Ref, Text

_NONE = Text(("None",))
_BOOL = Text((Ref("builtins", "bool", builtin=True),))


class AnnotateResult(Result, frozen=True):
    """The annotations added, and the findings."""

    callbacks: int = 0


def annotate(
    paths: Sequence[str] = (),
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    edit: bool = True,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> AnnotateResult:
    """Add missing annotations to callbacks in the sources, with the types of their methods.

    With ``paths``, only files in them are edited. With ``edit=False`` nothing is written, and
    ``edits`` lists the changes.
    """
    folder = working_folder or Path.cwd()
    loaded = configuration.load(folder, config=config, extra_sources=paths, use_cache=use_cache)
    settings = loaded.settings
    if settings is None:
        return AnnotateResult(None, loaded.findings)
    tree = SnapshotTree(DiskTree())
    resolved = driver.resolve_project(settings, tree=tree, progress=progress)
    if resolved.failed:
        return AnnotateResult(settings, resolved.findings)
    editable = Editable(settings, files_in(paths, folder, settings))
    before: dict[str, bytes] = {}
    after: dict[str, bytes] = {}
    count = 0
    for path, wanted in _by_file(resolved.hosts, settings, editable).items():
        data = tree.read(path)
        name = module_name(path, settings.src) or ""
        text, number = annotated(data, name, wanted)
        if text != data:
            before[path], after[path] = data, styled(path, data, text)
            count += number
    if edit:
        rewrite(after, before)
    return AnnotateResult(
        settings,
        resolved.findings,
        edits=file_changes(before, after),
        edited=edit,
        callbacks=count,
    )


def _by_file(
    hosts: Sequence[HostClass], settings: Settings, editable: Editable
) -> Mapping[str, tuple[Wanted, ...]]:
    """The functions that are callbacks, by file, each with the types that all of its uses
    agree on."""
    uses: dict[Place, list[tuple[ClassId, Wanted]]] = defaultdict(list)
    mros = {host.id: host.mro for host in hosts}
    for host, event, callback in _uses(hosts, settings):
        owner = callback.declared_in
        if callback.lifted is None and callback.place.path in editable:
            uses[callback.place].append((owner, _wanted(host, event, callback)))
        for wrapper in callback.wrappers:
            asked = wrapper.condition
            at = None if asked is None else asked.function
            if asked is not None and at is not None and at.path in editable:
                wanted = Wanted(at, False, asked.object_name, None, (), _BOOL)
                uses[at].append((owner, wanted))
    found: dict[str, list[Wanted]] = {}
    for place, of_owners in sorted(uses.items()):
        several = [wanted for _, wanted in of_owners]
        same_object = len({one.object_name for one in several}) == 1
        chains = [mros.get(owner, (owner,)) for owner in dict.fromkeys(one for one, _ in of_owners)]
        agreed = msgspec.structs.replace(
            several[0],
            object=_common(chains) if same_object else None,
            takes=tuple(
                (name, _agreed(dict(one.takes).get(name) for one in several))
                for name, _ in several[0].takes
            ),
            returns=_agreed(one.returns for one in several),
            outside=frozenset().union(*(one.outside for one in several)),
        )
        found.setdefault(place.path, []).append(agreed)
    return {path: tuple(wanted) for path, wanted in found.items()}


def _uses(
    hosts: Iterable[HostClass], settings: Settings
) -> Iterator[tuple[HostClass, Event, Callback]]:
    """Callbacks in the classes that declare them, or in others if those lack the event."""
    seen: set[tuple[Place, str, str]] = set()
    requested = [host for host in hosts if host.requested]
    for own in (True, False):
        for host in requested:
            for phase in chain.from_iterable(phases_of(host, settings)):
                for callback in phase.callbacks:
                    key = (callback.place, phase.event.label, str(callback.declared_in))
                    if (callback.declared_in == host.id) is own:
                        if own or key not in seen:
                            yield host, phase.event, callback
                        seen.add(key)


def _wanted(host: HostClass, event: Event, callback: Callback) -> Wanted:
    method = event.method
    known = {param.name: param.annotation for param in method.params}
    takes: list[tuple[str, Text | None]]
    if callback.role != "in order":
        takes = [(take.name, EXCEPTION) for take in callback.signature.takes]
        returns: Text | None = _NONE
    elif callback.phase == "pre":
        takes = [(take.name, known.get(take.name)) for take in callback.signature.takes]
        returns = _pre_returns([text for _, text in takes])
    else:
        takes = [(take.name, method.returns) for take in callback.signature.takes]
        returns = method.returns if takes else _NONE
    is_method = callback.kind == "method"
    outside = {param.name for param in host.type_params} if not is_method else set()
    outside |= {
        text.parts[0].split(":")[0].strip(" *")
        for text in method.type_params
        if text.parts and isinstance(text.parts[0], str)
    }
    name = callback.signature.object_name
    return Wanted(callback.place, is_method, name, None, tuple(takes), returns, frozenset(outside))


def _pre_returns(types: Sequence[Text | None]) -> Text | None:
    if not types:
        return _NONE
    parts: list[str | Ref] = []
    for text in types:
        if text is None:
            return None
        parts += [*text.parts, ", "]
    if len(types) == 1:
        return types[0]
    return Text((Ref("builtins", "tuple", builtin=True), "[", *parts[:-1], "]"))


def _agreed(texts: Iterable[Text | None]) -> Text | None:
    several = set(texts)
    return several.pop() if len(several) == 1 else None


def _common(chains: Sequence[Sequence[ClassId]]) -> Text | None:
    """The nearest common class of these MROs, except the mixin, which is too general."""
    for candidate in chains[0]:
        if candidate.name != "CallbackMixin" and all(candidate in chain for chain in chains):
            return Text((Ref(candidate.module, candidate.name),))
    return None

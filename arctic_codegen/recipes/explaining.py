"""What runs when a recipe is trained? Finds its trainer and the factories that it selects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec

from arctic_codegen import config as configuration
from arctic_codegen.build import driver
from arctic_codegen.commands.results import ExplainResult
from arctic_codegen.commands.show import explained
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, sort_findings
from arctic_codegen.discover.finder import module_name
from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.model.progress import Progress, quiet
from arctic_codegen.recipes.choosing import ARCTIC_TRAINING, missing_code, no_trainer, trainer_of
from arctic_codegen.recipes.preparing import folder_of_config
from arctic_codegen.recipes.reading import Recipe, read_recipe
from arctic_codegen.recipes.requirements import requirements

PARTS = (
    ("tokenizer", "tokenizer_factory"),
    ("data", "data_factory"),
    ("model", "model_factory"),
    ("optimizer", "optimizer_factory"),
    ("scheduler", "scheduler_factory"),
    ("checkpoint", "checkpoint_engine"),
)
"""Sections of a recipe and attributes of a trainer, in the order in which a run creates them."""

EVENTS = (
    "init", "create-tokenizer", "load", "process", "split", "split-data", "create-dataloader",
    "create-config", "create-model", "create-optimizer", "create-scheduler",
    "train", "epoch", "step", "loss", "backward", "optimizer-step", "checkpoint", "save",
    "evaluate", "log-metrics",
)  # fmt: skip
"""The events of the building blocks and of ArcticTraining in the order of a run; a project's own
events follow by name."""

_LOADS_TOKENIZERS = ClassId("arctic_codegen.blocks.tokenizer", "HFTokenizerFactory")
"""The building blocks' factory for recipes that name the folder of a tokenizer or model."""


def explain_recipe(
    target: str,
    *,
    working_folder: Path | None = None,
    config: Path | None = None,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> ExplainResult:
    """The trainer and factories that a recipe selects, each with its events in the order of a run,
    including ArcticTraining's data sources."""
    folder = working_folder or Path.cwd()
    recipe = read_recipe(folder / target)
    if isinstance(recipe, Finding):
        return ExplainResult(None, (recipe,))
    loaded = configuration.load(
        folder_of_config(folder, recipe), config=config, use_cache=use_cache
    )
    settings = loaded.settings
    if settings is None:
        return ExplainResult(None, loaded.findings)
    missing = missing_code(recipe, settings)
    if missing is not None:
        return ExplainResult(None, (missing,))
    code = recipe.code_file()
    own = None if code is None else module_name(code, settings.src)
    also = [] if own is None else [own]
    resolved = driver.resolve_project(settings, also=also, progress=progress)
    unnamed = _missing_type(recipe, resolved.hosts)
    if unnamed is not None:
        return ExplainResult(None, (unnamed,))
    trainer = trainer_of(recipe, resolved.hosts)
    if trainer is None and not resolved.failed:  # a trainer of the framework itself
        also.append(ARCTIC_TRAINING)
        resolved = driver.resolve_project(settings, also=also, progress=progress)
        trainer = trainer_of(recipe, resolved.hosts)
    if trainer is None:
        if resolved.failed:
            return ExplainResult(settings, resolved.findings)
        return ExplainResult(None, (no_trainer(recipe, resolved.hosts, settings),))
    known = {host.id for host in resolved.hosts}
    named = {one.module for name in trainer.attributes for one in name.classes if one not in known}
    if list(_data_sources(recipe, trainer)):
        named.add(f"{ARCTIC_TRAINING}.data")
    if named:  # factories of a library without subclasses in the sources
        also += sorted(named)
        resolved = driver.resolve_project(settings, also=also, progress=progress)
    classes = {host.id: host for host in resolved.hosts}
    found = [classes[trainer.id], *_parts(recipe, classes[trainer.id], classes)]
    chosen = dict.fromkeys(one for one in found if isinstance(one, HostClass))
    result = explained(resolved, tuple(map(_in_order_of_run, chosen)))
    wrong = (one for one in found if isinstance(one, Finding))
    findings = sort_findings((*result.findings, *wrong, *requirements(recipe, classes[trainer.id])))
    return msgspec.structs.replace(result, findings=findings)


def _missing_type(recipe: Recipe, hosts: Sequence[HostClass]) -> Finding | None:
    """The finding about a recipe without a type in a project on the building blocks: only
    ArcticTraining has a default."""
    trainers = [host for host in hosts if host.kind == "Trainer" and host.requested]
    if "type" in recipe.data or any(host.framework == ARCTIC_TRAINING for host in trainers):
        return None
    names = sorted(host.registered_name for host in trainers if host.registered_name)
    if not names:
        return None
    return message("AC019", "no-type", names=", ".join(names)).at(recipe.type_place)


def _parts(
    recipe: Recipe, trainer: HostClass, classes: dict[ClassId, HostClass]
) -> Iterator[HostClass | Finding]:
    allowed = {one.name: one.classes for one in trainer.attributes}
    for section, attribute in PARTS:
        found = [classes[one] for one in allowed.get(attribute, ()) if one in classes]
        given = recipe.data.get(section)
        if not found or (section == "checkpoint" and not given):
            continue
        several = isinstance(given, list)
        for number, one in enumerate(given if isinstance(given, list) else [given]):
            name = one.get("type") if isinstance(one, dict) else None
            names = {host.registered_name: host for host in reversed(found)}
            is_name = isinstance(name, str)
            part = (names.get(name) if is_name else None) if name else _default_part(recipe, found)
            if part is not None:
                yield part
            else:
                keys = (section, number, "type") if several else (section, "type")
                yield _unknown(recipe, f"{section} of '{trainer.id.name}'", name, names, keys)
            if part is not None and section == "data":
                yield from _sources_of(recipe, trainer, part, classes)


def _default_part(recipe: Recipe, allowed: Sequence[HostClass]) -> HostClass:
    """The default for a section without a type."""
    folders = (recipe.data.get(key) for key in ("tokenizer", "model"))
    has_folder = any(isinstance(one, dict) and one.get("name_or_path") for one in folders)
    loads = [host for host in allowed if _LOADS_TOKENIZERS in host.mro and has_folder]
    return (loads or allowed)[0]


def _data_sources(recipe: Recipe, trainer: HostClass) -> Iterator[tuple[str, int, Any]]:
    """The entries of ``data.sources`` and ``data.eval_sources`` of ArcticTraining."""
    data = recipe.data.get("data")
    if trainer.framework != ARCTIC_TRAINING or not isinstance(data, dict):
        return
    for key in ("sources", "eval_sources"):
        given = data.get(key)
        for number, one in enumerate(given if isinstance(given, list) else ()):
            yield key, number, one


def _sources_of(
    recipe: Recipe, trainer: HostClass, factory: HostClass, classes: dict[ClassId, HostClass]
) -> Iterator[HostClass | Finding]:
    """The classes of the data sources (``config/data.py`` of ArcticTraining: a string may start
    with the type)."""
    known = {
        host.registered_name: host
        for host in classes.values()
        if host.kind == "DataSource" and host.compiled and host.registered_name
    }
    defaults = [
        classes[cls].registered_name
        for one in factory.attributes
        for cls in one.classes
        if one.name == "default_source_cls" and cls in classes
    ]
    usual = defaults[0] if defaults else "huggingface"
    for key, number, one in _data_sources(recipe, trainer):
        name = one.get("type", usual) if isinstance(one, dict) else str(one).partition(":")[0]
        if isinstance(one, str) and name not in known:
            name = usual
        if isinstance(name, str) and name in known:
            yield known[name]
        else:
            yield _unknown(recipe, "data source", name, known, ("data", key, number, "type"))


def _unknown(
    recipe: Recipe, what: str, name: object, known: Iterable[str | None], keys: Sequence[str | int]
) -> Finding:
    names = ", ".join(sorted(one for one in known if one is not None))
    return message("AC019", "unknown-part", what=what, name=name, names=names).at(
        recipe.place(*keys)
    )


def _in_order_of_run(host: HostClass) -> HostClass:
    order = {label: number for number, label in enumerate(EVENTS)}
    events = sorted(host.events, key=lambda event: order.get(event.label, len(order)))
    return msgspec.structs.replace(host, events=tuple(events))

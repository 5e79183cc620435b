"""Which compiled file must a recipe's ``code`` name, so that its trainer is the compiled class?"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

import msgspec

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.discover.finder import module_name
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.output import OutputFile
from arctic_codegen.model.ownership import is_below
from arctic_codegen.model.settings import Settings
from arctic_codegen.recipes.reading import DEFAULT_CODE, Recipe

ARCTIC_TRAINING = "arctic_training"

Look = Callable[[Sequence[str]], Sequence[HostClass]]
"""Returns the classes of the sources and of further modules."""


class CompiledCode(msgspec.Struct, frozen=True):
    """The code to load for a recipe: ``path`` is the compiled module that replaces its code.

    ``code`` is set if the recipe's code has no compiled module, and must be loaded as well.
    """

    path: str
    code: str | None = None


def choose(
    recipe: Recipe,
    hosts: Sequence[HostClass],
    outputs: Sequence[OutputFile],
    settings: Settings,
    look: Look,
) -> CompiledCode | Finding | None:
    """The compiled file for a recipe, or the finding if there is none; ``None`` if the recipe
    already names that file."""
    paths = {
        output.module: os.path.join(settings.output, output.path)
        for output in outputs
        if output.module is not None
    }
    code = recipe.code_file()
    if code is not None and is_below(code, os.path.realpath(settings.output)):
        if code in {os.path.realpath(path) for path in paths.values()}:
            return None
        stated = recipe.code or DEFAULT_CODE
        return message("AC018", "not-written", code=stated, path=code).at(recipe.code_place)
    missing = missing_code(recipe, settings)
    if missing is not None:
        return missing
    compiled = [
        host for host in hosts if host.requested and host.compiled and host.id.module in paths
    ]
    trainer = next((host for host in compiled if _trainer_name(host) == recipe.type), None)
    own = {host.id.module for host in compiled if os.path.realpath(host.place.path) == code}
    if trainer is not None and own:
        return CompiledCode(paths[min(own)])
    further = [] if code is None else [module_name(code, settings.src)]
    if trainer is None:
        further.append(ARCTIC_TRAINING)
    found = look([name for name in further if name is not None])
    if trainer is None:
        return no_trainer(recipe, found, settings)
    left_out = [host for host in found if os.path.realpath(host.place.path) == code]
    if left_out and code is not None:
        names = ", ".join(f"'{host.id.name}'" for host in left_out)
        line = _line_to_add(settings, os.path.relpath(code, settings.root).replace(os.sep, "/"))
        left = message("AC019", "code-not-in-sources", names=names, line=line)
        return left.at(recipe.code_place)
    return CompiledCode(paths[trainer.id.module], code)


def trainer_of(recipe: Recipe, hosts: Sequence[HostClass]) -> HostClass | None:
    """The trainer that a recipe selects; the project's own takes precedence."""
    found = [
        host
        for host in hosts
        if host.kind == "Trainer" and host.compiled and host.registered_name == recipe.type
    ]
    return next((host for host in found if host.requested), found[0] if found else None)


def missing_code(recipe: Recipe, settings: Settings) -> Finding | None:
    """The finding about a recipe whose code file does not exist."""
    code = recipe.code_file()
    if code is None or os.path.isfile(code):
        return None
    generated = is_below(code, os.path.realpath(settings.output))
    stated = recipe.code or DEFAULT_CODE
    missing = message("AC018", "not-written" if generated else "not-a-file", code=stated, path=code)
    return missing.at(recipe.code_place)


def _trainer_name(host: HostClass) -> str | None:
    is_trainer = host.kind == "Trainer" and host.framework == "arctic_training"
    return host.registered_name if is_trainer else None


def _is_of_blocks(host: HostClass) -> bool:
    return any(one.module.startswith("arctic_codegen.blocks.") for one in host.mro)


def no_trainer(recipe: Recipe, found: Sequence[HostClass], settings: Settings) -> Finding:
    """The finding if no trainer with this name can be used."""
    trainers = [host for host in found if host.kind == "Trainer"]
    there = next((host for host in trainers if _trainer_name(host) == recipe.type), None)
    if there is not None and there.compiled:
        line = _line_to_add(settings, _source_of(there, settings))
        left = message("AC019", "trainer-not-in-sources", name=recipe.type, id=there.id, line=line)
        return left.at(recipe.type_place)
    if there is not None:
        abstract = message("AC019", "abstract", name=recipe.type, id=there.id)
        return abstract.at(recipe.type_place)
    if any(host.registered_name == recipe.type and _is_of_blocks(host) for host in trainers):
        blocks = message("AC019", "blocks", name=recipe.type, recipe=os.path.basename(recipe.path))
        return blocks.at(recipe.type_place)
    names = sorted({host.registered_name for host in trainers if host.registered_name is not None})
    near = suggest.close(recipe.type, names) or tuple(names)
    missing = message("AC019", "unknown-trainer", name=recipe.type)
    if near:
        missing = message(
            "AC019", "unknown-trainer-did-you-mean", name=recipe.type, names=", ".join(near)
        )
    return missing.at(recipe.type_place)


def _source_of(host: HostClass, settings: Settings) -> str:
    """The name of a class's module or package for ``sources``."""
    if host.id.module.split(".")[0] == ARCTIC_TRAINING:
        # Its trainers use its factories: the documentation describes all of them compiled together.
        return ARCTIC_TRAINING
    if any(host.place.path.startswith(root + os.sep) for root in settings.src):
        return os.path.relpath(host.place.path, settings.root).replace(os.sep, "/")
    return host.id.module


def _line_to_add(settings: Settings, source: str) -> str:
    from arctic_codegen.commands.init import toml_list

    return f"sources = {toml_list((*settings.sources, source))}"

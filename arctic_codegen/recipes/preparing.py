"""From a recipe to the command that trains with the compiled classes."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from arctic_codegen import config as configuration
from arctic_codegen.build import driver
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Finding, has_errors
from arctic_codegen.model.hosts import HostClass
from arctic_codegen.model.progress import Progress, quiet
from arctic_codegen.recipes import launching
from arctic_codegen.recipes.choosing import choose
from arctic_codegen.recipes.deriving import (
    code_path,
    derive,
    derived_path,
    is_ours,
    put,
    relative_to,
    script,
)
from arctic_codegen.recipes.reading import Recipe, read_recipe


class Prepared(msgspec.Struct, frozen=True):
    """What a recipe comes to. ``command`` is ``None`` after errors."""

    findings: tuple[Finding, ...]
    command: launching.Command | None = None


def prepare(
    recipe_path: Path,
    arguments: Sequence[str],
    *,
    working_folder: Path,
    config: Path | None = None,
    use_cache: bool = True,
    progress: Progress = quiet,
) -> Prepared:
    """Builds, and puts the compiled file into a copy of the recipe.

    The configuration is the nearest to the working folder, as for every command; where there is
    none, the nearest to the recipe. Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` for
    what is no mistake in a file: no configuration, no launcher, a folder that cannot be written to.
    """
    recipe = read_recipe(recipe_path)
    if isinstance(recipe, Finding):
        return Prepared((recipe,))
    if is_ours(recipe.text):
        raise WrongUse(
            f"'{recipe_path}' was made by arctic-codegen and would be made again",
            "run the recipe that it was made from",
        )
    loaded = configuration.load(
        folder_of_config(working_folder, recipe), config=config, use_cache=use_cache
    )
    if loaded.settings is None:
        return Prepared(loaded.findings)
    settings = loaded.settings
    program = launching.launcher(settings.python)
    built = driver.build(settings, progress=progress)
    if not built.complete or has_errors(built.findings):
        return Prepared(built.findings)

    def look(modules: Sequence[str]) -> Sequence[HostClass]:
        return driver.resolve_project(settings, also=modules, progress=progress).hosts

    choice = choose(recipe, built.hosts, built.outputs, settings, look)
    if isinstance(choice, Finding):
        return Prepared((*built.findings, choice))
    shown = str(recipe_path)
    files: dict[str, str] = {}
    if choice is not None:
        code = choice.path
        if choice.code is not None:
            code = code_path(recipe.path)
            files[code] = script(recipe, choice.code, choice.path)
        files[derived_path(recipe.path)] = derive(recipe, relative_to(recipe.folder, code))
        shown = derived_path(shown)
    for path, text in files.items():
        obstacle = put(path, text)
        if obstacle is not None:
            return Prepared((*built.findings, obstacle))
    made = launching.command(program, shown, arguments, os.environ)
    return Prepared(built.findings, made)


def folder_of_config(working_folder: Path, recipe: Recipe) -> Path:
    """Where to look for the configuration: from the working folder up, or else from the recipe."""
    if configuration.find_config(working_folder) is not None:
        return working_folder
    beside = Path(recipe.folder)
    return beside if configuration.find_config(beside) is not None else working_folder

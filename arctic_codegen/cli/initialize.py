"""``arctic-codegen init``"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path

import click

from arctic_codegen.build.driver import resolve_project
from arctic_codegen.cli.console import counted, progress_of, report, report_findings, summary
from arctic_codegen.cli.options import HelpWithExamples, Options, common_options
from arctic_codegen.commands.initializer import (
    Proposal,
    extended,
    line_of_table,
    propose,
    provisional,
    with_source,
)
from arctic_codegen.config.toml_places import MOST_BYTES, error_place, parsed, read_start
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.diagnostics.texts import shown_path, visible
from arctic_codegen.editing.rewriting import rewrite
from arctic_codegen.files.replacing import replace_file
from arctic_codegen.recipes.choosing import ARCTIC_TRAINING, trainer_names
from arctic_codegen.recipes.finding import find_recipes
from arctic_codegen.recipes.reading import Recipe

EPILOG = """\
Examples:
  arctic-codegen init              write [tool.arctic-codegen] into pyproject.toml
  arctic-codegen init --dry-run    only print it
"""


@click.command("init", cls=HelpWithExamples, epilog=EPILOG)
@click.option("--dry-run", is_flag=True, help="Print the configuration and write nothing.")
@common_options
def command(chosen: Options, dry_run: bool) -> int:
    """Write a configuration for the project in this folder.

    Looks for classes with callbacks in the Python files below, and adds a table that names
    their packages to pyproject.toml. Everything else in that file stays as it is.
    """
    target = chosen.config or chosen.working_folder / "pyproject.toml"
    text = _existing(target)
    if isinstance(text, Finding):
        report_findings([text], chosen)
        return 1
    folder = str(chosen.working_folder)
    recipes = find_recipes(folder)
    with progress_of(chosen) as progress:
        settings = provisional(folder, need_files=not recipes)
        resolved = resolve_project(settings, progress=progress)
        wanted = {recipe.type for recipe in recipes}
        installed: tuple[str, ...] = ()
        if not resolved.failed and wanted - trainer_names(resolved.hosts):
            # The trainers that come with ArcticTraining are compiled where they are named.
            wider = with_source(settings, ARCTIC_TRAINING)
            more = resolve_project(wider, progress=progress)
            own = trainer_names(resolved.hosts)
            if not more.failed and (wanted - own) & trainer_names(more.hosts):
                settings, resolved, installed = wider, more, (ARCTIC_TRAINING,)
    proposal = propose(settings, resolved.hosts, installed, resolved.findings)
    if not proposal.hosts:
        if resolved.findings:
            report_findings(resolved.findings, chosen)
            summary("No class with a callback mixin is found; nothing is written.", chosen)
            return 1
        raise WrongUse(
            "no class with a callback mixin is found in the Python files below this folder",
            "derive one from arctic_codegen.CallbackMixin, then run `arctic-codegen init` again",
        )
    _show_proposal(proposal, recipes, installed, chosen)
    table = proposal.table()
    new = extended(text, table)
    if dry_run:
        report(table, chosen)
        summary(f"{shown_path(str(target), str(chosen.working_folder))} is left as it is", chosen)
        return 0
    _write(target, text, new)
    report(table, chosen)
    where = shown_path(str(target), str(chosen.working_folder))
    summary(f"Wrote this to {where}; `arctic-codegen build` compiles the project", chosen)
    return 0


def _existing(target: Path) -> str | Finding | None:
    """The text of a file to extend; ``None`` where there is none yet."""
    try:
        data = read_start(target)
        text = data.decode("utf-8")
    except FileNotFoundError:
        if target.is_symlink():
            raise WrongUse(f"'{target}' is a link that leads nowhere") from None
        return None
    except UnicodeDecodeError as error:
        raise WrongUse(f"'{target}' is not UTF-8") from error
    except OSError as error:
        raise WrongUse(f"cannot read '{target}': {error.strerror}") from error
    if len(data) > MOST_BYTES:
        raise WrongUse(f"'{target}' is larger than {MOST_BYTES:,} bytes, and would not be read")
    try:
        parsed(text)
    except ValueError as error:
        reason = str(error).partition(" (at ")[0]
        place = Place(str(target.absolute()), error_place(text, error))
        return Finding("AC010", f"invalid TOML: {reason}", place)
    line = line_of_table(text)
    if line is not None:
        raise WrongUse(
            f"'{target.name}' has a configuration already, at line {line}",
            "change it there, or delete it first",
        )
    return text


def _write(target: Path, before: str | None, new: str) -> None:
    """Whole or not at all: what else stands in the file is somebody's work."""
    path = str(target.absolute())
    if before is not None:
        rewrite({path: new.encode("utf-8")}, {path: before.encode("utf-8")})
        return
    if not target.parent.is_dir():
        raise WrongUse(f"cannot write '{target}': there is no folder '{target.parent}'")
    try:
        replace_file(path, new.encode("utf-8"))
    except OSError as error:
        raise WrongUse(f"cannot write '{target}': {error.strerror}") from error


def _show_proposal(
    proposal: Proposal,
    recipes: Sequence[Recipe],
    installed: Sequence[str],
    chosen: Options,
) -> None:
    """What was found, for a person to check."""
    if chosen.quiet:
        return
    folder = str(chosen.working_folder)
    lines = ["import roots: " + ", ".join(shown_path(root, folder) for root in proposal.roots)]
    own = [host for host in proposal.hosts if host.id.module.split(".")[0] not in installed]
    for module, hosts in groupby(own, lambda host: host.id.module):
        names = [host.id.name for host in hosts]
        lines.append(f"  {module}: {', '.join(names)}")
    lines.append(f"found {counted(len(own), 'class')}")
    if recipes:
        lines += ["recipes:", *_recipe_lines(proposal, recipes, folder)]
    if installed:
        lines.append(
            f"{', '.join(installed)} is among the sources: some recipes train with a trainer of its"
        )
    print("\n".join(map(visible, lines)) + "\n", file=sys.stderr)


def _recipe_lines(proposal: Proposal, recipes: Sequence[Recipe], folder: str) -> Iterator[str]:
    """The recipes by trainer, and what there is of it."""
    known = trainer_names(proposal.hosts)
    ordered = sorted(recipes, key=lambda recipe: (recipe.type, recipe.path))
    for trainer, group in groupby(ordered, lambda recipe: recipe.type):
        paths = [shown_path(recipe.path, folder) for recipe in group]
        shown = ", ".join(paths[:3]) + (f" and {len(paths) - 3} more" if len(paths) > 3 else "")
        missing = "" if trainer in known else ": no trainer of that name is found"
        yield f"  {trainer} ({shown}){missing}"

"""``arctic-codegen run``"""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from arctic_codegen.cli.console import counts, report, report_findings, summary, with_progress
from arctic_codegen.cli.options import HelpWithExamples, Options, common_options
from arctic_codegen.diagnostics.records import has_errors
from arctic_codegen.diagnostics.texts import shown_path
from arctic_codegen.recipes.launching import Command, start
from arctic_codegen.recipes.preparing import Prepared, prepare

EPILOG = """\
Examples:
  arctic-codegen run recipe.yaml                          build, and train with what was built
  arctic-codegen run recipe.yaml -- --num_gpus 2          options after -- are the launcher's
  arctic-codegen run recipe.yaml -- process-data          and so is its mode
  arctic-codegen run recipe.yaml --dry-run                only print the recipe and the command
"""


@click.command("run", cls=HelpWithExamples, epilog=EPILOG)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.argument("arguments", nargs=-1, metavar="[-- ARGS]", type=click.UNPROCESSED)
@click.option("--dry-run", is_flag=True, help="Write and start nothing; print what would be.")
@common_options
def command(chosen: Options, recipe: Path, arguments: tuple[str, ...], dry_run: bool) -> int:
    """Train a recipe of ArcticTraining's with the compiled classes.

    Builds, writes RECIPE once more beside itself as RECIPE.arctic-codegen.yaml with the compiled
    file as its `code:`, and becomes ArcticTraining's launcher, which gets ARGS. RECIPE itself
    stays as it is.
    """
    prepared = with_progress(chosen, prepare, recipe, arguments, write=not dry_run)
    if prepared.findings:
        report_findings(prepared.findings, chosen)
    if prepared.command is None:
        summary(f"Found {counts(prepared.findings, False)}; nothing is started.", chosen)
        return 1 if has_errors(prepared.findings) else 2
    if dry_run:
        report(_shown(prepared, prepared.command, chosen), chosen)
        return 0
    summary(_line(prepared.command), chosen)
    start(prepared.command)
    raise AssertionError("the launcher has taken the place of this process")


def _line(made: Command) -> str:
    return f"$ {shlex.join(made.arguments)}"


def _shown(prepared: Prepared, made: Command, chosen: Options) -> str:
    """The command, and each file that would be written with its path above it."""
    folder = str(chosen.working_folder)
    parts = [f"{_line(made)}\n"]
    for path, text in prepared.files:
        parts.append(f"\n--- {shown_path(path, folder)}\n{text}")
    return "".join(part if part.endswith("\n") else f"{part}\n" for part in parts)

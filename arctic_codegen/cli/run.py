"""``arctic-codegen run``: its options, and the launcher that it becomes."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from arctic_codegen.cli import console
from arctic_codegen.cli.options import HelpWithExamples, Options, common_options
from arctic_codegen.diagnostics.records import has_errors
from arctic_codegen.recipes.launching import start
from arctic_codegen.recipes.preparing import prepare

EPILOG = """\
Examples:
  arctic-codegen run recipe.yaml                  build and train
  arctic-codegen run recipe.yaml -- --num_gpus 2  pass options to the launcher
  arctic-codegen run recipe.yaml -- process-data  another mode of the launcher
"""


@click.command("run", cls=HelpWithExamples, epilog=EPILOG)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.argument("arguments", nargs=-1, metavar="[-- ARGS]", type=click.UNPROCESSED)
@common_options
def command(chosen: Options, recipe: Path, arguments: tuple[str, ...]) -> int:
    """Train an ArcticTraining recipe with the compiled classes.

    Builds, copies RECIPE to RECIPE.arctic-codegen.yaml with the compiled file as its `code:`, and
    starts ArcticTraining's launcher with ARGS. RECIPE itself is not changed.
    """
    prepared = console.with_progress(chosen, prepare, recipe, arguments)
    if prepared.findings:
        console.report_findings(prepared.findings, chosen)
    if prepared.command is None:
        found = console.counts(prepared.findings, False)
        console.summary(f"Found {found}; nothing is started.", chosen)
        return 1 if has_errors(prepared.findings) else 2
    console.summary(f"$ {shlex.join(prepared.command.arguments)}", chosen)
    start(prepared.command)
    raise AssertionError("the launcher has taken the place of this process")

"""``arctic-codegen run``: its options, and the launcher that replaces the process."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from arctic_codegen._version import TRACE_VARIABLE
from arctic_codegen.cli import console
from arctic_codegen.cli.options import Options, project_command, refuse_to_overwrite
from arctic_codegen.diagnostics.records import has_errors
from arctic_codegen.recipes.launching import has_hostfile, start
from arctic_codegen.recipes.preparing import prepare
from arctic_codegen.trace.options import TraceOptions, to_environment

EPILOG = """\
Examples:
  arctic-codegen run recipe.yaml                  build and train
  arctic-codegen run recipe.yaml -- --num_gpus 2  pass options to the launcher
  arctic-codegen run --trace trace.json recipe.yaml
                                                  time each callback
  arctic-codegen run recipe.yaml -- process-data  another mode of the launcher
"""


@project_command("run", EPILOG)
@click.argument("recipe", type=click.Path(path_type=Path))
@click.argument("arguments", nargs=-1, metavar="[-- ARGS]", type=click.UNPROCESSED)
@click.option(
    "--trace",
    "trace_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Time each event and callback; rank 0 writes FILE, rank 1 FILE with `.rank1`. On "
    "several nodes it needs a line in `.deepspeed_env`.",
)
@click.option(
    "--breadcrumbs",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="Keep each rank's current call there, for `arctic-codegen where`.",
)
def command(
    chosen: Options,
    recipe: Path,
    arguments: tuple[str, ...],
    trace_file: Path | None,
    breadcrumbs: Path | None,
) -> int:
    """Train an ArcticTraining recipe with the compiled classes.

    Builds, copies RECIPE to RECIPE.arctic-codegen.yaml with the compiled file as its `code:`, and
    starts ArcticTraining's launcher with ARGS. RECIPE itself is not changed.
    """
    if trace_file is not None:
        refuse_to_overwrite(trace_file)
    prepared = console.with_progress(chosen, prepare, recipe, arguments)
    if prepared.findings:
        console.report_findings(prepared.findings, chosen)
    if prepared.command is None:
        found = console.counts(console.listed(prepared.findings, False), False)
        console.summary(f"Found {found}; nothing was started.", chosen)
        return 1 if has_errors(prepared.findings) else 2
    if trace_file is not None or breadcrumbs is not None:
        asked = TraceOptions(
            None if trace_file is None else str(trace_file),
            None if breadcrumbs is None else str(breadcrumbs),
        )
        to_environment(asked, prepared.command.environment)
        if has_hostfile(arguments):
            needed = (
                "does not pass on `--breadcrumbs`"
                if trace_file is None
                else "traces ranks only if '.deepspeed_env', here or in your home folder, has "
                f"the line {TRACE_VARIABLE}={trace_file.absolute()}"
            )
            console.summary(f"With several nodes, DeepSpeed's launcher {needed}", chosen)
    console.summary(f"$ {shlex.join(prepared.command.arguments)}", chosen)
    start(prepared.command)
    raise AssertionError("the launcher has taken the place of this process")

"""``arctic-codegen where``: prints the current call of each rank of a run."""

from __future__ import annotations

from pathlib import Path

import click

from arctic_codegen.cli.group import WithExamples
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.trace.breadcrumbs import whereabouts
from arctic_codegen.trace.where_table import where_text

EPILOG = """\
Examples:
  python -m arctic_codegen.trace --breadcrumbs crumbs train.py
  arctic-codegen run --breadcrumbs crumbs recipe.yaml
  arctic-codegen where crumbs                     in another terminal
"""


@click.command("where", cls=WithExamples, epilog=EPILOG)
@click.argument("folder", type=click.Path(path_type=Path))
def command(folder: Path) -> int:
    """Print the current or last call of each rank of a run.

    FOLDER is what you passed to the run as --breadcrumbs. A rank that is in a different call than
    most, or is behind, is marked: in a run that hangs, the others wait for it.
    """
    try:
        found = whereabouts(folder)
    except FileNotFoundError as error:
        raise WrongUse(str(error), "start the run with `--breadcrumbs FOLDER`") from error
    click.echo(where_text(found))
    return 0

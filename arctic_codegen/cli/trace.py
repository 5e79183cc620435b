"""``arctic-codegen trace``: merges and summarizes the traces of a run."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from arctic_codegen.cli.group import WithExamples
from arctic_codegen.cli.options import refuse_to_overwrite, writing
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.machine import json_text
from arctic_codegen.report.trace_json import trace_document
from arctic_codegen.trace import merging
from arctic_codegen.trace.sites import Total
from arctic_codegen.trace.table import table

EPILOG = """\
Examples:
  python -m arctic_codegen.trace train.py      trace a program
  arctic-codegen run --trace FILE recipe.yaml  trace an ArcticTraining recipe
  arctic-codegen trace merge trace*.json -o all.json
                                               all ranks on one clock
  arctic-codegen trace table trace.rank1.json  what callbacks cost on rank 1
"""


class _Group(WithExamples, click.Group):
    pass


_FILES = click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path)
)


@click.group("trace", cls=_Group, epilog=EPILOG)
def command() -> None:
    """Merge or summarize the traces of a run.

    `python -m arctic_codegen.trace` and `arctic-codegen run --trace` write them.
    """


@command.command("merge")
@_FILES
@click.option(
    "-o",
    "--output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write the merged trace.",
)
def merge(files: tuple[Path, ...], output: Path) -> int:
    """Put the traces of several ranks on one clock, in one file."""
    if output.resolve() in {file.resolve() for file in files}:
        raise WrongUse(f"'{output}' is one of the traces to merge", "choose another --output")
    refuse_to_overwrite(output)
    events = _read(merging.merge, files)
    lines = ",\n".join(json.dumps(event) for event in events)
    with writing(output):
        output.write_text(f"[\n{lines}\n]\n", encoding="utf-8")
    return 0


@command.command("table")
@_FILES
@click.option("--format", "format_", type=click.Choice(("full", "json")), default="full")
def show_table(files: tuple[Path, ...], format_: str) -> int:
    """Print what each callback cost, over all files."""
    totals = read_totals(files)
    if format_ == "json":
        click.echo(json_text(trace_document(totals)), nl=False)
    else:
        click.echo(table(totals))
    return 0


def read_totals(files: Sequence[Path]) -> list[Total]:
    """The totals over the traces of several ranks."""
    return merging.added(merging.totals(_read(merging.read, file)) for file in files)


def _read(reader: Any, given: Any) -> Any:
    try:
        return reader(given)
    except merging.NoTraceError as error:
        raise WrongUse(str(error)) from error
    except OSError as error:
        raise WrongUse(f"cannot read '{error.filename}': {error.strerror}") from error

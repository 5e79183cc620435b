"""``arctic-codegen annotate``: its options and its report."""

from __future__ import annotations

import click

from arctic_codegen.cli import console
from arctic_codegen.cli.options import Options, project_command
from arctic_codegen.commands.annotate import annotate
from arctic_codegen.commands.results import unified_diff

EPILOG = """\
Examples:
  arctic-codegen annotate --diff  show what would be written
  arctic-codegen annotate         write it; then build and check
"""


@project_command("annotate", EPILOG)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--diff", is_flag=True, help="Write nothing; print the changes.")
def command(chosen: Options, paths: tuple[str, ...], diff: bool) -> int:
    """Add missing annotations to callbacks, with the types of their methods.

    PATH is a file, folder or module: no other file is edited.

    New imports go under TYPE_CHECKING. Afterwards `check --sources` reports the type errors that
    the annotations reveal.
    """
    result = console.with_progress(chosen, annotate, paths, edit=not diff)
    if diff and result.settings is not None and not (result.exit_code and not result.edits):
        console.report(unified_diff(result.edits, "", result.settings), chosen)
    else:
        console.report_findings(result.findings, chosen)
    text = "Nothing to annotate"
    if result.edits:
        verb = "would be" if diff else "are" if result.callbacks > 1 else "is"
        where = console.counted(len(result.edits), "source")
        text = f"{console.counted(result.callbacks, 'callback')} in {where} {verb} annotated"
    if result.edited and result.edits:
        text += "; run `arctic-codegen build` and `arctic-codegen check --sources` now"
    console.summary(text, chosen, result.findings)
    return result.exit_code

"""``arctic-codegen annotate``"""

from __future__ import annotations

import click

from arctic_codegen.cli import console
from arctic_codegen.cli.options import HelpWithExamples, Options, common_options
from arctic_codegen.commands.annotating import annotate
from arctic_codegen.commands.results import unified_diff

EPILOG = """\
Examples:
  arctic-codegen annotate --diff           show what would be written
  arctic-codegen annotate                  write it, and report the type errors that it reveals
"""


@click.command("annotate", cls=HelpWithExamples, epilog=EPILOG)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@common_options
def command(chosen: Options, paths: tuple[str, ...], diff: bool) -> int:
    """Write into the sources the annotations that callbacks lack, as their methods have them.

    What is imported for them is imported under TYPE_CHECKING alone. Type errors that
    the annotations reveal are reported afterwards, as `check` reports them.
    """
    result = console.with_progress(chosen, annotate, paths, edit=not diff)
    findings = result.reported
    if diff and result.settings is not None and not (result.exit_code and not result.edits):
        console.report(unified_diff(result.edits, "", result.settings), chosen)
    else:
        console.report_findings(findings, chosen)
    text = "There is nothing to annotate"
    if result.edits:
        verb = "would be" if diff else "are" if result.callbacks > 1 else "is"
        where = console.counted(len(result.edits), "source")
        text = f"{console.counted(result.callbacks, 'callback')} in {where} {verb} annotated"
        text += "" if diff else "; `arctic-codegen build` brings the output up to date"
        if not diff and result.checked is None:
            text += "; no type checker is installed that could report the errors that this reveals"
    console.summary(text, chosen, findings)
    return result.exit_code

"""``arctic-codegen diff``: its options, and its report."""

from __future__ import annotations

import click

from arctic_codegen.cli import console
from arctic_codegen.cli.options import HelpWithExamples, Options, common_options
from arctic_codegen.commands.diff import diff
from arctic_codegen.report.plan_diff import plan_diff_document, plan_diff_text

EPILOG = """\
Examples:
  arctic-codegen diff                 changes since the last commit
  arctic-codegen diff --against main  changes on a branch
  arctic-codegen diff --format json   for other programs

Marks: + added, - removed, ~ moved, ! other arguments, wrappers or signature.
Numbers are positions among the pre or post callbacks of an event.
"""


@click.command("diff", cls=HelpWithExamples, epilog=EPILOG)
@click.option(
    "--against",
    default="HEAD",
    show_default=True,
    metavar="REV",
    help="Git revision to compare with.",
)
@common_options
def command(chosen: Options, against: str) -> int:
    """Show which callbacks changed since a git revision.

    Reads the revision through git, without a checkout. A change in a base class shows in each
    subclass.
    """
    result = console.with_progress(chosen, diff, against)
    folder = str(chosen.working_folder)
    if result.settings is None:
        console.report_findings(result.findings, chosen)
        return result.exit_code
    console.report_with_findings(
        result.findings,
        lambda: plan_diff_document(result.changes, result.commit, folder),
        lambda: plan_diff_text(result.changes, folder),
        chosen,
    )
    if result.errors_before:
        console.summary(
            f"At {against} the sources have {console.counted(result.errors_before, 'error')}: "
            "some of what is there may be missing here",
            chosen,
        )
    text = f"No calls differ from {against}"
    if result.changes:
        verb = "differs" if len(result.changes) == 1 else "differ"
        text = f"{console.counted(len(result.changes), 'class')} {verb} from {against}"
    console.summary(text, chosen, result.findings)
    return result.exit_code

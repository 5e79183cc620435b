"""``arctic-codegen diff``: its options and its report."""

from __future__ import annotations

import click

from arctic_codegen.cli import console
from arctic_codegen.cli.options import Options, project_command
from arctic_codegen.commands.diff import diff
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.report.plan_diff import plan_diff_document, plan_diff_text
from arctic_codegen.report.pull_request import diff_markdown

EPILOG = """\
Examples:
  arctic-codegen diff                 changes since the last commit
  arctic-codegen diff --against main  changes on a branch
  arctic-codegen diff --format json   for other programs
  arctic-codegen diff --format markdown
                                      for a pull request
  arctic-codegen diff --fail-on removed,changed
                                      exit with 1 for these

Marks: + added, - removed, ~ moved, ! other declaration, arguments, wrappers,
signature or lambda. Numbers are positions among the pre or post callbacks of an
event.
"""


@project_command("diff", EPILOG, formats=("markdown",))
@click.option(
    "--against",
    default="HEAD",
    show_default=True,
    metavar="REV",
    help="Git revision to compare with.",
)
@click.option(
    "--fail-on",
    default="",
    metavar="KINDS",
    help="Exit with 1 for these changes: added,removed,moved,changed.",
)
def command(chosen: Options, against: str, fail_on: str) -> int:
    """Show which callbacks changed since a git revision.

    Reads the revision through git, without a checkout. A change in a base class shows in each
    subclass.
    """
    refused = _kinds(fail_on)
    result = console.with_progress(chosen, diff, against)
    if console.view(chosen, result) is None:
        return result.exit_code
    console.report_with_findings(
        result.findings,
        lambda: plan_diff_document(result.changes, result.commit),
        lambda: plan_diff_text(result.changes),
        chosen,
        more={"markdown": lambda: diff_markdown(result.changes, against)},
    )
    if result.errors_before:
        console.summary(
            f"At {against} the sources have {console.counted(result.errors_before, 'error')}: "
            "this comparison may be incomplete",
            chosen,
        )
    text = f"No calls differ from {against}"
    if result.changes:
        verb = "differs" if len(result.changes) == 1 else "differ"
        text = f"{console.counted(len(result.changes), 'class')} {verb} from {against}"
    console.summary(text, chosen, result.findings)
    fails = any(
        _KIND.get(one.change, "changed") in refused
        for cls in result.changes
        for event in cls.events
        for one in event.changes
    )
    return int(fails) or result.exit_code


_KIND = {kind: kind for kind in ("added", "removed", "moved")}
"""The names of changes in ``--fail-on``; all others are ``changed``."""


def _kinds(text: str) -> frozenset[str]:
    kinds = frozenset(one.strip() for one in text.split(",") if one.strip())
    wrong = sorted(kinds - {*_KIND, "changed"})
    if wrong:
        raise WrongUse(
            f"--fail-on: unknown kind '{wrong[0]}'", "use added, removed, moved or changed"
        )
    return kinds

"""``arctic-codegen diff``"""

from __future__ import annotations

from typing import Any

import click

from arctic_codegen.cli.console import (
    Progress,
    beside,
    counted,
    counts,
    report,
    report_beside,
    report_findings,
    summary,
)
from arctic_codegen.cli.options import HelpWithExamples, common_options, options
from arctic_codegen.comparing import diff
from arctic_codegen.diagnostics.machine import json_text
from arctic_codegen.report.plan_diff import plan_diff_document, plan_diff_text

EPILOG = """\
Examples:
  arctic-codegen diff                      what changed in the calls since the last commit
  arctic-codegen diff --against main       for a review: what a branch changes
  arctic-codegen diff --format json        for other programs

+ added  - removed  ~ moved  ! other arguments, wrappers or signature; numbers count the callbacks
of a phase
"""


@click.command("diff", cls=HelpWithExamples, epilog=EPILOG)
@click.option(
    "--against", default="HEAD", show_default=True, metavar="REV", help="A revision that git knows."
)
@common_options
def command(against: str, **common: Any) -> int:
    """Show how the calls of compiled classes differ between a revision and now.

    The sources at the revision are read through git; nothing is checked out. A change in a
    parent's module shows in each of its subclasses.
    """
    chosen = options(common)
    progress = Progress(chosen)
    try:
        result = diff(
            against,
            working_folder=chosen.working_folder,
            config=chosen.config,
            use_cache=chosen.use_cache,
            progress=progress,
        )
    finally:
        progress.done()
    folder = str(chosen.working_folder)
    if result.settings is None:
        report_findings(result.findings, chosen, strict=False)
        return result.exit_code
    findings = report_beside(result.findings, chosen, strict=False)
    if chosen.format == "json":
        report(json_text(plan_diff_document(result.changes, result.commit, folder)), chosen)
    else:
        report(beside(findings, plan_diff_text(result.changes, folder), chosen), chosen)
    if result.errors_before:
        summary(
            f"At {against} the sources have {counted(result.errors_before, 'error')}: "
            "some of what is there may be missing here",
            chosen,
        )
    found = counts(result.findings, strict=False)
    text = f"{counted(len(result.changes), 'class')} differ from {against}"
    if len(result.changes) == 1:
        text = text.replace("differ", "differs")
    text = text if result.changes else f"No calls differ from {against}"
    summary(f"{text}; found {found}" if found else text, chosen)
    return result.exit_code

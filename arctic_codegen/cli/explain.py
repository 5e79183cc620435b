"""``arctic-codegen explain``"""

from __future__ import annotations

from typing import Any

import click

from arctic_codegen.cli.console import (
    Progress,
    beside,
    counted,
    report,
    report_beside,
    report_findings,
    summary,
)
from arctic_codegen.cli.options import HelpWithExamples, Options, common_options, options
from arctic_codegen.diagnostics.codes import find_code, looks_like_code, nearest_selectors
from arctic_codegen.diagnostics.machine import json_text
from arctic_codegen.faults import WrongUse

EPILOG = """\
Examples:
  arctic-codegen explain my_project.trainers:TrainerB        all its events with callbacks
  arctic-codegen explain my_project.trainers:TrainerB.epoch  one event
  arctic-codegen explain my_project.trainers:TrainerB --compare
                                                             documented and runtime order
  arctic-codegen explain AC201                               what a finding means
"""


@click.command("explain", cls=HelpWithExamples, epilog=EPILOG)
@click.argument("target")
@click.option("--compare", is_flag=True, help="Show the orders of both semantics side by side.")
@common_options
def command(target: str, compare: bool, **common: Any) -> int:
    """Show the calls of a class or of one event in order, each with its place and its reason.

    TARGET is MODULE:CLASS, MODULE:CLASS.EVENT, or the code of a finding.
    """
    chosen = options(common)
    if looks_like_code(target) or find_code(target) is not None:
        return _explain_code(target, chosen)
    return _explain_class(target, compare, chosen)


def _explain_code(target: str, chosen: Options) -> int:
    from arctic_codegen.diagnostics.codes.page import read_page

    entry = find_code(target)
    if entry is None:
        near = nearest_selectors(target.upper())
        raise WrongUse(f"no finding has the code '{target}'", f"did you mean {near}?")
    page = read_page(entry.code)
    if chosen.format == "json":
        values = {
            "code": entry.code,
            "name": entry.name,
            "severity": entry.severity.value,
            "summary": page.summary,
            "why": page.why,
            "wrong": page.wrong,
            "right": page.right,
        }
        report(json_text({"version": 1, **values}), chosen)
    else:
        report(page.text, chosen)
    return 0


def _explain_class(target: str, compare: bool, chosen: Options) -> int:
    from arctic_codegen import api
    from arctic_codegen.report.classes_json import classes_document
    from arctic_codegen.report.explanation import explain_class

    progress = Progress(chosen)
    try:
        result = api.explain(
            target,
            working_folder=chosen.working_folder,
            config=chosen.config,
            use_cache=chosen.use_cache,
            progress=progress,
        )
    finally:
        progress.done()
    folder = str(chosen.working_folder)
    if result.settings is None or result.host is None:
        report_findings(result.findings, chosen, strict=False)
        if result.settings is not None:
            summary(f"No class '{target}' is among what could be read.", chosen)
        return result.exit_code
    findings = report_beside(result.findings, chosen, strict=False)
    if chosen.format == "json":
        report(json_text(classes_document([result.shown()], result.settings, folder)), chosen)
    else:
        text = explain_class(
            result.host,
            result.settings,
            folder,
            event=result.event,
            compare=compare,
            places=dict(result.places),
        )
        report(beside(findings, text, chosen), chosen)
    if result.others:
        others = counted(result.others, "finding")
        summary(f"{others} in other files: `arctic-codegen build` tells all", chosen)
    return result.exit_code

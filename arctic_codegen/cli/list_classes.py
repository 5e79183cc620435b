"""``arctic-codegen list``"""

from __future__ import annotations

from typing import Any

import click

from arctic_codegen import api
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
from arctic_codegen.diagnostics.machine import json_text
from arctic_codegen.report.classes_json import classes_document
from arctic_codegen.report.listing import list_concise, list_text

EPILOG = """\
Examples:
  arctic-codegen list                              all classes of the project
  arctic-codegen list my_project.trainers          those of a module
  arctic-codegen list my_project/trainers.py       those of a file
  arctic-codegen list arctic_training.trainer.trainer:Trainer
                                                   a class of an installed package
  arctic-codegen list --format json                for other programs
"""


@click.command("list", cls=HelpWithExamples, epilog=EPILOG)
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--strict", is_flag=True, help="List notes too, and fail on any finding.")
@common_options
def command(targets: tuple[str, ...], strict: bool, **common: Any) -> int:
    """List host classes (abstract ones too), their events and callbacks.

    A TARGET is a module, a package, MODULE:CLASS, a file or a folder.
    """
    chosen = options(common)
    progress = Progress(chosen)
    try:
        result = api.list_classes(
            targets,
            working_folder=chosen.working_folder,
            config=chosen.config,
            strict=strict,
            use_cache=chosen.use_cache,
            progress=progress,
        )
    finally:
        progress.done()
    folder = str(chosen.working_folder)
    if result.settings is None:
        report_findings(result.findings, chosen, strict)
        return result.exit_code
    findings = report_beside(result.findings, chosen, strict)
    if chosen.format == "json":
        report(json_text(classes_document(result.classes, result.settings, folder)), chosen)
    else:
        listing = list_concise if chosen.format == "concise" else list_text
        text = listing(result.classes, result.settings, folder)
        report(beside(findings, text, chosen), chosen)
    found = counts(result.findings, strict)
    summary(
        f"{counted(len(result.classes), 'class')}" + (f"; found {found}" if found else ""), chosen
    )
    return result.exit_code

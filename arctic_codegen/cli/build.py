"""``arctic-codegen build``"""

from __future__ import annotations

import os
from typing import Any

import click

from arctic_codegen import api
from arctic_codegen.cli.console import Progress, counted, counts, report, report_findings, summary
from arctic_codegen.cli.options import HelpWithExamples, Options, common_options, options
from arctic_codegen.diagnostics.texts import shown_path

EPILOG = """\
Examples:
  arctic-codegen build                     compile what pyproject.toml names
  arctic-codegen build my_project          compile a folder, with or without configuration
  arctic-codegen build --check             write nothing; exit 1 if a build would
  arctic-codegen build --diff              print what a build would change
  arctic-codegen build --format github     findings for a workflow's log
"""


@click.command("build", cls=HelpWithExamples, epilog=EPILOG)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if something would change.")
@click.option("--diff", is_flag=True, help="Write nothing; print what would change.")
@click.option("--strict", is_flag=True, help="List notes too, and fail on any finding.")
@click.option("--timings", is_flag=True, help="Tell how long each stage took.")
@common_options
def command(
    paths: tuple[str, ...], check: bool, diff: bool, strict: bool, timings: bool, **common: Any
) -> int:
    """Compile the callbacks of all source classes into the output folder.

    PATHs are files, folders or modules to compile in addition to the configured sources, or by
    themselves where there is no configuration. Nothing is written if there are errors.
    """
    chosen = options(common)
    progress = Progress(chosen)
    try:
        result = api.build(
            paths,
            working_folder=chosen.working_folder,
            config=chosen.config,
            write=not (check or diff),
            tell_differences=check,
            strict=strict,
            use_cache=chosen.use_cache,
            progress=progress,
        )
    finally:
        progress.done()
    if diff and chosen.format in ("full", "concise") and result.changes:
        if result.findings:
            report_findings(result.findings, chosen, strict)
        report(result.diff(), chosen)
    else:
        report_findings(result.findings, chosen, strict)
    if timings:
        for stage, seconds in result.timings:
            summary(f"{seconds:8.3f} s  {stage}", chosen)
    summary(_summary(result, chosen, strict, writing=not (check or diff)), chosen)
    return result.exit_code


def _summary(result: api.BuildResult, chosen: Options, strict: bool, *, writing: bool) -> str:
    found = counts(result.findings, strict)
    seconds = sum(spent for _, spent in result.timings)
    if result.settings is None or not result.complete:
        return f"Found {found}; nothing is written."
    if writing and not result.written:
        return f"Found {found}; the output is not written."
    output = shown_path(result.settings.output, str(chosen.working_folder))
    output = output if output.startswith(os.sep) else f"{output}/"
    made = f"{counted(result.classes, 'class')} from {counted(result.modules, 'module')}"
    if result.written:
        changes = []
        files = [change for change in result.changes if change.kind != "removed"]
        removed = len(result.changes) - len(files)
        if files:
            changes.append(f"{counted(len(files), 'file')} written")
        if removed:
            changes.append(f"{removed} removed")
        state = ", ".join(changes) or "nothing to write"
        text = f"Compiled {made} into {output} ({state}) in {seconds:.2f} s"
    elif result.changes:
        changes_text = counted(len(result.changes), "file")
        text = f"A build would change {changes_text} in {output} ({made}, {seconds:.2f} s)"
    else:
        text = f"{output} is what a build would write ({made}, {seconds:.2f} s)"
    return f"{text}; found {found}" if found else text

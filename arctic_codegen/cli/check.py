"""``arctic-codegen check``"""

from __future__ import annotations

from typing import Any

import click

from arctic_codegen import api
from arctic_codegen.cli.console import Progress, counted, counts, report_findings, summary
from arctic_codegen.cli.options import HelpWithExamples, Options, common_options, options
from arctic_codegen.diagnostics.records import Severity

EPILOG = """\
Examples:
  arctic-codegen check                     for CI: output that is current, types that fit
  arctic-codegen check --checker pyright   with the other type checker
  arctic-codegen check --strict            list notes too, such as callbacks without annotations
  arctic-codegen check --format github     findings on the lines of a pull request
"""


@click.command("check", cls=HelpWithExamples, epilog=EPILOG)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--checker",
    type=click.Choice(("mypy", "pyright")),
    help="The type checker.  [default: as configured, or mypy]",
)
@click.option("--strict", is_flag=True, help="List notes too, and fail on any finding.")
@click.option("--timings", is_flag=True, help="Tell how long each stage took.")
@common_options
def command(
    paths: tuple[str, ...], checker: str | None, strict: bool, timings: bool, **common: Any
) -> int:
    """Check that the output is current, and that every callback has types that fit its method.

    Nothing is written. The type checker sees the output as a build would write it, under the
    project's own settings, and everything is told at the line that a person wrote.
    """
    chosen = options(common)
    progress = Progress(chosen)
    try:
        result = api.check(
            paths,
            working_folder=chosen.working_folder,
            config=chosen.config,
            checker=checker,
            strict=strict,
            use_cache=chosen.use_cache,
            progress=progress,
        )
    finally:
        progress.done()
    report_findings(result.findings, chosen, strict)
    if timings:
        for stage, seconds in result.timings:
            summary(f"{seconds:8.3f} s  {stage}", chosen)
    summary(_summary(result, chosen, strict, checker), chosen)
    return result.exit_code


def _summary(result: api.BuildResult, chosen: Options, strict: bool, checker: str | None) -> str:
    found = counts(result.findings, strict)
    if result.settings is None or not result.complete:
        return f"Found {found}; types are checked when these are mended."
    seconds = sum(spent for _, spent in result.timings)
    made = f"{counted(result.classes, 'class')} from {counted(result.modules, 'module')}"
    name = checker or result.settings.checker
    how = f"checked {made} with {name} in {seconds:.2f} s"
    if not found:
        return f"All is well: {how}"
    worst = [one for one in result.findings if one.severity is not Severity.NOTE]
    return f"Found {found}; {how}" if worst or strict else f"All is well: {how}; found {found}"

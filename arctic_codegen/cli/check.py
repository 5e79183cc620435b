"""``arctic-codegen check``: its options, and its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from arctic_codegen.cli.options import HelpWithExamples, Options, common_options
from arctic_codegen.typecheck.starting import start_mypy, stop

if TYPE_CHECKING:
    from arctic_codegen.commands.check import CheckResult

EPILOG = """\
Examples:
  arctic-codegen check                     for CI: output that is current, types that fit
  arctic-codegen check --checker pyright   with the other type checker
  arctic-codegen check --sources           report all type errors of the sources, too
  arctic-codegen check --import            import the output too, and compare with what was read
  arctic-codegen check --strict            list notes too, such as callbacks without annotations
  arctic-codegen check --fix --diff        show the fixes; without --diff, make them
  arctic-codegen check --add-ignores       silence what there is today, line by line
  arctic-codegen check --format github     findings on the lines of a pull request
"""


@click.command("check", cls=HelpWithExamples, epilog=EPILOG)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--checker",
    type=click.Choice(("mypy", "pyright")),
    help="The type checker.  [default: as configured, or mypy]",
)
@click.option(
    "--fix", is_flag=True, help="Apply, to the sources, the fixes that have one right answer."
)
@click.option("--add-ignores", is_flag=True, help="Silence each finding on its line.")
@click.option("--diff", is_flag=True, help="With these two: write nothing, print the edits.")
@click.option(
    "--sources",
    is_flag=True,
    help="Report type errors that concern no callback, too.",
)
@click.option(
    "--import",
    "imports",
    is_flag=True,
    help="Import the output too, which runs the project's code, and compare the callbacks.",
)
@click.option("--strict", is_flag=True, help="List notes too, and fail on any finding.")
@click.option("--timings", is_flag=True, help="Show how long each stage took.")
@common_options
def command(
    chosen: Options, paths: tuple[str, ...], diff: bool, timings: bool, **asked: Any
) -> int:
    """Check that the output is current, and that every callback has types that fit its method.

    The output is not written. The type checker sees the output as a build would write it, under the
    project's own settings, and everything is reported at the line that a person wrote. Type errors
    of the sources that concern no callback are left to the type checker itself, or to --sources.
    """
    if diff and asked["fix"] == asked["add_ignores"]:
        raise click.UsageError("--diff needs --fix or --add-ignores (one of them)")
    # Before anything else is imported: it takes as long as all the rest of an unchanged project.
    early = None if asked["checker"] == "pyright" else start_mypy()
    try:
        from arctic_codegen.cli import console
        from arctic_codegen.commands.check import check

        result = console.with_progress(chosen, check, paths, edit=not diff, early=early, **asked)
    finally:
        if early is not None:
            stop(early)
    return _show(result, chosen, diff, asked["imports"], timings)


def _show(result: CheckResult, chosen: Options, diff: bool, imports: bool, timings: bool) -> int:
    from arctic_codegen.cli import console
    from arctic_codegen.commands.results import unified_diff

    if diff and result.settings is not None:
        console.report(unified_diff(result.edits, "", result.settings), chosen)
        later = "; types are checked when these edits are made" if result.types_left else ""
        console.summary(_edits(result, "would be") + later, chosen)
        return int(bool(result.edits))
    console.report_findings(result.findings, chosen, result.strict)
    if result.edits:
        console.summary(_edits(result, "are" if len(result.edits) > 1 else "is"), chosen)
    if timings:
        console.show_timings(result.timings, chosen)
    console.summary(_summary(result, imports), chosen)
    return result.exit_code


def _edits(result: CheckResult, verb: str) -> str:
    from arctic_codegen.cli import console

    done = []
    if result.fixed:
        done.append(f"{console.counted(result.fixed, 'finding')} fixed")
    if result.silenced:
        done.append(f"{console.counted(result.silenced, 'finding')} silenced")
    if not result.edits:
        return "There is nothing to edit"
    return f"{console.counted(len(result.edits), 'source')} {verb} edited: {', '.join(done)}"


def _summary(result: CheckResult, imports: bool) -> str:
    from arctic_codegen.cli import console
    from arctic_codegen.diagnostics.records import Severity

    found = console.counts(result.findings, result.strict)
    if result.settings is None or not result.complete:
        return f"Found {found}; types are checked once these are fixed."
    seconds = sum(spent for _, spent in result.timings)
    how = f"checked {console.compiled(result)} with {result.settings.checker} in {seconds:.2f} s"
    if imports:
        how += ", and imported the output" if result.imported else "; the output is not imported"
    if result.unrelated:
        others = console.counted(result.unrelated, "type error")
        how += f"; {others} of the sources left out (--sources reports them)"
    if not found:
        return f"No problems found: {how}"
    if result.strict or any(one.severity is not Severity.NOTE for one in result.findings):
        return f"Found {found}; {how}"
    return f"No problems found: {how}; found {found}"

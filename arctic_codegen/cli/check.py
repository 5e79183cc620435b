"""``arctic-codegen check``: its options and its report."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from arctic_codegen.cli.options import STRICT_HELP, Options, project_command
from arctic_codegen.typecheck.starting import start_mypy, stop

if TYPE_CHECKING:
    from arctic_codegen.commands.check import CheckResult

EPILOG = """\
Examples:
  arctic-codegen check                    for CI: output and types of callbacks
  arctic-codegen check --checker pyright  check types with pyright
  arctic-codegen check --sources          report all type errors of the sources
  arctic-codegen check --import           compare with the callbacks at run time
  arctic-codegen check --strict           report missing annotations too
  arctic-codegen check --fix --diff       preview the fixes
  arctic-codegen check --add-ignores      silence all current findings
  arctic-codegen check --format github    annotate a pull request
"""


@project_command("check", EPILOG)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option(
    "--checker",
    type=click.Choice(("mypy", "pyright")),
    help="Type checker.  [default: configured, or mypy]",
)
@click.option("--fix", is_flag=True, help="Apply unambiguous fixes to the sources.")
@click.option("--add-ignores", is_flag=True, help="Add an ignore comment for each finding.")
@click.option("--diff", is_flag=True, help="With --fix or --add-ignores: only print the edits.")
@click.option(
    "--sources",
    is_flag=True,
    help="Also report type errors outside callbacks.",
)
@click.option(
    "--import",
    "imports",
    is_flag=True,
    help="Also import the output, which runs your code.",
)
@click.option("--strict", is_flag=True, help=STRICT_HELP)
@click.option("--timings", is_flag=True, help="Show how long each stage took.")
def command(
    chosen: Options, paths: tuple[str, ...], diff: bool, timings: bool, **asked: Any
) -> int:
    """Check that the output is up to date and that the types of callbacks fit.

    Does not write the output. Type errors are reported at the lines you wrote, those outside
    callbacks only with --sources. With PATH, --fix and --add-ignores edit only files in it.
    """
    if diff and asked["fix"] == asked["add_ignores"]:
        raise click.UsageError("--diff needs --fix or --add-ignores (one of them)")
    # Start mypy before importing anything else: for an unchanged project, it takes as long as the
    # rest of the check.
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
        console.summary(_edits(result, "would be") + later, chosen, result.findings, result.strict)
        return int(bool(result.edits))
    listed = console.listed(result.findings, result.strict, hazards=True)
    console.report_findings(listed, chosen, strict=True)
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
        return "Nothing to edit"
    return f"{console.counted(len(result.edits), 'source')} {verb} edited: {', '.join(done)}"


def _summary(result: CheckResult, imports: bool) -> str:
    from arctic_codegen.cli import console
    from arctic_codegen.diagnostics.records import Severity

    found = console.counts(result.findings, result.strict, hazards=True)
    if result.settings is None or not result.complete:
        return f"Found {found}; types are checked once these are fixed."
    seconds = sum(spent for _, spent in result.timings)
    classes = console.compiled_count(result)
    how = f"checked {classes} with {result.settings.checker} in {seconds:.2f} s"
    if imports:
        how += ", and imported the output" if result.imported else "; the output was not imported"
    if result.unrelated:
        others = console.counted(result.unrelated, "type error")
        how += f"; {others} of the sources left out (--sources reports them)"
    if not found:
        return f"No problems found: {how}"
    if result.strict or any(one.severity is not Severity.NOTE for one in result.findings):
        return f"Found {found}; {how}"
    return f"No problems found: {how}; found {found}"

"""``arctic-codegen build``: its options, its report, and the record of the report."""

from __future__ import annotations

import os

import click
import msgspec

from arctic_codegen.build.cache import replay
from arctic_codegen.cli import console
from arctic_codegen.cli.options import STRICT_HELP, Options, project_command
from arctic_codegen.commands.build import build
from arctic_codegen.commands.results import BuildResult
from arctic_codegen.diagnostics.texts import shown_path, visible

EPILOG = """\
Examples:
  arctic-codegen build                  compile the configured sources
  arctic-codegen build my_project       compile a folder, configured or not
  arctic-codegen build --check          is the output up to date?
  arctic-codegen build --diff           show what a build would change
  arctic-codegen build --watch          build again on every save
  arctic-codegen build --format github  annotate a pull request
"""


@project_command("build", EPILOG)
@click.argument("paths", nargs=-1, metavar="[PATH]...")
@click.option("--check", is_flag=True, help="Write nothing; exit 1 if out of date.")
@click.option("--diff", is_flag=True, help="Write nothing; print the changes.")
@click.option("--strict", is_flag=True, help=STRICT_HELP)
@click.option("--watch", is_flag=True, help="Build again on every save, until Ctrl-C.")
@click.option("--timings", is_flag=True, help="Show how long each stage took.")
@click.pass_obj
def command(
    given: tuple[str, ...] | None,
    chosen: Options,
    paths: tuple[str, ...],
    check: bool,
    diff: bool,
    strict: bool,
    watch: bool,
    timings: bool,
) -> int:
    """Compile all classes with callbacks into the output folder.

    PATH is a file, folder or module to compile along with the configured sources, or alone if
    there is no configuration. Nothing is written if there are errors.
    """
    if watch:
        if check or diff or timings:
            raise click.UsageError("--watch cannot be combined with --check, --diff or --timings")
        from arctic_codegen.cli.watch import watch as watch_for_changes

        return watch_for_changes(paths, chosen, strict)
    writing = not (check or diff)
    result = console.with_progress(
        chosen,
        build,
        paths,
        write=writing,
        report_differences=check,
        strict=strict,
    )
    if diff and chosen.format in ("full", "concise") and result.changes:
        if result.findings:
            console.report_findings(result.findings, chosen, strict)
        console.report(result.diff(), chosen)
    else:
        console.report_findings(result.findings, chosen, strict)
    if timings:
        console.show_timings(result.timings, chosen)
        for what, number in result.counts:
            console.summary(f"{number:8d}    {what}", chosen)
    console.report_discarded(result, chosen)
    took = f"{sum(spent for _, spent in result.timings):.2f}"
    console.summary(_summary(result, chosen, took, writing=writing), chosen)
    if given is not None and replay.is_repeatable(given):
        _keep(given, result, chosen, writing=not check)
    return result.exit_code


def _keep(given: tuple[str, ...], result: BuildResult, chosen: Options, *, writing: bool) -> None:
    """Store the report, so that the same command can repeat it while nothing has changed."""
    observer = result.observer
    if result.exit_code or observer is None or observer.folder is None:
        return
    state = observer.output_as_left()
    if state is None:
        return
    name = replay.name_of(given, str(chosen.working_folder))
    again = _summary(
        msgspec.structs.replace(result, changes=()), chosen, replay.SECONDS, writing=writing
    )
    replay.keep(
        os.path.join(observer.folder, replay.FOLDER, name),
        observer.facts,
        state,
        console.findings_text(result.findings, chosen, result.strict),
        "" if chosen.quiet else f"{again}\n",
        plain=chosen.format != "full",
    )


def _summary(result: BuildResult, chosen: Options, seconds: str, *, writing: bool) -> str:
    found = console.counts(result.findings, result.strict)
    if result.settings is None or not result.complete:
        return f"Found {found}; nothing was written."
    if writing and not result.written:
        return f"Found {found}; the output was not written."
    output = visible(shown_path(result.settings.output, str(chosen.working_folder)))
    output = output if output.startswith(os.sep) else f"{output}/"
    made = console.compiled_count(result)
    if result.written:
        removed = sum(change.kind == "removed" for change in result.changes)
        written = len(result.changes) - removed
        done = [f"{console.counted(written, 'file')} written"] if written else []
        done += [f"{removed} removed"] if removed else []
        state = ", ".join(done) or "nothing to write"
        text = f"Compiled {made} into {output} ({state}) in {seconds} s"
    elif result.changes:
        changes = console.counted(len(result.changes), "file")
        text = f"A build would change {changes} in {output} ({made}, {seconds} s)"
    else:
        text = f"{output} is up to date ({made}, {seconds} s)"
    if not result.classes:
        text += "; no class of the sources derives from a callback mixin, or each is abstract"
    return f"{text}; found {found}" if found else text

"""Where does output go? Reports to standard output or a file, everything else to standard error."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from arctic_codegen.build.cache.replay import is_coloured, print_to
from arctic_codegen.cli.options import Options, writing
from arctic_codegen.diagnostics.codes import HAZARDS
from arctic_codegen.diagnostics.full import Segment, render_full, without_style
from arctic_codegen.diagnostics.machine import (
    json_text,
    render_concise,
    render_github,
    render_json,
    render_sarif,
)
from arctic_codegen.diagnostics.records import Finding, Severity
from arctic_codegen.diagnostics.texts import SourceLines, read_from_disk, shown_path, visible
from arctic_codegen.model.progress import Progress, quiet

if TYPE_CHECKING:
    from rich.status import Status

    from arctic_codegen.commands.results import BuildResult, Result
    from arctic_codegen.model.hosts import HostClass
    from arctic_codegen.report.view import View

_Result = TypeVar("_Result")

_SHOW_AFTER = 0.5
"""Seconds after which progress is shown."""

_STYLES = {
    "error": "bold red",
    "warning": "bold yellow",
    "note": "bold cyan",
    "title": "bold",
    "path": "underline",
    "margin": "blue",
    "related": "cyan",
    "help": "bold green",
}


def listed(findings: Sequence[Finding], strict: bool, hazards: bool = False) -> tuple[Finding, ...]:
    """The findings to show: notes only with ``--strict``, notes about hazards also with
    ``hazards``."""
    return tuple(
        found
        for found in findings
        if strict or found.severity is not Severity.NOTE or (hazards and found.code in HAZARDS)
    )


def report_findings(findings: Sequence[Finding], options: Options, strict: bool = False) -> None:
    """Print findings in the chosen format."""
    if options.format == "full" and options.output is None and is_coloured(sys.stdout):
        _print_styled(_in_full(findings, options, strict))
    else:
        report(findings_text(findings, options, strict), options)


def findings_text(findings: Sequence[Finding], options: Options, strict: bool) -> str:
    """The output of :func:`report_findings` without colours."""
    if options.format == "full":
        return without_style(_in_full(findings, options, strict))
    # Some commands have further formats, which are not for findings.
    render = _RENDERERS.get(options.format, render_concise)
    return render(listed(findings, strict), str(options.working_folder))


_RENDERERS = {
    "concise": render_concise,
    "json": render_json,
    "github": render_github,
    "sarif": render_sarif,
}


def _in_full(findings: Sequence[Finding], options: Options, strict: bool) -> list[list[Segment]]:
    lines = SourceLines(read_from_disk)
    return render_full(listed(findings, strict), lines, str(options.working_folder))


def report_with_findings(
    findings: Sequence[Finding],
    document: Callable[[], object],
    text: Callable[[], str],
    options: Options,
    strict: bool = False,
    more: Mapping[str, Callable[[], str]] | None = None,
) -> None:
    """Print the findings, followed by a report of something else as text.

    If the report is JSON or in one of the ``more`` formats, which programs read, findings go to
    standard error. SARIF output contains only the findings.
    """
    alone = {"json": lambda: json_text(document()), **(more or {})}.get(options.format)
    if alone is not None:
        shown = render_concise(listed(findings, strict), str(options.working_folder))
        print(shown, end="", file=sys.stderr)
        report(alone(), options)
        return
    above = findings_text(findings, options, strict)
    report(above if options.format == "sarif" else above + text(), options)


def view(options: Options, result: Result, everything: bool = False) -> View | None:
    """The options of the report of a command such as ``list``. ``None`` if there is nothing to
    report: then the findings, and why there is nothing, are printed instead."""
    from arctic_codegen.report.view import View, terminal_width

    if result.settings is None or result.nothing:
        report_findings(result.findings, options, result.strict)
        if result.nothing:
            summary(result.nothing, options)
        return None
    folder, width = str(options.working_folder), terminal_width()
    return View(result.settings, folder, result.installed_folders, everything, width)


def left_out(view: View, hosts: Iterable[HostClass]) -> str:
    """The end of a summary: how to see the entries that are not shown; may be empty."""
    number = view.left_out(hosts)
    if not number:
        return ""
    noun = "entry" if number == 1 else "entries"
    return f"; {number} log {noun} of ArcticTraining not shown (--all shows all)"


def report(text: str, options: Options) -> None:
    """Write a report to its file or to standard output."""
    if options.output is not None:
        with writing(options.output):
            options.output.write_text(text, encoding="utf-8", errors="backslashreplace")
        return
    print_to(sys.stdout, text)


def _print_styled(shown: Sequence[Sequence[Segment]]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for line in shown:
        console.print(Text.assemble(*((text, _STYLES.get(style, "")) for text, style in line)))


def summary(
    text: str, options: Options, findings: Sequence[Finding] = (), strict: bool | None = None
) -> None:
    """Print one line to standard error, with the number of findings at its end, if any.

    Without ``strict``, the command has no such option, and notes are not counted.
    """
    if strict is None:
        strict, findings = False, listed(findings, strict=False)
    if found := counts(findings, strict):
        text = f"{text}; found {found}"
    if not options.quiet:
        with contextlib.suppress(OSError):
            print(visible(text), file=sys.stderr, flush=True)


def counted(number: int, noun: str) -> str:
    """``1 class``, ``2 classes``."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def counts(findings: Sequence[Finding], strict: bool, hazards: bool = False) -> str:
    """``2 errors, 1 warning and 3 notes``; empty if there are no findings."""
    found = Counter(finding.severity for finding in findings)
    parts = [counted(found[severity], severity.value) for severity in Severity if found[severity]]
    text = " and ".join([*([", ".join(parts[:-1])] if len(parts) > 1 else []), *parts[-1:]])
    hidden = len(listed(findings, strict, hazards)) < len(findings)
    return f"{text} (--strict lists notes)" if hidden else text


def compiled_count(result: BuildResult) -> str:
    """``2 classes from 1 module``"""
    return f"{counted(result.classes, 'class')} from {counted(result.modules, 'module')}"


def report_discarded(result: BuildResult, options: Options) -> None:
    """Report which manual edits of the output a build has discarded."""
    if result.settings is None:
        return
    removed = {change.path for change in result.changes if change.kind == "removed"}
    for path in result.discarded:
        full = os.path.join(result.settings.output, path)
        shown = shown_path(full, str(options.working_folder))
        verb = "Removed" if path in removed else "Replaced"
        summary(f"{verb} {shown}, which was edited by hand or damaged by a merge", options)


def show_timings(timings: Iterable[tuple[str, float]], options: Options) -> None:
    """Print how long each stage took."""
    for stage, seconds in timings:
        summary(f"{seconds:8.3f} s  {stage}", options)


def with_progress(
    options: Options, function: Callable[..., _Result], *given: Any, **more: Any
) -> _Result:
    """Call a function of the API with the common options, and show its progress."""
    with progress_of(options) as progress:
        return function(
            *given,
            working_folder=options.working_folder,
            config=options.config,
            use_cache=options.use_cache,
            progress=progress,
            **more,
        )


@contextlib.contextmanager
def progress_of(options: Options) -> Iterator[Progress]:
    """Show the progress of long operations, if standard error is a terminal."""
    if options.quiet or not sys.stderr.isatty():
        yield quiet
        return
    texts = [""]
    shown: list[Status] = []

    def show() -> None:
        from rich.console import Console

        shown.append(Console(stderr=True).status(texts[-1]))
        shown[0].start()

    def progress(text: str) -> None:
        texts.append(text)
        for status in shown:
            status.update(text)

    timer = threading.Timer(_SHOW_AFTER, show)
    timer.start()
    try:
        yield progress
    finally:
        timer.cancel()
        timer.join()
        for status in shown:
            status.stop()

"""Where text goes: reports to standard output or a file, all else to standard error."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections import Counter
from collections.abc import Sequence

from arctic_codegen.cli.options import Options
from arctic_codegen.diagnostics.full import Segment, plain, render_full
from arctic_codegen.diagnostics.machine import (
    render_concise,
    render_github,
    render_json,
    render_sarif,
)
from arctic_codegen.diagnostics.records import Finding, Severity
from arctic_codegen.diagnostics.texts import SourceLines, read_from_disk, visible
from arctic_codegen.faults import WrongUse

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


def tool_version() -> str:
    """The version of the installed distribution."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("arctic-codegen")
    except PackageNotFoundError:
        return "0+unknown"


def told(findings: Sequence[Finding], strict: bool) -> tuple[Finding, ...]:
    """Those that are listed: notes are only with ``--strict`` (section 7)."""
    return tuple(found for found in findings if strict or found.severity is not Severity.NOTE)


def report_findings(findings: Sequence[Finding], options: Options, strict: bool) -> None:
    """Prints them in the format that was asked for."""
    listed = told(findings, strict)
    folder = str(options.working_folder)
    if options.format == "full":
        shown = render_full(listed, SourceLines(read_from_disk), folder)
        if options.output is None and _coloured(sys.stdout.isatty()):
            _print_styled(shown)
        else:
            report(plain(shown), options)
        return
    report(_machine(listed, options.format, folder), options)


def findings_text(findings: Sequence[Finding], options: Options, strict: bool) -> str:
    """What :func:`report_findings` prints where there are no colours."""
    listed = told(findings, strict)
    folder = str(options.working_folder)
    if options.format == "full":
        return plain(render_full(listed, SourceLines(read_from_disk), folder))
    return _machine(listed, options.format, folder)


def _machine(listed: Sequence[Finding], format_: str, folder: str) -> str:
    if format_ == "json":
        return render_json(listed, folder)
    if format_ == "github":
        return render_github(listed, folder)
    if format_ == "sarif":
        return render_sarif(listed, folder, tool_version())
    return render_concise(listed, folder)


def report_beside(findings: Sequence[Finding], options: Options, strict: bool) -> str:
    """Findings that go along with another report: the text that stands before it.

    Where that report is for a program to read, they go to standard error instead.
    """
    listed = told(findings, strict)
    folder = str(options.working_folder)
    if options.format == "json":
        print(render_concise(listed, folder), end="", file=sys.stderr)
        return ""
    if options.format == "full":
        return plain(render_full(listed, SourceLines(read_from_disk), folder))
    return _machine(listed, options.format, folder)


def beside(findings: str, text: str, options: Options) -> str:
    """A report below what :func:`report_beside` gave. A document of SARIF holds findings alone."""
    return findings if options.format == "sarif" else findings + text


def report(text: str, options: Options) -> None:
    """Writes the report to its file or to standard output."""
    if options.output is not None:
        try:
            options.output.write_text(text, encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise WrongUse(f"cannot write '{options.output}': {error.strerror}") from error
        return
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has seen enough. The exit code still says how the run ended.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except OSError as error:
        raise WrongUse(f"cannot write to standard output: {error.strerror}") from error


def _coloured(terminal: bool) -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return terminal and os.environ.get("TERM") != "dumb"


def _print_styled(shown: Sequence[Sequence[Segment]]) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=sys.stdout, highlight=False, soft_wrap=True)
    for line in shown:
        console.print(Text.assemble(*((text, _STYLES.get(style, "")) for text, style in line)))


def summary(text: str, options: Options) -> None:
    """One line for a person."""
    if not options.quiet:
        with contextlib.suppress(OSError):
            print(visible(text), file=sys.stderr, flush=True)


def counted(number: int, noun: str) -> str:
    """``1 class``, ``2 classes``."""
    plural = f"{noun}es" if noun.endswith("s") else f"{noun}s"
    return f"{number} {noun if number == 1 else plural}"


def counts(findings: Sequence[Finding], strict: bool) -> str:
    """``2 errors, 1 warning and 3 notes``; empty where there is nothing."""
    found = Counter(finding.severity for finding in findings)
    parts = [counted(found[severity], severity.value) for severity in Severity if found[severity]]
    text = " and ".join([*([", ".join(parts[:-1])] if len(parts) > 1 else []), *parts[-1:]])
    hidden = found[Severity.NOTE] and not strict
    return f"{text} (--strict lists notes)" if hidden else text


class Progress:
    """What is being done, on a terminal, once it has taken a while.

    A thread of its own shows it: what takes long says nothing meanwhile.
    """

    PATIENCE = 0.5
    INTERVAL = 0.1

    def __init__(self, options: Options) -> None:
        self._wanted = not options.quiet and sys.stderr.isatty()
        self._text = ""
        self._done = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, text: str) -> None:
        """Takes the place of what was shown before."""
        self._text = text
        if self._wanted and self._thread is None:
            self._thread = threading.Thread(target=self._show, daemon=True)
            self._thread.start()

    def _show(self) -> None:
        shown = ""
        wait = self.PATIENCE
        while not self._done.wait(wait):
            wait = self.INTERVAL
            if shown != self._text:
                shown = self._text
                with contextlib.suppress(OSError, ValueError):
                    sys.stderr.write(f"\r\x1b[K{shown[:78]}")
                    sys.stderr.flush()
        if shown:
            with contextlib.suppress(OSError, ValueError):
                sys.stderr.write("\r\x1b[K")
                sys.stderr.flush()

    def done(self) -> None:
        """Leaves nothing behind."""
        self._done.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

"""The common options of commands that read a project."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import msgspec

from arctic_codegen.cli.group import WithExamples
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.files.overwriting import may_overwrite

FORMATS = ("full", "concise", "json", "github", "sarif")


ALL_HELP = "Show internal events, log entries, full paths."
STRICT_HELP = "Report notes too, and fail on any finding."


class Options(msgspec.Struct, frozen=True):
    """The values of the common options."""

    format: str
    output: Path | None
    """``None`` for standard output."""
    config: Path | None
    use_cache: bool
    quiet: bool
    working_folder: Path


def project_command(
    name: str, epilog: str, *, formats: tuple[str, ...] = (), output: str | None = None
) -> Callable[[Callable[..., int]], click.Command]:
    """Decorator for a command that reads sources: adds the common options, which the function
    receives as one :class:`Options` in its first argument.

    ``formats`` are additional output formats, ``output`` is the default of ``--output``.
    """
    common = [
        click.Option(
            ["--format", "format_"],
            type=click.Choice((*FORMATS, *formats)),
            default="full",
            show_default=True,
            help="Output format.",
        ),
        click.Option(
            ["-o", "--output", "output_file"],
            type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
            metavar="FILE",
            help="Write the report to FILE; - is stdout.",
        ),
        click.Option(
            ["--config"],
            type=click.Path(path_type=Path, dir_okay=False),
            metavar="FILE",
            help="Read FILE, not the nearest pyproject.toml.",
        ),
        click.Option(["--no-cache"], is_flag=True, help="Neither read nor write the cache."),
        click.Option(["-q", "--quiet"], is_flag=True, help="Print no progress and no summary."),
    ]

    def decorated(function: Callable[..., int]) -> click.Command:
        @functools.wraps(function)
        def with_options(
            *,
            format_: str,
            output_file: Path | None,
            config: Path | None,
            no_cache: bool,
            quiet: bool,
            **own: Any,
        ) -> int:
            folder = working_folder()
            if output_file == Path("-"):
                output_file = None
            if output_file is not None:
                refuse_to_overwrite(output_file)
            chosen = Options(format_, output_file, config, not no_cache, quiet, folder)
            return function(chosen, **own)

        made = click.command(name, cls=WithExamples, epilog=epilog)(with_options)
        made.params += common
        if output is not None:
            made.context_settings = {"default_map": {"output_file": output}}
        return made

    return decorated


def refuse_to_overwrite(file: Path) -> None:
    """Raise :class:`WrongUse` for a file that contains anything but a report of this tool."""
    if not may_overwrite(file):
        raise WrongUse(
            f"'{file}' exists, and arctic-codegen did not write it",
            "write to another file, or remove this one first",
        )


@contextlib.contextmanager
def writing(file: Path) -> Iterator[None]:
    """Raise :class:`WrongUse` if the file cannot be written."""
    try:
        yield
    except OSError as error:
        raise WrongUse(f"cannot write '{file}': {error.strerror}") from error


def working_folder() -> Path:
    """The working folder; raises :class:`WrongUse` if it no longer exists."""
    try:
        return Path.cwd()
    except OSError as error:
        raise WrongUse("the working folder no longer exists") from error

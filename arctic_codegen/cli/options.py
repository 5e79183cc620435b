"""The options that every command takes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from arctic_codegen.faults import WrongUse

FORMATS = ("full", "concise", "json", "github", "sarif")

_Command = TypeVar("_Command", bound=Callable[..., Any])


class Options(msgspec.Struct, frozen=True):
    """Their values."""

    format: str
    output: Path | None
    config: Path | None
    use_cache: bool
    quiet: bool
    working_folder: Path


_OPTIONS = (
    click.option(
        "--format",
        "format_",
        type=click.Choice(FORMATS),
        default="full",
        show_default=True,
        help="The format of the findings.",
    ),
    click.option(
        "--output",
        "output_file",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Write the report to FILE instead of standard output.",
    ),
    click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        help="Use this TOML file instead of the nearest pyproject.toml.",
    ),
    click.option("--no-cache", is_flag=True, help="Read every file afresh."),
    click.option("-q", "--quiet", is_flag=True, help="Print no progress and no summary."),
)


def common_options(command: _Command) -> _Command:
    """Adds them below a command's own options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def options(values: dict[str, Any]) -> Options:
    """Takes them out of the keyword arguments of a command."""
    return Options(
        format=values["format_"],
        output=values["output_file"],
        config=values["config"],
        use_cache=not values["no_cache"],
        quiet=values["quiet"],
        working_folder=_working_folder(),
    )


def _working_folder() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise WrongUse("the working folder does not exist any more") from error


class HelpWithExamples(click.Command):
    """A command whose epilog keeps its lines as they are written."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.epilog:
            formatter.write("\n" + self.epilog.strip("\n") + "\n")

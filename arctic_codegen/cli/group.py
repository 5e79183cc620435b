"""The group of commands, by name, each imported when it is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any, cast

import click

PROGRAM = "arctic-codegen"

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("init", "Write a configuration for the project in this folder."),
    "build": ("build", "Compile the callbacks of all source classes."),
    "check": ("check", "Check that the output is current, and the types of all callbacks."),
    "diff": ("diff", "Show how the calls of classes differ from a git revision."),
    "explain": ("explain", "Show the calls of a class in order, or what a code means."),
    "list": ("list", "List host classes, events and callbacks."),
    "run": ("run", "Train a recipe of ArcticTraining's with the compiled classes."),
    "annotate": ("annotate", "Write the annotations that callbacks lack into the sources."),
}
"""Command, module under ``arctic_codegen.cli``, and its line in ``--help``."""


class LazyGroup(click.Group):
    """Imports the module of a command only when that command is called."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = COMMANDS.get(cmd_name)
        if found is None:
            return None
        module = importlib.import_module(f"arctic_codegen.cli.{found[0]}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write("\n" + EPILOG)


EPILOG = """\
Examples:
  arctic-codegen init                                 write a configuration
  arctic-codegen build                                compile the project
  arctic-codegen check                                for CI: is the output current, do types fit?
  arctic-codegen explain my_project.trainers:TrainerB  what runs, in which order, and why
  arctic-codegen explain AC201                        what a finding means

Completion in bash (likewise zsh_source, fish_source):
  eval "$(_ARCTIC_CODEGEN_COMPLETE=bash_source arctic-codegen)"

Exit codes: 0 no error, 1 errors or output that is out of date, 2 wrong use or a fault of the tool.
"""


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(
    None, "-V", "--version", package_name=PROGRAM, prog_name=PROGRAM, message="%(prog)s %(version)s"
)
def group() -> None:
    """Compile the callbacks of trainers and factories into typed subclasses.

    Reads the sources, never runs them, and writes one subclass for each class with callbacks,
    in which every call is written out.
    """


group.commands = cast("dict[str, click.Command]", COMMANDS)  # where click looks for a near one


def carry_out(arguments: Sequence[str]) -> int:
    """Runs one command; its exit code. Wrong use that click finds is reported here."""
    try:
        result: Any = group.main(
            args=list(arguments), prog_name=PROGRAM, standalone_mode=False, obj=tuple(arguments)
        )
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except click.Abort as error:
        raise KeyboardInterrupt from error
    except click.ClickException as error:
        error.show(sys.stderr)
        return 2
    return result if isinstance(result, int) else 0

"""The command group. The module of a command is imported when the command is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from typing import Any, NoReturn, cast

import click

from arctic_codegen._version import VERSION

PROGRAM = "arctic-codegen"

COMMANDS = {
    "init": "Write a configuration for the project in this folder.",
    "build": "Compile all classes with callbacks into the output folder.",
    "check": "Check that the output is up to date and that types fit.",
    "diff": "Show which callbacks changed since a git revision.",
    "explain": "Show what runs on each event of a class, or explain a code.",
    "list": "List classes, their events and callbacks.",
    "uses": "List the classes and events that call a function.",
    "report": "Write all classes and callbacks to one HTML file.",
    "run": "Train an ArcticTraining recipe with the compiled classes.",
    "trace": "Merge or summarize the traces of a run.",
    "where": "Print the current call of each rank of a run.",
    "annotate": "Add missing annotations to callbacks.",
}
"""The commands, each a module of ``arctic_codegen.cli``, with their lines in ``--help``."""


class WithExamples(click.Command):
    """A command whose epilog is not reformatted."""

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        if self.epilog:
            formatter.write("\n" + self.epilog.strip("\n") + "\n")


class LazyGroup(WithExamples, click.Group):
    """A group that imports the module of a command only when the command is called."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"arctic_codegen.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


EPILOG = """\
Examples:
  arctic-codegen init                                  write a configuration
  arctic-codegen build                                 compile the project
  arctic-codegen check                                 for CI
  arctic-codegen explain my_project.trainers:TrainerB  what runs, and why
  arctic-codegen explain AC201                         what a finding means

Shell completion (bash; likewise zsh_source, fish_source):
  eval "$(_ARCTIC_CODEGEN_COMPLETE=bash_source arctic-codegen)"

Exit codes: 0 no errors; 1 errors, or output that is out of date;
            2 usage error, or an internal error.
"""


@click.group(
    cls=LazyGroup,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    expose_value=False,
    callback=lambda context, _, asked: _print_version(context) if asked else None,
    help="Show the version and exit.",
)
@click.option(
    "--verbose", is_flag=True, is_eager=True, help="With --version: details for a bug report."
)
def group(verbose: bool) -> None:
    """Compile the callbacks of trainers and factories into typed subclasses.

    Reads the sources without running them, and writes one subclass for each class with callbacks,
    with every call written out.
    """
    if verbose:
        raise click.UsageError("--verbose needs --version")


def _print_version(context: click.Context) -> NoReturn:
    if context.params["verbose"]:
        from arctic_codegen.cli.options import working_folder
        from arctic_codegen.commands.about import about

        click.echo(about(working_folder()))
    else:
        click.echo(f"{PROGRAM} {VERSION}")
    context.exit()


group.commands = cast("dict[str, click.Command]", COMMANDS)  # click suggests similar names of these


def carry_out(arguments: Sequence[str]) -> int:
    """Run one command; returns its exit code. Usage errors that click detects are reported here."""
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

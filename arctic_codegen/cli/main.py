"""The entry point: commands by name, each imported when it is called, and ends of all kinds."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from collections.abc import Sequence
from typing import Any, TextIO

import click

from arctic_codegen.faults import InternalFault, WrongUse

PROGRAM = "arctic-codegen"
REPORT_TO = "the issue tracker of arctic-codegen"
DEBUG = "ARCTIC_CODEGEN_DEBUG"

COMMANDS: dict[str, tuple[str, str]] = {
    "init": ("initialize", "Write a configuration for the project in this folder."),
    "build": ("build", "Compile the callbacks of all source classes."),
    "check": ("check", "Check that the output is current, and the types of all callbacks."),
    "diff": ("diff", "Show how the calls of classes differ from a git revision."),
    "explain": ("explain", "Show the calls of a class in order, or what a code means."),
    "list": ("list_classes", "List host classes, events and callbacks."),
    "run": ("run", "Train a recipe of ArcticTraining's with the compiled classes."),
    "annotate": ("annotate", "Write the annotations that callbacks lack into the sources."),
    "completion": ("completion", "Print a script that completes commands in a shell."),
}
"""Command, module under ``arctic_codegen.cli``, and its line in ``--help``."""


class LazyGroup(click.Group):
    """Imports the module of a command only when that command is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

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

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from arctic_codegen.diagnostics.suggest import close

            near = close(args[0], COMMANDS)
            if not near:
                raise
            message = f"No such command '{args[0]}'. Did you mean '{near[0]}'?"
            raise click.UsageError(message, ctx) from error

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write("\n" + EPILOG)


EPILOG = """\
Examples:
  arctic-codegen init                                 write a configuration
  arctic-codegen build                                compile the project
  arctic-codegen check                                for CI: is the output current, do types fit?
  arctic-codegen explain my_project.trainers:TrainerB  what runs, in which order, and why
  arctic-codegen explain AC201                        what a finding means

Exit codes: 0 no error, 1 errors or output that is not current, 2 wrong use or a fault of the tool.
"""


def _print_version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        from arctic_codegen.cli.console import tool_version

        click.echo(f"{PROGRAM} {tool_version()}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "-V",
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_print_version,
    help="Show the version and exit.",
)
def group() -> None:
    """Compile the callbacks of trainers and factories into typed subclasses.

    Reads the sources, never runs them, and writes one subclass for each class with callbacks,
    in which every call is written out.
    """


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit code. Nothing but ``SystemExit`` of others leaves this."""
    _forgiving_streams()
    try:
        result: Any = group.main(
            args=None if arguments is None else list(arguments),
            prog_name=PROGRAM,
            standalone_mode=False,
        )
    except click.exceptions.Exit as exit_:
        return exit_.exit_code
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return 130
    except click.ClickException as error:
        error.show(sys.stderr)
        return 2
    except WrongUse as error:
        _say(f"{PROGRAM}: error: {error.message}")
        if error.hint is not None:
            _say(f"help: {error.hint}")
        return 2
    except BrokenPipeError:
        _close(sys.stdout)
        return 1
    except InternalFault as fault:
        return _internal(fault.cause, fault.stage, fault.reading)
    except Exception as error:
        return _internal(error, "the command line", None)
    return result if isinstance(result, int) else 0


def main() -> None:
    """The console script."""
    # Syntax trees and records are millions of small objects without cycles: looking for cycles
    # as often as Python does takes a seventh of a build.
    gc.set_threshold(200_000, 20, 20)
    code = run()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _close(stream)
    sys.exit(code)


def _internal(cause: BaseException, stage: str, reading: str | None) -> int:
    if os.environ.get(DEBUG):
        import traceback

        traceback.print_exception(type(cause), cause, cause.__traceback__)
    what = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
    _say(f"error[AC901]: internal error in {stage}: {what}")
    if reading is not None:
        _say(f"  while reading {reading}")
    if isinstance(cause, RecursionError):
        _say("  the file is nested too deeply")
    _say(f"help: please report this to {REPORT_TO}, with that file if you may share it;")
    _say(f"      {DEBUG}=1 shows the traceback")
    return 2


def _say(text: str) -> None:
    try:
        print(text, file=sys.stderr)
    except OSError:
        return


def _forgiving_streams() -> None:
    """A path or a message that the terminal's encoding lacks is escaped, and does not end a run."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # it was closed when the command was started
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
            continue
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _close(stream: TextIO) -> None:
    """The reader has gone. Python would complain once more when it flushes at its end."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return

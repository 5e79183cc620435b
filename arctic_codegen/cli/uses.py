"""``arctic-codegen uses``: its options and its report."""

from __future__ import annotations

import click

from arctic_codegen.cli import console
from arctic_codegen.cli.options import Options, project_command
from arctic_codegen.commands.uses import uses
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.report.uses import uses_document, uses_text

EPILOG = """\
Examples:
  arctic-codegen uses my_project.callbacks.log  classes and events that call it
  arctic-codegen uses log                       the end of a name is enough
  arctic-codegen uses EarlyStopping             where the methods of a class run
  arctic-codegen uses --unused                  callbacks that run nowhere
"""


@project_command("uses", EPILOG)
@click.argument("function", required=False)
@click.option("--unused", is_flag=True, help="List callbacks that no compiled class calls.")
def command(chosen: Options, function: str | None, unused: bool) -> int:
    """List the classes and events that call FUNCTION.

    FUNCTION is the name of a function, method or class, with or without its module, a wrapper, or
    a callback as `list` shows it.
    """
    if unused == (function is not None):
        raise WrongUse("`uses` takes either FUNCTION or --unused")
    result = console.with_progress(chosen, uses, function)
    view = console.view(chosen, result)
    if view is None:
        return result.exit_code
    console.report_with_findings(
        result.findings,
        lambda: uses_document(result.uses, view),
        lambda: uses_text(result.uses, view),
        chosen,
        False,
    )
    classes = len({use.host.id for use in result.uses})
    if unused:
        found = console.counted(len(result.uses), "callback") + " declared and not called"
    else:
        calls = console.counted(len(result.uses), "call")
        found = f"{calls} in {console.counted(classes, 'class')}"
    console.summary(found, chosen, result.findings)
    return result.exit_code

"""``arctic-codegen list``: its options and its report."""

from __future__ import annotations

import click

from arctic_codegen.cli import console
from arctic_codegen.cli.options import ALL_HELP, STRICT_HELP, Options, project_command
from arctic_codegen.commands.show import list_classes
from arctic_codegen.report.classes_json import classes_document
from arctic_codegen.report.listing import list_text

EPILOG = """\
Examples:
  arctic-codegen list                         all classes of the project
  arctic-codegen list my_project.trainers     the classes of a module
  arctic-codegen list my_project/trainers.py  the classes of a file
  arctic-codegen list arctic_training.trainer.trainer:Trainer
                                              a class of an installed package
  arctic-codegen list --format json           for other programs
"""


@project_command("list", EPILOG)
@click.argument("targets", nargs=-1, metavar="[TARGET]...")
@click.option("--all", "everything", is_flag=True, help=ALL_HELP)
@click.option("--strict", is_flag=True, help=STRICT_HELP)
def command(chosen: Options, targets: tuple[str, ...], everything: bool, strict: bool) -> int:
    """List classes with a callback mixin, their events and callbacks.

    TARGET is a module, a package, MODULE:CLASS, the name of one class, a file or a folder;
    without one, all configured sources are listed.
    """
    result = console.with_progress(chosen, list_classes, targets, strict=strict)
    classes = result.classes
    view = console.view(chosen, result, everything)
    if view is None:
        return result.exit_code
    console.report_with_findings(
        result.findings,
        lambda: classes_document(classes, view),
        lambda: list_text(classes, view),
        chosen,
        strict,
    )
    found = console.counted(len(classes), "class")
    if not classes and not targets:
        found = "No class of the sources derives from a callback mixin"
    console.summary(found + console.left_out(view, classes), chosen, result.findings, strict)
    return result.exit_code

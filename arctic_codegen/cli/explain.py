"""``arctic-codegen explain``: its options and its report."""

from __future__ import annotations

import click
import msgspec

from arctic_codegen.cli import console
from arctic_codegen.cli.options import ALL_HELP, Options, project_command
from arctic_codegen.diagnostics.codes import find_code, looks_like_code, nearest_selectors
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.machine import json_text

EPILOG = """\
Examples:
  arctic-codegen explain my_project.trainers:TrainerB            all its events
  arctic-codegen explain my_project.trainers:TrainerB.epoch      one event
  arctic-codegen explain my_project.trainers:TrainerB --compare  both orders
  arctic-codegen explain recipe.yaml                             what it runs
  arctic-codegen explain my_project/callbacks.py:12              what is there
  arctic-codegen explain AC201                                   a finding
"""


@project_command("explain", EPILOG, formats=("mermaid",))
@click.argument("target")
@click.option("--compare", is_flag=True, help="Show documented and runtime order.")
@click.option("--all", "everything", is_flag=True, help=ALL_HELP)
def command(chosen: Options, target: str, compare: bool, everything: bool) -> int:
    """Show what runs on each event of a class, in order, and why.

    TARGET is MODULE:CLASS, MODULE:CLASS.EVENT (or CLASS alone, if no other has that name),
    FILE:LINE as in a traceback, a recipe (a YAML file: its trainer and factories), or the code of a
    finding.
    """
    if looks_like_code(target) or find_code(target) is not None:
        return _explain_code(target, chosen)
    return _explain_class(target, compare, everything, chosen)


def _explain_code(target: str, chosen: Options) -> int:
    from arctic_codegen.diagnostics.codes.page import read_page

    entry = find_code(target)
    if entry is None:
        near = nearest_selectors(target.upper())
        raise WrongUse(f"unknown code '{target}'", f"did you mean {near}?")
    page = read_page(entry.code)
    if chosen.format == "json":
        values = {"code": entry.code, "name": entry.name, "severity": entry.severity.value}
        page_values = msgspec.structs.asdict(page)
        del page_values["text"], page_values["messages"]
        console.report(json_text({"version": 1, **values, **page_values}), chosen)
    else:
        console.report(page.text, chosen)
    return 0


def _explain_class(target: str, compare: bool, everything: bool, chosen: Options) -> int:
    from arctic_codegen.commands.show import explain
    from arctic_codegen.report.classes_json import classes_document
    from arctic_codegen.report.explanation import explain_class
    from arctic_codegen.report.pull_request import mermaid

    function = explain
    if target.endswith((".yaml", ".yml")):
        from arctic_codegen.recipes.explaining import explain_recipe

        function = explain_recipe
    result = console.with_progress(chosen, function, target)
    hosts = result.classes
    view = console.view(chosen, result, everything)
    if view is None:
        return result.exit_code
    console.report_with_findings(
        console.listed(result.findings, False, hazards=True),
        lambda: classes_document(hosts, view),
        lambda: "\n".join(explain_class(host, view, result, compare=compare) for host in hosts),
        chosen,
        strict=True,
        more={"mermaid": lambda: mermaid(hosts, view)},
    )
    if hidden := console.left_out(view, hosts):
        console.summary(hidden.removeprefix("; "), chosen)
    if result.others:
        others = console.counted(result.others, "finding")
        console.summary(f"{others} elsewhere: `arctic-codegen build` reports all", chosen)
    return result.exit_code

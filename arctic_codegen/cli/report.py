"""``arctic-codegen report``: its options and the file that it writes."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import msgspec

from arctic_codegen.cli import console
from arctic_codegen.cli.options import ALL_HELP, Options, project_command, writing
from arctic_codegen.cli.trace import read_totals
from arctic_codegen.commands.diff import diff
from arctic_codegen.commands.show import list_classes
from arctic_codegen.files.replacing import replace_file
from arctic_codegen.model.settings import output_location
from arctic_codegen.report.html import report_html
from arctic_codegen.report.links import links, no_links

DEFAULT = "arctic-codegen-report.html"

EPILOG = """\
Examples:
  arctic-codegen report -o callbacks.html      one file, for any browser
  arctic-codegen report -o - > callbacks.html  to standard output
  arctic-codegen report --against main         with the changes of a branch
  arctic-codegen report --trace trace.json     with the times of a traced run
  arctic-codegen report --link vscode          places open in an editor
  arctic-codegen report --link 'https://example.org/{path}#L{line}'
"""


@project_command("report", EPILOG, output=DEFAULT)
@click.option("--against", metavar="REV", help="Also show what changed since a git revision.")
@click.option(
    "--trace",
    "traces",
    multiple=True,
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Show the times of a traced run; may be repeated.",
)
@click.option(
    "--link",
    metavar="KIND",
    help="Link to lines: github, vscode, pycharm or a template.",
)
@click.option("--all", "everything", is_flag=True, help=ALL_HELP)
def command(
    chosen: Options,
    against: str | None,
    traces: tuple[Path, ...],
    link: str | None,
    everything: bool,
) -> int:
    """Write all classes, events and callbacks to one HTML file.

    The file is self-contained. Without --output it is
    arctic-codegen-report.html.
    """
    times = read_totals(traces)
    if against is None:
        result = console.with_progress(chosen, list_classes)
    else:
        result = console.with_progress(chosen, diff, against)
    if chosen.output is None:
        print(console.findings_text(result.findings, chosen, False), end="", file=sys.stderr)
    else:
        console.report_findings(result.findings, msgspec.structs.replace(chosen, output=None))
    view = None if result.settings is None else console.view(chosen, result, everything)
    if view is None:
        return result.exit_code
    package = output_location(view.settings)[0]
    compiled = {f"{package}.{host.id.module}" for host in result.classes}
    if times and compiled.isdisjoint(one.site.module for one in times):
        console.summary("No call of the trace is one of these classes", chosen)
    shown = console.listed(result.findings, False, hazards=True)
    result = msgspec.structs.replace(result, findings=shown)
    address = links(link, view.settings.root) if link else no_links
    text = report_html(result, view, links=address, times=times)
    if chosen.output == Path(DEFAULT):
        # Replace a link or a pipe that a checkout may contain, instead of following it.
        file = chosen.working_folder / DEFAULT
        with writing(file):
            replace_file(str(file), text.encode())
    else:
        console.report(text, chosen)
    found = console.counted(len(result.classes), "class")
    if chosen.output is not None:
        found += f" in {chosen.output}"
    console.summary(found + console.left_out(view, result.classes), chosen, shown)
    return result.exit_code

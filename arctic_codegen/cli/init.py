"""``arctic-codegen init``: its options and its output."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

import click

from arctic_codegen.cli import console
from arctic_codegen.cli.options import Options, project_command, writing
from arctic_codegen.commands.init import Proposal, extended, propose
from arctic_codegen.config.reader import TABLE
from arctic_codegen.config.toml_places import Unreadable, key_places, read_document
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.diagnostics.texts import shown_path
from arctic_codegen.editing.rewriting import rewrite
from arctic_codegen.files.replacing import replace_file

EPILOG = """\
Examples:
  arctic-codegen init            add [tool.arctic-codegen] to pyproject.toml
  arctic-codegen init --dry-run  only print it
"""


@project_command("init", EPILOG)
@click.option("--dry-run", is_flag=True, help="Write nothing; print the configuration.")
def command(chosen: Options, dry_run: bool) -> int:
    """Write a configuration for the project in this folder.

    Finds classes with callbacks in the Python files below it, and adds [tool.arctic-codegen] to
    pyproject.toml. The rest of that file is not changed.
    """
    target = chosen.config or chosen.working_folder / "pyproject.toml"
    text = _existing(target)
    if isinstance(text, Finding):
        console.report_findings([text], chosen)
        return 1
    folder = str(chosen.working_folder)
    with console.progress_of(chosen) as progress:
        proposal, findings = propose(folder, progress)
    if not proposal.hosts:
        if findings:
            console.report_findings(findings, chosen)
            console.summary(
                "No class with a callback mixin was found; nothing was written.", chosen
            )
            return 1
        raise WrongUse(
            "no class with a callback mixin was found in the Python files below this folder",
            "derive one from arctic_codegen.CallbackMixin, then run `arctic-codegen init` again",
        )
    _show_proposal(proposal, chosen)
    table = proposal.table
    new = extended(text, table)
    where = shown_path(str(target), folder)
    outcome = f"{where} is unchanged"
    if not dry_run:
        _write(target, text, new)
        outcome = f"Wrote this to {where}; `arctic-codegen build` compiles the project"
    console.report(table, chosen)
    console.summary(outcome, chosen)
    return 0


def _existing(target: Path) -> str | Finding | None:
    """The text of the file to extend, or the finding that it cannot be read; ``None`` if it does
    not exist yet."""
    if not target.exists():
        if target.is_symlink():
            raise WrongUse(f"'{target}' is a broken link")
        return None
    try:
        text, _ = read_document(target)
    except Unreadable as problem:
        return problem.problem.at(Place(str(target.absolute()), problem.span))
    lines = (span.line for path, span in key_places(text).items() if path[:2] == TABLE)
    line = next(lines, None)  # the line of the table, or of its first key
    if line is not None:
        raise WrongUse(
            f"'{target.name}' already has a configuration, at line {line}",
            "change it there, or delete it first",
        )
    return text


def _write(target: Path, before: str | None, new: str) -> None:
    """Write the file completely or not at all: the rest of it belongs to the user."""
    path = str(target.absolute())
    if before is not None:
        rewrite({path: new.encode("utf-8")}, {path: before.encode("utf-8")})
        return
    if not target.parent.is_dir():
        raise WrongUse(f"cannot write '{target}': there is no folder '{target.parent}'")
    with writing(target):
        replace_file(path, new.encode("utf-8"))


def _show_proposal(proposal: Proposal, chosen: Options) -> None:
    """Print the import roots and classes that were found, for review."""
    folder = str(chosen.working_folder)
    roots = ", ".join(shown_path(root, folder) for root in proposal.roots)
    console.summary(f"import roots: {roots}", chosen)
    for module, hosts in groupby(proposal.hosts, lambda host: host.id.module):
        console.summary(f"  {module}: {', '.join(host.id.name for host in hosts)}", chosen)
    console.summary(f"found {console.counted(len(proposal.hosts), 'class')}", chosen)
    console.summary("", chosen)

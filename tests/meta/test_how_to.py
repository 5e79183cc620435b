"""The parts of the pages in docs/how-to that `test_shown` cannot run."""

from __future__ import annotations

import re
import shlex

from arctic_codegen.cli.group import group
from arctic_codegen.runtime.same_output import _difference
from tests.pages import ROOT, blocks

FOLDER = ROOT / "docs" / "how-to"


def test_commands_in_scripts_have_these_options() -> None:
    texts = [page.read_text(encoding="utf-8") for page in FOLDER.glob("*.md")]
    scripts = "".join(script for text in texts for script in blocks(text, "(?:bash|dockerfile)"))
    commands = re.findall(r"^(?:RUN )?arctic-codegen (.*?)(?: \|\|.*)?$", scripts, re.MULTILINE)
    assert len(commands) >= 2
    for name, *arguments in map(shlex.split, commands):
        command = group.get_command(group.make_context("", [name]), name)
        assert command is not None
        command.make_context(name, arguments)


def test_ranks_with_other_output_are_named_as_shown() -> None:
    (shown,) = blocks((FOLDER / "several-nodes.md").read_text(encoding="utf-8"), "text")
    ranks = [
        (digest, host, "/project/generated")
        for digest, host in (("5f0c8a1b2d3e", "node-1"), ("91d0c7f4aa02", "node-2"))
        for _ in range(8)
    ]
    assert _difference(ranks) == shown.replace("\n", " ").strip()

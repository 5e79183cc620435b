"""The Markdown page of a code: what it means, its messages, why it matters, and examples."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import msgspec

_FORM = re.compile(
    r"# .+\n\n(?P<summary>.+)\n\n"
    r"(## Messages\n\n```text\n(?P<messages>(?s:.+?))\n```\n\n)?"
    r"## Why it matters\n\n(?P<why>.+)\n"
    r"(\n## Wrong\n\n```\w+\n(?P<wrong>(?s:.+?))\n```\n"
    r"\n## Right\n\n```\w+\n(?P<right>(?s:.+?))\n```\n)?"
)


class Template(msgspec.Struct, frozen=True):
    """One text of a code, with placeholders in braces."""

    text: str
    help: str | None


class Page(msgspec.Struct, frozen=True):
    """A page and its parts. The examples are empty if no source can trigger the code.

    ``messages`` is the text of the section "Messages", which :func:`templates` parses.
    """

    text: str
    summary: str
    messages: str
    why: str
    wrong: str
    right: str


def read_page(code: str) -> Page:
    """The page of a code in the table."""
    text = Path(__file__).with_name(f"{code}.md").read_text(encoding="utf-8")
    form = _FORM.fullmatch(text)
    assert form is not None, f"{code}.md has not the form of the other pages"
    return Page(text, **form.groupdict(default=""))


@cache
def templates(code: str) -> dict[str, Template]:
    """The texts on the page of a code, by the names of their cases.

    An entry is a line with the name and a colon, followed by the indented text. Lines are joined
    with spaces; each line that starts with ``help:`` starts a new line of the help.
    """
    found: dict[str, Template] = {}
    for entry in filter(None, read_page(code).messages.split("\n\n")):
        name, *lines = entry.split("\n")
        text, *helps = " ".join(line.strip() for line in lines).split(" help: ")
        found[name.removesuffix(":")] = Template(text, "\n".join(helps) or None)
    return found

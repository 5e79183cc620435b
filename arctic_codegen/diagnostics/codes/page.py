"""The Markdown page of a code: what it means, why it matters, a wrong and a right example."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

_FORM = re.compile(
    r"# .+\n\n(?P<summary>.+)\n\n"
    r"## Why it matters\n\n(?P<why>.+)\n"
    r"(\n## Wrong\n\n```\w+\n(?P<wrong>(?s:.+?))\n```\n"
    r"\n## Right\n\n```\w+\n(?P<right>(?s:.+?))\n```\n)?"
)


class Page(msgspec.Struct, frozen=True):
    """A page and its parts. The examples are empty where nothing in sources gives the code."""

    text: str
    summary: str
    why: str
    wrong: str
    right: str


def read_page(code: str) -> Page:
    """The page of a code in the table."""
    text = Path(__file__).with_name(f"{code}.md").read_text(encoding="utf-8")
    form = _FORM.fullmatch(text)
    assert form is not None, f"{code}.md has not the form of the other pages"
    return Page(text, **form.groupdict(default=""))

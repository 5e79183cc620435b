"""Hooks of MkDocs: rewrite Markdown that MkDocs renders differently than GitHub and Sphinx."""

from __future__ import annotations

import re
from typing import Any


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Removes backslashes before ``|`` in the code of tables, which MkDocs does not need."""
    return re.sub(r"^\|.*", lambda row: re.sub(r"`[^`]*`", _plain, row[0]), markdown, flags=re.M)


def _plain(code: re.Match[str]) -> str:
    return code[0].replace("\\|", "|")


def on_page_content(html: str, **_: Any) -> str:
    """Replaces a role such as ``:class:`~module.Name``` in a docstring by the name as code."""
    return re.sub(r":[a-z]+:<code>~?(?:\w+\.)*(\w+</code>)", r"<code>\1", html)

"""Links from a report to lines of sources: on GitHub, or in an editor."""

from __future__ import annotations

import os
import re
import urllib.parse
from collections.abc import Callable

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.texts import shown_path
from arctic_codegen.discover.git_tree import git

TEMPLATES = {
    "vscode": "vscode://file{file}:{line}",
    "pycharm": "pycharm://open?file={file}&line={line}",
}
Links = Callable[[str, int], "str | None"]
"""The URL of a line of a file, given by its absolute path."""


def no_links(path: str, line: int) -> None:
    """No links: the default, since paths of this machine are useless to others."""


def links(kind: str, root: str) -> Links:
    """The links that ``--link`` selects: ``github``, ``vscode``, ``pycharm``, or a template with
    ``{path}`` (below the project's folder), ``{file}`` (absolute) and ``{line}``.

    Raises :class:`~arctic_codegen.diagnostics.faults.WrongUse` for an invalid template, and if the
    project's URL on GitHub is unknown.
    """
    if kind == "github":
        root, kind = _git(root, "rev-parse", "--show-toplevel"), _github(root)
    template = TEMPLATES.get(kind, kind)
    scheme = re.match("([a-z][a-z+.-]*)://", template)
    if scheme is None or scheme[1] in ("javascript", "vbscript", "data"):  # executable
        raise WrongUse(
            f"--link: unknown kind '{kind}'",
            f"use github, {', '.join(TEMPLATES)} or a template such as "
            "'https://example.org/{path}#L{line}'",
        )
    pieces = re.split(r"(\{\w+\})", template)
    if unknown := sorted({*pieces[1::2]} - {"{path}", "{file}", "{line}"}):
        raise WrongUse(
            f"the template '{kind}' of --link has an unknown field {unknown[0]}",
            "its fields are {path} (below the project's folder) or {file} (absolute), and {line}",
        )
    if not {"{path}", "{file}"} & set(pieces):
        raise WrongUse(f"the template '{kind}' of --link has neither {{path}} nor {{file}}")

    def link(path: str, line: int) -> str | None:
        below = shown_path(path, root)
        if "{path}" in pieces and os.path.isabs(below):
            return None  # an installed file
        known = {
            "{path}": urllib.parse.quote(os.fsencode(below)),
            "{file}": urllib.parse.quote(os.fsencode(path)),
            "{line}": str(line),
        }
        return "".join(known.get(piece, piece) for piece in pieces)

    return link


def _github(root: str) -> str:
    remote = _git(root, "remote", "get-url", "origin")
    found = re.fullmatch(
        r"(?:https://(?:[^/@]*@)?|ssh://git@|git@)github\.com[:/]([\w.-]+/[\w.-]+?)(?:\.git)?/?",
        remote,
    )
    if found is None:
        raise WrongUse(
            "git's remote 'origin' is not on GitHub",
            "give --link a template such as 'https://example.org/{path}#L{line}'",
        )
    commit = _git(root, "rev-parse", "HEAD")
    return f"https://github.com/{found[1]}/blob/{commit}/{{path}}#L{{line}}"


def _git(root: str, *arguments: str) -> str:
    what = "--link github needs a git repository with a commit and a remote 'origin'"
    return os.fsdecode(git(root, *arguments, what=what)).strip()

"""Where else in a project does a name occur? A name that is used elsewhere must not be renamed."""

from __future__ import annotations

import io
import re
import tokenize
from collections.abc import Collection, Iterator

from arctic_codegen.diagnostics.records import Fix
from arctic_codegen.discover.trees import Tree
from arctic_codegen.discover.walk import Walker
from arctic_codegen.model.settings import Settings


def is_certain(fix: Fix, fixes: Collection[Fix], tree: Tree, settings: Settings) -> bool:
    """Whether a fix changes nothing that code outside the places of ``fixes`` depends on."""
    if fix.kind == "name":
        # One misspelled name in several classes is renamed in all of them, or in none.
        same = {one.place for one in fixes if _renames(one) == _renames(fix)}
        return sum(_words(fix.old, text) for _, text in _texts(tree, settings)) == len(same)
    if fix.kind == "parameter":
        keyword = re.compile(rb"[(,]\s*%s\s*=(?!=)" % re.escape(fix.old.encode()))
        others = (text for path, text in _texts(tree, settings) if path != fix.place.path)
        return not any(keyword.search(text) for text in others)
    return True


def _renames(fix: Fix) -> tuple[str, str, str]:
    return fix.kind, fix.old, fix.new


def _words(name: str, text: bytes) -> int:
    """How often a name occurs in code or in a string; comments do not count."""
    word = re.compile(rb"\b%s\b" % re.escape(name.encode()))
    found = len(word.findall(text))
    if found:
        try:
            tokens = list(tokenize.tokenize(io.BytesIO(text).readline))
        except (tokenize.TokenError, SyntaxError):
            return found
        comments = (one.string.encode() for one in tokens if one.type == tokenize.COMMENT)
        found -= sum(len(word.findall(comment)) for comment in comments)
    return found


def _texts(tree: Tree, settings: Settings) -> Iterator[tuple[str, bytes]]:
    """All Python files of the project, including tests and scripts, which are not sources but may
    use their names."""
    walker = Walker(tree, settings.output)
    folders = (settings.root, *settings.src)
    for path in dict.fromkeys(path for folder in folders for path in walker.files(folder)):
        try:
            yield path, tree.read(path)
        except OSError:
            continue

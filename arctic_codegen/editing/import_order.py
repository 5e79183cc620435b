"""Imports of an edited file stand where isort would put them, if they stood so before."""

from __future__ import annotations

import subprocess

from arctic_codegen.editing.text import SourceText
from arctic_codegen.emit.ruff_command import ruff


def sorted_imports(path: str, before: bytes, after: bytes) -> bytes:
    """``after`` with its imports in the order that the project's ruff, or ruff by default, asks
    for; as it is where those of ``before`` were in another."""
    if before.count(b"import") == after.count(b"import"):
        return after
    old, new = SourceText.of(before), SourceText.of(after)
    if old is None or new is None or _sorted(path, old.text) != old.text:
        return after
    made = _sorted(path, new.text)
    try:
        return after if made is None else new.encoded(made)
    except ValueError:
        return after


def _sorted(path: str, text: str) -> str | None:
    """``None`` where ruff fails: a wrong configuration of it is no matter of ours."""
    options = ("--select", "I001", "--fix", "--exit-zero", "--quiet", "--no-cache")
    done = subprocess.run(
        [ruff(), "check", *options, "--stdin-filename", path, "-"],
        input=text.encode("utf-8"),
        capture_output=True,
    )
    return done.stdout.decode("utf-8") if done.returncode == 0 else None

"""Keeps the style of a project in edited files: sorted imports and formatting."""

from __future__ import annotations

import subprocess

from arctic_codegen.editing.text import SourceText
from arctic_codegen.emit.ruff_command import ruff

_SORTING = ("check", "--select", "I001", "--fix", "--exit-zero")
_FORMATTING = ("format",)


def styled(path: str, before: bytes, after: bytes) -> bytes:
    """``after`` with sorted imports and formatted by ruff, with the project's settings. Each is
    done only if ``before`` was sorted or formatted already."""
    old, new = SourceText.of(before), SourceText.of(after)
    if old is None or new is None:
        return after
    text = new.text
    for command in (_SORTING, _FORMATTING):
        if _ruff_output(command, path, old.text) == old.text:
            text = _ruff_output(command, path, text) or text
    try:
        return new.encoded(text)
    except ValueError:
        return after


def _ruff_output(command: tuple[str, ...], path: str, text: str) -> str | None:
    """The output of ruff; ``None`` if it fails: its configuration is not checked here."""
    done = subprocess.run(
        [ruff(), *command, "--quiet", "--no-cache", "--stdin-filename", path, "-"],
        input=text.encode("utf-8"),
        capture_output=True,
    )
    return done.stdout.decode("utf-8") if done.returncode == 0 else None

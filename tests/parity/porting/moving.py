"""Ports a module from ArcticTraining's building blocks to ours: only the imports change."""

from __future__ import annotations

import ast
import difflib
from collections.abc import Iterator

BLOCKS = "arctic_codegen.blocks"

RENAMED = {
    "CausalDataFactory": "TextDataFactory",
    "SFTDataFactory": "TextDataFactory",
    "LigerModelFactory": "HFModelFactory",
    "FusedAdamOptimizerFactory": "AdamWFactory",
    "CPUAdamOptimizerFactory": "AdamWFactory",
}
"""Replacements for classes that our blocks do not have."""

MOVED = {
    "arctic_training.trainer.sft_trainer": "sft_trainer",
    "arctic_training.trainer.causal_trainer": "causal_trainer",
}
"""Modules of ArcticTraining that are ported themselves."""


def moved(text: str) -> str:
    """The module with its imports from ArcticTraining changed."""
    lines = text.splitlines(keepends=True)
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.ImportFrom) or node.module is None:
            continue
        if node.module.partition(".")[0] == "arctic_training":
            assert node.lineno == node.end_lineno
            (alias,) = node.names
            lines[node.lineno - 1] = _moved(node.module, alias.name) + "\n"
    return "".join(lines)


def _moved(module: str, name: str) -> str:
    if module in MOVED:
        return f"from {MOVED[module]} import {name}"
    here = RENAMED.get(name, name)
    return f"from {BLOCKS} import {here}" + (f" as {name}" if here != name else "")


def changes(old: str, new: str) -> Iterator[tuple[str, str]]:
    """Each line that differs, before and after."""
    before, after = old.splitlines(), new.splitlines()
    assert len(before) == len(after)
    for tag, a, b, c, d in difflib.SequenceMatcher(None, before, after, False).get_opcodes():
        if tag != "equal":
            yield from zip(before[a:b], after[c:d], strict=True)

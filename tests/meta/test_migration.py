"""The pages in docs/migration name every hook, and only existing events."""

from __future__ import annotations

import ast
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.pages import ROOT, section

FOLDER = ROOT / "docs" / "migration"
LIGHTNING = """
setup teardown on_fit_start on_fit_end on_sanity_check_start on_sanity_check_end
on_train_batch_start on_train_batch_end on_train_epoch_start on_train_epoch_end
on_validation_epoch_start on_validation_epoch_end on_test_epoch_start on_test_epoch_end
on_predict_epoch_start on_predict_epoch_end on_validation_batch_start on_validation_batch_end
on_test_batch_start on_test_batch_end on_predict_batch_start on_predict_batch_end on_train_start
on_train_end on_validation_start on_validation_end on_test_start on_test_end on_predict_start
on_predict_end on_exception state_dict load_state_dict on_save_checkpoint on_load_checkpoint
on_before_backward on_after_backward on_before_optimizer_step on_before_zero_grad
"""
"""The hooks of Lightning 2.6's ``Callback``."""


def methods(file: Path, wanted: str = ".*") -> set[str]:
    """The names of all methods in a file, or in the classes with that name."""
    return {
        method.name
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and re.fullmatch(wanted, node.name)
        for method in node.body
        if isinstance(method, ast.FunctionDef)
    }


def hooks(page: str) -> set[str]:
    """The hooks in the first column of the table."""
    rows = re.findall(r"^\| (`.+?) \|", section(FOLDER / page, "Hooks"), re.MULTILINE)
    return {name for row in rows for name in re.findall(r"`(\w+)`", row)}


def test_the_hooks_of_transformers() -> None:
    found = find_spec("transformers")
    if found is None or found.origin is None:
        pytest.skip("transformers is not installed")
    theirs = methods(Path(found.origin).with_name("trainer_callback.py"), "TrainerCallback")
    assert hooks("hugging-face.md") == {name for name in theirs if name.startswith("on_")}


def test_the_hooks_of_lightning() -> None:
    assert hooks("lightning.md") == set(LIGHTNING.split())


def test_events_that_are_named_exist() -> None:
    files = (ROOT / "arctic_codegen" / "blocks").glob("*.py")
    events = {name for file in files for name in methods(file)} | {"init", "EVENT"}
    for page in FOLDER.glob("*.md"):
        named = re.findall(r"`(?:pre|post)[_-](\w+)", page.read_text(encoding="utf-8"))
        assert len(named) >= 20
        assert set(named) <= events, page.name

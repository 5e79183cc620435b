"""Prevents an evaluation from changing the state of the training."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from arctic_codegen.blocks.random_state import RandomState
from arctic_codegen.blocks.run import Run
from arctic_codegen.callbacks.training import evaluation_mode


@contextmanager
def evaluating(run: Run) -> Iterator[None]:
    """Puts all modules into evaluation mode, and preserves the random state of the training."""
    random_state = RandomState.now()
    run.is_evaluating = True
    try:
        with evaluation_mode(run.model):
            yield
    finally:
        run.is_evaluating = False
        random_state.restore()


def one_sample(loader: Any) -> Any:
    """A batch of one sample, for a rank that has no samples."""
    return loader.collate_fn([loader.dataset[0]])

"""An evaluation leaves the training as it was."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from arctic_codegen.blocks.random_state import RandomState
from arctic_codegen.blocks.run import Run


@contextmanager
def evaluating(run: Run) -> Iterator[None]:
    """All modules are in evaluation mode, and no random number of the training is drawn."""
    random_state = RandomState.now()
    training = [module for module in run.model.modules() if module.training]
    for module in training:
        module.training = False
    run.is_evaluating = True
    try:
        yield
    finally:
        run.is_evaluating = False
        for module in training:
            module.training = True
        random_state.restore()


def one_sample(loader: Any) -> Any:
    """A batch for a rank that has no sample of its own."""
    return loader.collate_fn([loader.dataset[0]])

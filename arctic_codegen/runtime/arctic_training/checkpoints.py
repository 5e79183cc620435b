"""Adds the state of callbacks to ArcticTraining's DeepSpeed checkpoints (R60).

Every checkpoint engine on DeepSpeed uses the ``save`` and ``load`` of one class, compiled or not,
even if a subclass overrides them. So the state is handled once, inside the wrapper that
ArcticTraining has put around these methods and that its subclasses share.
"""

from __future__ import annotations

import functools
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from arctic_codegen.runtime.callback_state import CallbackState

_MARK = "__arctic_keeps_state__"


def keep_state() -> None:
    """Makes checkpoints that ArcticTraining writes contain the state of callbacks from now on."""
    module = sys.modules.get("arctic_training.checkpoint.ds_engine")
    engine = getattr(module, "DSCheckpointEngine", None)
    if engine is None or _MARK in vars(engine):
        return
    setattr(engine, _MARK, True)
    for name, around in (("save", _saving), ("load", _loading)):
        wrapper = vars(engine).get(name)
        method: Any = getattr(wrapper, "__wrapped__", None)
        cells = getattr(wrapper, "__closure__", None) or ()
        found = [cell for cell in cells if cell.cell_contents is method]
        if not found or wrapper is None:  # another version of ArcticTraining
            logging.getLogger("arctic_codegen").warning(
                "checkpoints do not keep the state of callbacks: arctic-codegen does not support "
                "DSCheckpointEngine.%s of this version of ArcticTraining",
                name,
            )
            continue
        found[0].cell_contents = wrapper.__wrapped__ = around(method)


def _saving(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def save(self: Any, *args: Any, **kwargs: Any) -> Any:
        # Save first: DeepSpeed records the checkpoint as the latest one as soon as its own part is
        # complete.
        folder = Path(self.checkpoint_dir, str(self.checkpoint_tag))
        state = _state(self.trainer)
        state.save(state.now(), folder, self.global_rank, self.world_size)
        return method(self, *args, **kwargs)

    return save


def _loading(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def load(self: Any, *args: Any, **kwargs: Any) -> Any:
        result = method(self, *args, **kwargs)
        if self.latest_checkpoint_exists:
            tag = Path(self.latest_checkpoint).read_text(encoding="utf-8").strip()
            folder = Path(self.checkpoint_dir, tag)
            _state(self.trainer).load(folder, self.global_rank, self.world_size, self.device)
        return result

    return load


def _state(trainer: Any) -> CallbackState:
    objects: dict[str, object] = {"trainer": trainer}
    for number, engine in enumerate(getattr(trainer, "checkpoint_engines", ())):
        objects[f"checkpoint engine {number}"] = engine
    config = trainer.config
    parts = [
        getattr(getattr(config, name, None), "factory", None)
        for name in ("tokenizer", "data", "model", "optimizer", "scheduler")
    ]
    for name in ("sources", "eval_sources"):
        sources = getattr(getattr(config, "data", None), name, ())
        parts += [getattr(one, "data_source", None) for one in sources]
    return CallbackState(objects, [one for one in parts if isinstance(one, type)])

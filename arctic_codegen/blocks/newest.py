"""Which checkpoint does a run resume from? The newest complete one of all engines."""

from __future__ import annotations

from collections.abc import Sequence

from arctic_codegen.blocks import ranks
from arctic_codegen.blocks.checkpoint import CheckpointEngine
from arctic_codegen.blocks.manifest import DamagedError
from arctic_codegen.blocks.metrics import logger


def resume(engines: Sequence[CheckpointEngine]) -> None:
    """Loads the newest checkpoint of the engines that the recipe enables, if there is one.

    Raises :class:`CheckpointError` if a checkpoint cannot be loaded, or if it is damaged and
    ``on_damage`` does not allow the one before it, or there is none.
    """
    enabled = [engine for engine in engines if engine.config.enabled]
    for engine in enabled:
        engine.check()
    damaged: DamagedError | None = None
    while found := [engine for engine in enabled if engine.steps]:
        engine = max(found, key=lambda one: max(one.steps))  # the first of several
        try:
            engine.load(engine.trainer.model)
        except DamagedError as error:
            if engine.config.on_damage == "error":
                raise DamagedError(
                    f"{error}; to resume from the checkpoint before it, set on_damage: previous, or"
                    " delete that folder"
                ) from None
            logger.warning("%s: trying the checkpoint before it", error)
            engine.left_out.add(max(engine.steps))
            damaged = error
            continue
        for one in enabled:
            one.mark_saved()
            if one is not engine and not any(ranks.gathered(one.checkpoint_dir.exists())):
                one.mark_missing()
        return
    if damaged is not None:
        raise DamagedError(f"{damaged}; there is no intact checkpoint before it")


def save_missing(engines: Sequence[CheckpointEngine]) -> None:
    """Saves the step that a run resumes from with the engines that are due: the run was killed
    before it reached them. A collective call."""
    for engine in engines:
        is_new = engine.trainer.global_step == 0
        if not is_new and not engine.is_saved and engine.do_checkpoint:
            engine.save(engine.trainer.model)

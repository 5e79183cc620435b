"""The checkpoint engine that exports a model for transformers and other safetensors readers."""

from __future__ import annotations

import copy
from typing import Any

import torch
from deepspeed.runtime.zero import GatheredParameters

from arctic_codegen.blocks import ranks, whole
from arctic_codegen.blocks._errors import CheckpointError, RecipeError
from arctic_codegen.blocks.checkpoint import CheckpointEngine
from arctic_codegen.blocks.disk import writing


class HFCheckpointEngine(CheckpointEngine):
    """Exports the model (as safetensors), its configuration and the tokenizer in the format of
    transformers. For a model with an adapter, it exports only the adapter.

    A run cannot resume from an export, because the optimizer's state is missing.
    """

    name = "huggingface"

    @property
    def latest_checkpoint_exists(self) -> bool:
        return False

    def check(self) -> None:
        """Raises :class:`RecipeError` if the model cannot be saved."""
        model = self.trainer.model_unwrapped
        if not hasattr(model, "save_pretrained"):
            raise RecipeError(
                f"checkpoint.type: {self.name!r} saves models with a method save_pretrained, and"
                f" {type(model).__qualname__} has none: leave it out, or use another engine"
            )

    def load(self, model: Any) -> None:
        """Raises :class:`CheckpointError`, since a run cannot resume from an export."""
        raise CheckpointError(
            f"{self.config.output_dir} holds only models: a run resumes from checkpoints of an "
            "engine such as 'deepspeed'; set model.name_or_path to start from such a model"
        )

    def save(self, model: Any) -> None:
        """Writes the model on rank 0. A collective call.

        Raises :class:`CheckpointError` on all ranks if it cannot be written.
        """
        weights = self._weights()
        ranks.together(lambda: self._write(weights))
        self.mark_saved()

    def _weights(self) -> dict[str, torch.Tensor] | None:
        """The weights to save, gathered on rank 0, if ZeRO has partitioned them.

        ``None`` if the model has whole weights.
        """
        if self.trainer.config.zero_stage < 3:
            return None
        adapter_only = self.trainer.config.model.peft_config
        found: dict[str, torch.Tensor] = {}
        gathered: dict[int, torch.Tensor | None] = {}  # a tied weight has two names
        for name, value in self.trainer.model_unwrapped.state_dict(keep_vars=True).items():
            if adapter_only and not value.requires_grad:
                continue
            if id(value) not in gathered:  # on all ranks, since gathering is a collective call
                with GatheredParameters([value] if hasattr(value, "ds_id") else []):
                    is_first = self.global_rank == 0
                    gathered[id(value)] = value.detach().cpu().clone() if is_first else None
            if (whole_one := gathered[id(value)]) is not None:
                found[name] = whole_one
        return found

    def _write(self, weights: dict[str, torch.Tensor] | None) -> None:
        if self.global_rank != 0:
            return
        folder = self.checkpoint_dir
        written = whole.unfinished(folder)
        model: Any = self.trainer.model_unwrapped
        with writing(folder):
            whole.remove_unfinished(folder.parent)
            model.save_pretrained(written, state_dict=weights, safe_serialization=True)
            if (written / "config.json").is_file():  # an adapter has its own
                config = copy.deepcopy(model.config)
                config.use_cache = True  # it is off only for training
                config.save_pretrained(written)
            self.trainer.tokenizer.save_pretrained(written)
            whole.finish(folder)
            whole.remove_older(folder, self.config.keep_last)

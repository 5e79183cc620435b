"""The model factory, which creates the model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import nullcontext
from typing import Any

import torch
from transformers import AutoConfig, AutoModelForCausalLM, PretrainedConfig, PreTrainedModel
from transformers.integrations.deepspeed import HfDeepSpeedConfig

from arctic_codegen import CallbackMixin
from arctic_codegen.blocks._part import Part
from arctic_codegen.blocks.adapter import with_adapter
from arctic_codegen.blocks.config import ModelConfig
from arctic_codegen.blocks.partitioned import in_parts
from arctic_codegen.blocks.run import Run

DTYPES = {"fp32": torch.float32, "bf16": torch.bfloat16}


class ModelFactory(CallbackMixin, Part, ABC):
    """Creates the model."""

    name: str
    config: ModelConfig

    def __init__(self, trainer: Run, model_config: ModelConfig | None = None) -> None:
        self._trainer = trainer
        self.config = trainer.config.model if model_config is None else model_config

    def __call__(self) -> torch.nn.Module:
        return self.create_model(self.create_config())

    @abstractmethod
    def create_config(self) -> Any:
        """Creates the configuration of the model."""

    @abstractmethod
    def create_model(self, model_config: Any) -> torch.nn.Module:
        """Creates the model."""


class HFModelFactory(ModelFactory):
    """A causal language model of transformers: loaded from a local folder, or newly initialized."""

    name = "huggingface"

    def create_config(self) -> PretrainedConfig:
        """The model's configuration.

        A new model has the tokenizer's vocabulary size and special tokens.
        """
        folder = self.config.name_or_path
        values = dict(self.config.hf_config)
        if folder is not None:
            loaded: PretrainedConfig = AutoConfig.from_pretrained(
                str(folder), local_files_only=True, **values
            )
            return loaded
        tokenizer = self.trainer.tokenizer
        values.setdefault("vocab_size", len(tokenizer))
        for token in ("bos_token_id", "eos_token_id"):  # else generation stops at the defaults
            values.setdefault(token, getattr(tokenizer, token))
        made: PretrainedConfig = AutoConfig.for_model(**values)
        return made

    def create_model(self, model_config: PretrainedConfig) -> PreTrainedModel:
        """The model, partitioned at ZeRO stage 3.

        With ``peft_config`` it is in peft's wrapper, which has the model's attributes.
        """
        dtype = DTYPES[self.config.dtype]
        attention = self.config.attn_implementation
        is_partitioned = self.trainer.config.zero_stage == 3
        settings = self.trainer.config.deepspeed_config()
        model: PreTrainedModel
        if self.config.name_or_path is None:
            with in_parts(settings) if is_partitioned else nullcontext():
                model = AutoModelForCausalLM.from_config(
                    model_config, attn_implementation=attention, dtype=dtype
                )
        else:
            # transformers looks for this object while it loads.
            partitioned = HfDeepSpeedConfig(settings) if is_partitioned else None
            model = AutoModelForCausalLM.from_pretrained(
                str(self.config.name_or_path),
                config=model_config,
                attn_implementation=attention,
                dtype=dtype,
                local_files_only=True,
            )
            del partitioned
        model.config.use_cache = False
        if self.config.activation_checkpointing:
            model.gradient_checkpointing_enable(
                gradient_checkpointing_kwargs={"use_reentrant": False}
            )
        return with_adapter(model, self.config.peft_config) if self.config.peft_config else model

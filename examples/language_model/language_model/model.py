"""The factories of the tokenizer and the model."""

from __future__ import annotations

from transformers import PretrainedConfig, PreTrainedModel, PreTrainedTokenizerBase

from arctic_codegen import rank_zero
from arctic_codegen.blocks import BPETokenizerFactory, HFModelFactory, ModelFactory


class HelpTokenizer(BPETokenizerFactory):
    """A byte-level BPE, trained on all messages."""

    name = "help"

    def post_create_tokenizer_callback(
        self, tokenizer: PreTrainedTokenizerBase
    ) -> PreTrainedTokenizerBase:
        """Prints how the tokenizer splits some words. Every rank trains the same tokenizer."""
        if self.global_rank == 0:
            pieces = "|".join(tokenizer.tokenize("The inheritance of classes")).replace("Ġ", " ")
            print(f"tokens  {len(tokenizer):,} different ones: {pieces}")
        return tokenizer


@rank_zero
def tell_layers(self: ModelFactory, model: PreTrainedModel) -> PreTrainedModel:
    """Prints the shape of the model, on one rank."""
    config = model.config
    print(
        f"model   {type(model).__name__}: {config.num_hidden_layers} layers of"
        f" {config.hidden_size}, {config.num_attention_heads} heads"
    )
    return model


class HelpModel(HFModelFactory):
    """A Llama of a few layers."""

    name = "help"
    callbacks = [("post-create-model", tell_layers)]

    def post_create_config_callback(self, model_config: PretrainedConfig) -> PretrainedConfig:
        """Limits the model to the length of a sample, which it never exceeds."""
        model_config.max_position_embeddings = self.trainer.config.data.max_length
        return model_config

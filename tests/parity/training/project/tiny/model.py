"""Model and tokenizer factories."""

import torch
from arctic_training.model.hf_factory import HFModelFactory
from arctic_training.tokenizer.hf_factory import HFTokenizerFactory

from tiny.kinds import Hooks, decorated, recorder
from tiny.trace import entered, note, returned, show


def smaller(self, config):
    note(f"{type(self).__name__}: {config.num_hidden_layers} layers become one")
    config.num_hidden_layers = 1
    return config


class Small(HFModelFactory):
    name = "small"
    callbacks = [
        ("pre-create-config", entered("create_config")),
        ("post-create-config", smaller),
        ("pre-create-model", entered("create_model")),
        ("post-create-model", returned("create_model")),
        ("post-init", Hooks.finish),
    ]

    def pre_create_model_callback(self, model_config):
        note(f"{type(self).__name__}: theta of {model_config.rope_theta}")
        model_config.rope_theta = 5000.0
        return model_config

    def post_create_model_callback(self, model):
        model = super().post_create_model_callback(model)
        note(f"{type(self).__name__}: {show(model)}")
        return model


class Smaller(Small):
    name = "smaller"
    callbacks = [("post-create-config", decorated), ("post-create-config", recorder.weigh)]

    def post_create_model_callback(self, model):
        model = super().post_create_model_callback(model)
        with torch.no_grad():
            model.lm_head.weight.mul_(0.5)
        return model


class Words(HFTokenizerFactory):
    name = "words"
    callbacks = [
        ("pre-create-tokenizer", entered("create_tokenizer")),
        ("post-create-tokenizer", returned("create_tokenizer")),
        ("post-create-tokenizer", lambda self, tokenizer: left_padded(tokenizer)),
        ("pre-init", Hooks.begin),
    ]

    def post_create_tokenizer_callback(self, tokenizer):
        note(f"{type(self).__name__}: pads on the {tokenizer.padding_side}")
        return tokenizer


def left_padded(tokenizer):
    tokenizer.padding_side = "left"
    return tokenizer

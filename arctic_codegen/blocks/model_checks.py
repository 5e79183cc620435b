"""The section ``model`` of a recipe: what transformers would refuse late, or ignore unseen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import torch
from deepspeed.accelerator import get_accelerator
from transformers import (
    CONFIG_MAPPING,
    MODEL_FOR_CAUSAL_LM_MAPPING,
    AutoModelForCausalLM,
    PretrainedConfig,
)

from arctic_codegen.blocks.adapter import wrong_adapter, wrong_fit
from arctic_codegen.blocks.config import ModelConfig, TrainerConfig
from arctic_codegen.blocks.library import has_callbacks, is_of_library, is_own
from arctic_codegen.blocks.model import DTYPES, HFModelFactory
from arctic_codegen.blocks.recipe_file import Location, Wrong
from arctic_codegen.blocks.wrong import meant, no_such
from arctic_codegen.runtime.errors import first_line

HF_CONFIG: Location = ("model", "hf_config")
FOLDER: Location = ("model", "name_or_path")
ELSEWHERE = {
    "dtype": "model.dtype",
    "torch_dtype": "model.dtype",
    "attn_implementation": "model.attn_implementation",
    "_attn_implementation": "model.attn_implementation",
}
"""What fields of the recipe set, and which."""
ENCODERS = {
    "bert", "bert-generation", "big_bird", "camembert", "data2vec-text", "electra", "ernie",
    "megatron-bert", "qdqbert", "rembert", "roberta", "roberta-prelayernorm", "roc_bert",
    "roformer", "xlm-roberta", "xlm-roberta-xl", "xmod",
}  # fmt: skip
"""Types whose models see later tokens too, unless ``is_decoder`` is set."""


def wrong_model(config: TrainerConfig, factory: type, data_factory: type) -> Iterator[Wrong]:
    """What is wrong in the section, each with its place in the recipe. Samples are as long as
    ``data.max_length`` says, unless a data factory of a person's own makes them."""
    section = config.model
    if section.dtype == "bf16" and not get_accelerator().is_bf16_supported():
        yield ("model", "dtype"), "this machine does not support bf16: use fp32"
    if not all(is_own(factory, one, HFModelFactory) for one in ("create_config", "create_model")):
        return
    in_folder: dict[str, Any] = {}
    if (folder := section.name_or_path) is not None:
        missing = [one for one in (folder, folder / "config.json") if not one.exists()]
        if missing:
            yield FOLDER, f"{missing[0]} does not exist"
            return
        try:
            in_folder, _ = PretrainedConfig.get_config_dict(str(folder), local_files_only=True)
        except Exception as error:
            yield FOLDER, first_line(error)
            return
    problems = [*wrong_adapter(section), *_wrong_type(section, in_folder)]
    problems = problems or list(_wrong_names(section, in_folder))
    yield from problems
    if not problems and not has_callbacks(factory, "create_config"):
        stated = "max_length" in config.data.model_fields_set
        is_used = stated or is_of_library(data_factory, "process")
        max_length = config.data.max_length if is_used else 0
        yield from _wrong_values(config, factory, in_folder, max_length)


def _wrong_type(section: ModelConfig, in_folder: dict[str, Any]) -> Iterator[Wrong]:
    """Whether the type of model is known, and causal."""
    given = section.hf_config.get("model_type")
    of_folder = in_folder.get("model_type")
    name = given or of_folder
    at: Location = (*HF_CONFIG, "model_type") if given else FOLDER
    if of_folder and given not in (None, of_folder):
        yield at, f"is {given!r}, but the model in {section.name_or_path} is {of_folder!r}"
    elif not isinstance(name, str) or name not in CONFIG_MAPPING:
        yield at, f"transformers has no {name!r}{meant(str(name), CONFIG_MAPPING.keys())}"
    elif CONFIG_MAPPING[name] not in MODEL_FOR_CAUSAL_LM_MAPPING:
        yield at, f"{name!r} is not a causal language model"
    elif name in ENCODERS and not {**in_folder, **section.hf_config}.get("is_decoder"):
        yield at, f"{name!r} is causal only with 'is_decoder: true'"


def _wrong_names(section: ModelConfig, in_folder: dict[str, Any]) -> Iterator[Wrong]:
    """Fields that the configuration of such a model does not have."""
    cls = CONFIG_MAPPING[section.hf_config.get("model_type") or in_folder["model_type"]]
    try:
        usual = {**vars(PretrainedConfig()), **vars(cls())}
    except Exception:  # one that cannot be made of defaults
        return
    known = usual.keys() | cls.attribute_map.keys() | in_folder.keys() | {"model_type"}
    for name in section.hf_config:
        at: Location = (*HF_CONFIG, str(name))
        if name in ELSEWHERE:
            yield at, f"is set by {ELSEWHERE[name]}: set that instead"
        elif name not in known:
            yield at, no_such(str(name), [one for one in known if not one.startswith("_")])


def _wrong_values(
    config: TrainerConfig, factory: type, in_folder: dict[str, Any], max_length: int
) -> Iterator[Wrong]:
    """What such a model is not made of: it is made without memory for its weights."""
    section = config.model
    values = {**in_folder, **section.hf_config}
    cls = CONFIG_MAPPING[values.pop("model_type")]
    try:
        made = cls.from_dict(values)
        positions = getattr(made, "max_position_embeddings", None)
        if isinstance(positions, int) and 0 < positions < max_length:
            yield (
                ("data", "max_length"),
                f"the model has {positions} positions, fewer than the {max_length} tokens of a"
                " sample",
            )
        if has_callbacks(factory, "create_model"):
            return
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(
                made, attn_implementation=section.attn_implementation, dtype=DTYPES[section.dtype]
            )
    except Exception as error:
        yield _failed(error, section)
        return
    if section.peft_config:
        with torch.device("meta"):
            yield from wrong_fit(model, section)


def _failed(error: Exception, section: ModelConfig) -> Wrong:
    """What such an error says, at the value that it names if there is one."""
    text = repr(error)
    reason = f"{type(error).__name__}: {first_line(error)[:200]}"
    if isinstance(error, ImportError) or f'"{section.attn_implementation}"' in text:
        return ("model", "attn_implementation"), reason
    given = section.hf_config
    names = [name for name, value in given.items() if name != "model_type" and repr(value) in text]
    return (*HF_CONFIG, *names[:1]) if given else FOLDER, reason

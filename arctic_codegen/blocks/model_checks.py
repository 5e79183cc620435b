"""Checks the section ``model`` of a recipe for what transformers would reject late or ignore."""

from __future__ import annotations

import inspect
import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from deepspeed.accelerator import get_accelerator
from transformers import (
    CONFIG_MAPPING,
    MODEL_FOR_CAUSAL_LM_MAPPING,
    AutoModelForCausalLM,
    PretrainedConfig,
)
from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS
from transformers.utils import is_flash_attn_2_available

from arctic_codegen.blocks.adapter import wrong_adapter, wrong_fit
from arctic_codegen.blocks.config import ModelConfig, SFTDataConfig, TrainerConfig
from arctic_codegen.blocks.library import has_callbacks, is_of_library, is_own
from arctic_codegen.blocks.model import DTYPES, HFModelFactory
from arctic_codegen.blocks.recipe_file import Location, Wrong
from arctic_codegen.blocks.wrong import is_number, meant, no_such

COUNTS = ("num_", "hidden_size", "intermediate_size", "vocab_size", "n_", "max_position")
POSITIVE = (*COUNTS, "rope_theta")
NOT_NEGATIVE = ("layer_norm_eps", "rms_norm_eps")
HF_CONFIG: Location = ("model", "hf_config")
FOLDER: Location = ("model", "name_or_path")
WEIGHTS = ("*.safetensors", "*.safetensors.index.json", "*.bin", "*.bin.index.json")
ELSEWHERE = {
    "dtype": "model.dtype",
    "torch_dtype": "model.dtype",
    "attn_implementation": "model.attn_implementation",
    "_attn_implementation": "model.attn_implementation",
}
"""Settings that fields of the recipe set, and those fields."""
ENCODERS = {
    "bert", "bert-generation", "big_bird", "camembert", "data2vec-text", "electra", "ernie",
    "megatron-bert", "qdqbert", "rembert", "roberta", "roberta-prelayernorm", "roc_bert",
    "roformer", "xlm-roberta", "xlm-roberta-xl", "xmod",
}  # fmt: skip
"""Types whose models also see later tokens, unless ``is_decoder`` is set."""


def wrong_model(config: TrainerConfig, factory: type, data_factory: type) -> Iterator[Wrong]:
    """The errors in the section, each with its place in the recipe.

    The length of samples is ``data.max_length``, unless a custom data factory makes them.
    """
    section = config.model
    if section.dtype == "bf16" and not get_accelerator().is_bf16_supported():
        yield ("model", "dtype"), "this machine does not support bf16: use fp32"
    if not is_own(factory, "create_model", HFModelFactory):
        return
    problems = [*_wrong_attention(section.attn_implementation), *wrong_adapter(section)]
    yield from problems
    if problems or not is_own(factory, "create_config", HFModelFactory):
        return
    in_folder: dict[str, Any] = {}
    if section.name_or_path is not None:
        read = _config_in(section.name_or_path)
        if isinstance(read, str):
            yield FOLDER, read
            return
        in_folder = read
    problems = list(_wrong_type(section, in_folder))
    problems = problems or list(_wrong_fields(section, in_folder))
    yield from problems
    if not problems and not has_callbacks(factory, "create_config"):
        stated = "max_length" in config.data.model_fields_set
        is_used = stated or is_of_library(data_factory, "process")
        max_length = config.data.max_length if is_used else 0
        yield from _wrong_values(config, factory, in_folder, max_length)


def _wrong_positions(model_config: Any, max_length: int) -> Iterator[Wrong]:
    """The error if samples have more tokens than the model has positions."""
    positions = getattr(model_config, "max_position_embeddings", None)
    if isinstance(positions, int) and 0 < positions < max_length:
        yield (
            ("data", "max_length"),
            f"the model has {positions} positions, fewer than the {max_length} tokens of a sample",
        )


def _wrong_attention(name: str) -> Iterator[Wrong]:
    at: Location = ("model", "attn_implementation")
    known = ["eager", *ALL_ATTENTION_FUNCTIONS.valid_keys()]
    if name not in known and "/" not in name:  # a name with a slash names a kernel
        yield at, f"transformers has no {name!r}{meant(name, known)}"
    elif name == "flash_attention_2" and not is_flash_attn_2_available():
        yield at, "flash_attention_2 needs a GPU and the package flash_attn: use 'sdpa'"
    elif name == "flex_attention" and get_accelerator().device_name() == "cpu":
        yield at, "flex_attention needs a GPU: use 'sdpa'"


def _config_in(folder: Path) -> dict[str, Any] | str:
    """The configuration of the model in a folder, or what is wrong with the folder."""
    if not folder.is_dir():
        return f"there is no folder {folder}"
    try:
        loaded = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return f"{folder} is not a model folder: it has no config.json"
    except (OSError, ValueError) as error:
        return f"{folder / 'config.json'} cannot be read: {error}"
    if not isinstance(loaded, dict):
        return f"{folder / 'config.json'} is not a model configuration"
    if not any(True for pattern in WEIGHTS for _ in folder.glob(pattern)):
        return f"{folder} has no weights: neither *.safetensors nor *.bin"
    return loaded


def _wrong_type(section: ModelConfig, in_folder: dict[str, Any]) -> Iterator[Wrong]:
    """The error if the type of model is unknown, or not causal."""
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


def _wrong_fields(section: ModelConfig, in_folder: dict[str, Any]) -> Iterator[Wrong]:
    """Fields that the configuration class of the model does not have, or with invalid values."""
    cls = CONFIG_MAPPING[section.hf_config.get("model_type") or in_folder["model_type"]]
    try:
        usual = {**vars(PretrainedConfig()), **vars(cls())}
    except Exception:  # a configuration without defaults
        return
    known = usual.keys() | cls.attribute_map.keys() | in_folder.keys() | {"model_type"}
    for name, value in section.hf_config.items():
        at: Location = (*HF_CONFIG, str(name))
        called = cls.attribute_map.get(name, name)
        default = usual.get(called)
        if name in ELSEWHERE:
            yield at, f"is set by {ELSEWHERE[name]}: set that instead"
        elif called != name and called in section.hf_config:
            yield at, f"is another name for {called!r}, which is also set: remove one of them"
        elif name not in known:
            yield at, no_such(str(name), [one for one in known if not one.startswith("_")])
        elif isinstance(default, bool):
            if not isinstance(value, bool):
                yield at, f"must be true or false, not {value!r}"
        elif isinstance(default, (int, float)) and not _are_tokens(name, value):
            if value is not None and not is_number(value):
                yield at, f"must be a number, not {value!r}"
            elif value is not None and not math.isfinite(value):
                yield at, f"must be a finite number, not {value}"
            elif isinstance(default, int) and isinstance(value, float) and name.startswith(COUNTS):
                hint = f": write {int(value)}" if value.is_integer() else ""
                yield at, f"must be a whole number, not {value}{hint}"
            elif "drop" in name and value is not None and not 0 <= value <= 1:
                yield at, f"must be between 0 and 1, not {value}"
            elif value is not None and value <= 0 < default and name.startswith(POSITIVE):
                yield at, f"must be more than 0, not {value}"
            elif value is not None and value < 0 and name.startswith(NOT_NEGATIVE):
                yield at, f"must be 0 or more, not {value}"


def _are_tokens(name: str, value: object) -> bool:
    """Whether a value is a list of tokens, which a field for one token may have instead."""
    if not name.endswith("_token_id") or not isinstance(value, list):
        return False
    return all(type(one) is int for one in value)


def _wrong_values(
    config: TrainerConfig, factory: type, in_folder: dict[str, Any], max_length: int
) -> Iterator[Wrong]:
    """The errors of creating the configuration and the model, which is made on the meta device."""
    given = config.model.hf_config
    values = {**in_folder, **given}
    cls = CONFIG_MAPPING[values.pop("model_type")]
    try:
        made = cls.from_dict(values)
    except Exception as error:
        yield _failed(error, given)
        return
    heads = getattr(made, "num_attention_heads", None)
    shared = getattr(made, "num_key_value_heads", None)
    if isinstance(heads, int) and isinstance(shared, int) and (shared < 1 or heads % shared):
        name = "num_key_value_heads" if "num_key_value_heads" in given else "num_attention_heads"
        yield (*HF_CONFIG, name), f"{heads} attention heads cannot share {shared} key-value heads"
        return
    rotated = getattr(made, "head_dim", None) if "head_dim" in given else None
    if isinstance(rotated, int) and rotated % 2 and hasattr(made, "rope_theta"):
        yield (*HF_CONFIG, "head_dim"), f"must be even, not {rotated}"
        return
    yield from _wrong_positions(made, max_length)
    if has_callbacks(factory, "create_model"):
        return
    try:
        with torch.device("meta"):
            model = AutoModelForCausalLM.from_config(
                made,
                attn_implementation=config.model.attn_implementation,
                dtype=DTYPES[config.model.dtype],
            )
    except Exception as error:
        yield (
            (("model", "attn_implementation"), _reason(error))
            if isinstance(error, ImportError)
            else _failed(error, given)
        )
        return
    is_packed = isinstance(config.data, SFTDataConfig) and config.data.pack_samples
    if is_packed and "position_ids" not in inspect.signature(type(model).forward).parameters:
        yield ("data", "pack_samples"), f"{type(model).__name__} takes no position_ids"
    if config.model.peft_config:
        with torch.device("meta"):
            yield from wrong_fit(model, config.model)


def _failed(error: Exception, given: dict[str, Any]) -> Wrong:
    """An error at the value that its message names, if any."""
    for name, value in given.items():
        texts = value.values() if isinstance(value, dict) else [value]
        for text in texts:
            if isinstance(text, str) and name != "model_type" and repr(text) in repr(error):
                if isinstance(error, KeyError):
                    return (*HF_CONFIG, name), f"transformers has no {text!r}"
                return (*HF_CONFIG, name), _reason(error)
    return HF_CONFIG if given else FOLDER, _reason(error)


def _reason(error: Exception) -> str:
    lines = str(error).strip().splitlines() or [""]
    text = lines[0][:200]
    return text if isinstance(error, (ValueError, KeyError)) else f"{type(error).__name__}: {text}"

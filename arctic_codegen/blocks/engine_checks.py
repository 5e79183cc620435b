"""Checks the section ``deepspeed`` of a recipe for what the engine would reject or ignore."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Iterator
from typing import Any

from deepspeed.accelerator import get_accelerator
from deepspeed.comm.config import CommsLoggerConfig
from deepspeed.monitor.config import CometConfig, CSVConfig, TensorBoardConfig, WandbConfig
from deepspeed.runtime.config import DeepSpeedConfig
from deepspeed.runtime.precision_config import DeepSpeedFP16Config
from deepspeed.runtime.zero.config import DeepSpeedZeroConfig
from pydantic import ValidationError

from arctic_codegen.blocks.recipe_file import Wrong, leaves
from arctic_codegen.blocks.wrong import is_number, no_such, said, wrong_fields
from arctic_codegen.runtime.errors import first_line

ZERO = "zero_optimization"

OURS = {
    "train_micro_batch_size_per_gpu": "micro_batch_size",
    "train_batch_size": "micro_batch_size and gradient_accumulation_steps",
    "gradient_accumulation_steps": "gradient_accumulation_steps",
    "gradient_clipping": "gradient_clipping",
    "bf16": "model.dtype",
    "optimizer": "section 'optimizer' of the recipe",
    "scheduler": "section 'scheduler' of the recipe",
}
"""Settings that fields of the recipe set, and those fields."""

TYPED: dict[str, Any] = {
    ZERO: DeepSpeedZeroConfig,
    "fp16": DeepSpeedFP16Config,
    "comms_logger": CommsLoggerConfig,
    "tensorboard": TensorBoardConfig,
    "wandb": WandbConfig,
    "csv_monitor": CSVConfig,
    "comet": CometConfig,
}
"""Sections whose fields DeepSpeed declares in a class."""

OTHERS = {
    "activation_checkpointing", "amp", "aio", "autotuning", "checkpoint", "compile",
    "compression_training", "curriculum_learning", "data_efficiency", "data_types", "elasticity",
    "flops_profiler", "hybrid_engine", "monitor_config", "pipeline", "sparse_attention",
    "sparse_gradients", "tensor_parallel", "torch_autocast", "weight_quantization",
}  # fmt: skip
"""Names that DeepSpeed reads in another way, or only if they are set."""

BATCH = "train_micro_batch_size_per_gpu"
"""The setting that each configuration of DeepSpeed must have."""

PRINT = "steps_per_print"
"""The setting that may also be null or infinite: DeepSpeed then prints nothing."""

NEEDS_STAGE = {"offload_optimizer": 1, "offload_param": 3}
"""Fields of ZeRO that lower stages ignore."""


class _Asked(dict[str, Any]):
    """A configuration, with sections of the same type, that records which names are looked up."""

    def __init__(self, *sections: str) -> None:
        super().__init__({name: _Asked() for name in sections})
        self.names: set[str] = set()

    def __contains__(self, name: object) -> bool:
        self.names.add(str(name))
        return super().__contains__(name)

    def get(self, name: str, default: Any = None) -> Any:
        self.names.add(name)
        return super().get(name, default)

    def keys(self) -> Any:
        """Returns itself, since DeepSpeed tests whether a name is among the keys."""
        return self


def checked(section: dict[str, Any]) -> dict[str, Any]:
    """Returns the section, for pydantic.

    Raises ValidationError if DeepSpeed would not accept the section unchanged.
    """
    found = list(_wrong(section))
    if found:
        raise wrong_fields(DeepSpeedConfig, found)
    return section


def _wrong(section: dict[str, Any]) -> Iterator[Wrong]:
    found = [
        (at, "must be a value: only the Trainer of transformers replaces 'auto'")
        for at, value in leaves(section)
        if value == "auto" and at[0] not in OURS and not _is_text(*at)
    ]
    found = found or [*_wrong_names(section), *_wrong_values(section)]
    yield from found
    if found:
        return
    fp16 = section.get("fp16")
    if fp16 and fp16.get("enabled") and not get_accelerator().is_fp16_supported():
        yield ("fp16",), "this machine does not support fp16: use model.dtype"
    try:
        DeepSpeedConfig({**copy.deepcopy(section), BATCH: 1})
    except Exception as error:
        yield (), first_line(error)


def _is_text(section: object, *field: object) -> bool:
    """Whether DeepSpeed declares a field of a section as text, in which 'auto' is a usual word."""
    fields = TYPED[section].model_fields if section in TYPED else {}
    return any(fields[one].annotation in (str, str | None) for one in field if one in fields)


def _wrong_names(section: dict[str, Any]) -> Iterator[Wrong]:
    known = _known() if section else ()
    for name, value in section.items():
        if name in OURS:
            yield (name,), f"is set by {OURS[name]}: set that instead"
        elif name in TYPED:
            yield from _wrong_fields(name, TYPED[name], value)
        elif name in DeepSpeedZeroConfig.model_fields and name not in known:
            yield (name,), f"belongs in {ZERO}"
        elif name not in known:
            yield (name,), no_such(name, known)
        elif isinstance(value, dict):
            fields = _known(name)
            for field in value.keys() - fields if fields else ():
                yield (name, str(field)), no_such(str(field), fields)


def _wrong_values(section: dict[str, Any]) -> Iterator[Wrong]:
    """Values that differ in type from DeepSpeed's defaults, which DeepSpeed does not check."""
    usual = DeepSpeedConfig({BATCH: 1}) if section else None
    for name, value in section.items():
        if name in OURS or (name == PRINT and value in (None, math.inf)):
            continue
        default = getattr(usual, name, None)
        if isinstance(default, bool):
            if not isinstance(value, bool):
                yield (name,), f"must be true or false, not {value!r}"
        elif isinstance(default, (int, float)) or name == PRINT:
            if not is_number(value):
                yield (name,), f"must be a number, not {value!r}"
            elif not 0 < value < math.inf:
                yield (name,), f"must be a positive number, not {value}"


def _known(section: str = "") -> set[str]:
    """The names that DeepSpeed reads at the top level, or in a section."""
    asked = _Asked(section) if section else _Asked()
    asked[BATCH] = 1
    with contextlib.suppress(Exception):  # some sections must not be empty
        DeepSpeedConfig(asked)
    if section:
        names: set[str] = asked[section].names
        return names
    return {*TYPED, *OURS, *asked.names, *OTHERS}


def _wrong_fields(name: str, cls: Any, value: Any) -> Iterator[Wrong]:
    """The errors of DeepSpeed's class for a section."""
    if not isinstance(value, dict):
        example = "'stage: 2'" if name == ZERO else "'enabled: true'"
        yield (name,), f"must map names to values, such as {example}"
        return
    try:
        cls(**value)
    except ValidationError as error:
        for at, message in said(error, cls):
            yield (name, *at), message
    except (ValueError, TypeError, AssertionError) as error:
        yield (name,), first_line(error)
    else:
        for field, stage in NEEDS_STAGE.items() if name == ZERO else ():
            offload = value.get(field) or {}
            if offload and int(value.get("stage", 0)) < stage:
                yield (name, field), f"has no effect below stage {stage}"
            elif offload.get("device") == "nvme" and "nvme_path" not in offload:
                yield (name, field), "needs nvme_path, a folder on the NVMe device"

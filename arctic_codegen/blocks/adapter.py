"""Adapters of a model, such as LoRA, made with peft: ``model.peft_config`` of a recipe.

peft takes seconds to import, so it is imported only for recipes with an adapter.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from arctic_codegen.blocks.config import ModelConfig
from arctic_codegen.blocks.recipe_file import Location, Wrong
from arctic_codegen.blocks.wrong import meant, no_such
from arctic_codegen.runtime.errors import first_line

AT: Location = ("model", "peft_config")
TYPE = "peft_type"


def with_adapter(model: Any, values: Mapping[str, Any]) -> Any:
    """The model with a new adapter. Only the adapter is trained."""
    from peft import get_peft_model

    rest = {name: value for name, value in values.items() if name != TYPE}
    made = _types()[values[TYPE]](**{"task_type": "CAUSAL_LM", **rest})
    return get_peft_model(model, made)


def wrong_adapter(section: ModelConfig) -> Iterator[Wrong]:
    """Errors in ``peft_config`` that do not depend on the model."""
    values = section.peft_config
    if not values:
        return
    types = _types()
    name = values.get(TYPE)
    if section.name_or_path is None:
        yield AT, "needs model.name_or_path: an adapter fits only the model that it was trained on"
    elif TYPE not in values:
        yield AT, "needs a peft_type, such as Lora"
    elif name not in types:
        yield (*AT, TYPE), f"peft has no {name!r}{meant(str(name), types)}"
    else:
        known = inspect.signature(types[name]).parameters
        for one in values.keys() - known.keys():
            yield (*AT, str(one)), no_such(str(one), known)


def wrong_fit(model: Any, section: ModelConfig) -> Iterator[Wrong]:
    """The error of an adapter that does not fit the model, which may be on the meta device."""
    try:
        made = with_adapter(model, section.peft_config)
    except Exception as error:
        yield AT, first_line(error)
        return
    if not any(one.requires_grad for one in made.parameters()):
        yield AT, "trains no parameter"


def _types() -> dict[str, type]:
    """The classes of peft's configurations, by the names of ArcticTraining and of peft itself."""
    from peft import PEFT_TYPE_TO_CONFIG_MAPPING

    found = {}
    for key, cls in PEFT_TYPE_TO_CONFIG_MAPPING.items():
        found[cls.__name__.removesuffix("Config")] = found[key.value] = cls
    return found

"""The section ``deepspeed`` of a recipe: what the engine would refuse, or ignore unseen."""

from __future__ import annotations

import difflib
from typing import Annotated, Any

from deepspeed.runtime.zero.config import DeepSpeedZeroConfig
from pydantic import AfterValidator, ValidationError

ZERO = "zero_optimization"
ELSEWHERE = {"optimizer", "scheduler"}
"""What DeepSpeed could make itself, and sections of the recipe decide here."""


def _checked(section: dict[str, Any]) -> dict[str, Any]:
    for name in section:
        if name in ELSEWHERE:
            raise ValueError(f"{name} is decided by the recipe's own section {name!r}")
        if name != ZERO and difflib.get_close_matches(name, [ZERO], 1, 0.8):
            raise ValueError(f"DeepSpeed has no {name}; is {ZERO!r} meant?")
    if ZERO not in section:
        return section
    zero = section[ZERO]
    if not isinstance(zero, dict):
        raise ValueError(f"{ZERO} must map names to values, such as 'stage: 2'")
    try:
        DeepSpeedZeroConfig(**zero)
    except ValidationError as error:
        raise ValueError("; ".join(_told(one) for one in error.errors())) from None
    return section


def _told(error: Any) -> str:
    """One of DeepSpeed's own findings, with the field that may have been meant."""
    where = ".".join([ZERO, *map(str, error["loc"])])
    if error["type"] != "extra_forbidden":
        return f"{where}: {error['msg']}"
    near = difflib.get_close_matches(error["loc"][-1], list(DeepSpeedZeroConfig.model_fields), 1)
    return f"{where}: there is no such field" + (f"; is {near[0]!r} meant?" if near else "")


DeepSpeedSection = Annotated[dict[str, Any], AfterValidator(_checked)]

"""Improves the error for an uncompiled trainer with a compiled factory (R39).

ArcticTraining compares the factory from the registry with those in the trainer's annotations by
identity, and reports the compiled one as "not supported".
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from typing import Any

from arctic_codegen.runtime.errors import full_name

_MARK = "__arctic_explains__"


def explain_pairs() -> None:
    """Makes ArcticTraining's error about a rejected compiled factory say what to compile."""
    module = sys.modules.get("arctic_training.config.trainer")
    config = getattr(module, "TrainerConfig", None)
    checked = getattr(config, "_get_subconfig_object", None)
    if config is None or checked is None or hasattr(checked, _MARK):
        return

    @functools.wraps(checked)
    def explained(**given: Any) -> Any:
        try:
            return checked(**given)
        except ValueError as error:
            message = _mismatch(module, **given)
            if message is None:
                raise
            raise ValueError(message) from error

    setattr(explained, _MARK, True)
    config._get_subconfig_object = staticmethod(explained)


def _mismatch(
    module: Any, v: Any, info: Any, get_class_fn: Callable[[str], type], attr_name: str
) -> str | None:
    """The error message if the factory is compiled and the trainer is not, else ``None``."""
    kind = v.get("type") if isinstance(v, dict) else getattr(v, "type", None)
    if not kind:
        return None
    factory = get_class_fn(kind)
    trainer = module.get_registered_trainer(info.data["type"])
    hints = module._get_class_attr_type_hints(trainer, attr_name)
    source = vars(factory).get("__arctic_source__")
    if factory in hints or source not in hints:
        return None
    return (
        f"{full_name(trainer)} is not compiled, and its {attr_name} {full_name(factory)} is:"
        f" compile the trainer too (add '{trainer.__module__}' to `sources` in"
        " [tool.arctic-codegen], run 'arctic-codegen build', and set `code:` to its compiled file)"
    )

"""Recognizes callbacks that only write log entries."""

from __future__ import annotations

from arctic_codegen.frameworks.table import FRAMEWORKS, PACKAGES
from arctic_codegen.model.hosts import Callback

_LOGS = tuple(
    f"{one.takeover.order_log.module}."
    for one in FRAMEWORKS
    if one.takeover is not None and one.takeover.order_log is not None
)


def is_log(callback: Callback) -> bool:
    """Whether it is a log callback of a framework, wherever it is listed."""
    return callback.name.startswith(_LOGS)


def is_framework_log(callback: Callback) -> bool:
    """Whether it is an entry with which a framework's own class logs its actions."""
    return is_log(callback) and callback.declared_in.module.partition(".")[0] in PACKAGES

"""Logs the order of callbacks for compiled classes, as ArcticTraining does."""

from __future__ import annotations

import functools
from typing import Any


def log_order(instance: Any) -> None:
    """Logs what ArcticTraining logs after construction: each event's callbacks in order."""
    _logger().info(type(instance).__arctic_order_text__)


@functools.cache
def _logger() -> Any:
    """ArcticTraining's logger, cached: an import statement takes as long as creating the object."""
    from arctic_training.logging import logger  # type: ignore[import-untyped,unused-ignore]

    return logger


def keep_order_text(cls: Any) -> None:
    """Composes the text that is logged, if the class has ``__arctic_order__``.

    That attribute lists an event and a callback on each line.
    """
    if "__arctic_order__" not in vars(cls):
        return
    events: dict[str, dict[str, list[str]]] = {}
    for line in cls.__arctic_order__.split("\n")[1:-1]:
        event, _, callback = line.strip().partition(" ")
        phase, _, label = event.partition("-")
        events.setdefault(label, {"pre": [], "post": []})[phase].append(callback)
    lines = [f"Callback methods for {cls.__name__}:"]
    for label, phases in events.items():
        lines.append(f"  {label}:")
        lines.append(f"\tPre-callbacks:[{', '.join(phases['pre'])}]")
        lines.append(f"\tPost-callbacks:[{', '.join(phases['post'])}]")
    cls.__arctic_order_text__ = "\n".join(lines)

"""The log line about the order of callbacks, for compiled classes."""

from __future__ import annotations

from typing import Any


def log_order(instance: Any) -> None:
    """Logs what ArcticTraining logs after construction: each event's callbacks in order.

    The class lists its own in ``__arctic_order__``, as pairs of event and callback.
    """
    from arctic_training.logging import logger  # type: ignore[import-untyped,unused-ignore]

    events: dict[str, dict[str, list[str]]] = {}
    for event, name in type(instance).__arctic_order__:
        phase, _, label = event.partition("-")
        events.setdefault(label, {"pre": [], "post": []})[phase].append(name)
    lines = [f"Callback methods for {type(instance).__name__}:"]
    for label, phases in events.items():
        lines.append(f"  {label}:")
        lines.append(f"\tPre-callbacks:[{', '.join(phases['pre'])}]")
        lines.append(f"\tPost-callbacks:[{', '.join(phases['post'])}]")
    logger.info("\n".join(lines))

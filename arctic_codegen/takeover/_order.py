"""The log line about the order of callbacks, for compiled classes."""

from __future__ import annotations

from typing import Any

_TEXT = "__arctic_order_text__"


def log_order(instance: Any) -> None:
    """Logs what ArcticTraining logs after construction: each event's callbacks in order.

    The class lists its own in ``__arctic_order__``, as pairs of event and callback.
    """
    cls = type(instance)
    text = cls.__dict__.get(_TEXT)
    if text is None:
        text = _text(cls)
        setattr(cls, _TEXT, text)
    _Log.info(text)


class _Logger:
    """ArcticTraining's, fetched when it is needed: this module is there without it."""

    def info(self, text: str) -> None:
        global _Log
        from arctic_training.logging import logger  # type: ignore[import-untyped,unused-ignore]

        _Log = logger
        logger.info(text)


_Log: Any = _Logger()


def _text(cls: Any) -> str:
    events: dict[str, dict[str, list[str]]] = {}
    for event, callback in cls.__arctic_order__:
        phase, _, label = event.partition("-")
        events.setdefault(label, {"pre": [], "post": []})[phase].append(callback)
    lines = [f"Callback methods for {cls.__name__}:"]
    for label, phases in events.items():
        lines.append(f"  {label}:")
        lines.append(f"\tPre-callbacks:[{', '.join(phases['pre'])}]")
        lines.append(f"\tPost-callbacks:[{', '.join(phases['post'])}]")
    return "\n".join(lines)

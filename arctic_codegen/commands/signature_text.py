"""Signatures, formatted as in source code."""

from __future__ import annotations

from collections.abc import Sequence

from arctic_codegen.model.hosts import Callback, Method
from arctic_codegen.model.text import Text
from arctic_codegen.plan.signatures import Local, pieces


def as_text(text: Text | None) -> str:
    """An annotation with the last part of each name, as in sources."""
    if text is None:
        return ""
    return "".join(
        part if isinstance(part, str) else part.name.rpartition(".")[2] or part.module
        for part in text.parts
    )


def callback_signature(callback: Callback) -> str:
    """``(self: Trainer, loss: float) -> float``"""
    signature = callback.signature
    takes = [_annotated("self", signature.object_annotation)]
    takes += [_annotated(take.name, take.annotation) for take in signature.takes]
    return _shown(takes, signature.returns, signature.is_async)


def method_signature(method: Method) -> str:
    """The same for the method of an event, with its defaults."""
    params = [
        Local(
            param.name,
            param.kind,
            as_text(param.annotation),
            "" if param.default is None else param.default.text or "...",
        )
        for param in method.params
    ]
    return _shown(pieces(params), method.returns, method.is_async)


def _annotated(name: str, annotation: Text | None) -> str:
    return name if annotation is None else f"{name}: {as_text(annotation)}"


def _shown(params: Sequence[str], returns: Text | None, is_async: bool) -> str:
    arrow = "" if returns is None else f" -> {as_text(returns)}"
    return f"{'async ' if is_async else ''}({', '.join(params)}){arrow}"

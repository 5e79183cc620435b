"""What happens if a project nests deeper than Python's stack? A retry with a larger stack."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import ParamSpec, TypeVar

from arctic_codegen.diagnostics.faults import InternalFault
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.resolve.query import TooTangled
from arctic_codegen.scan.depth import with_large_stack

P = ParamSpec("P")
T = TypeVar("T")


def retry_with_larger_stack(function: Callable[P, T]) -> Callable[P, T]:
    """Decorator: if the function runs out of stack, call it again with a larger one."""

    @functools.wraps(function)
    def with_larger_stack(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return function(*args, **kwargs)
        except InternalFault as fault:
            if not is_too_deep(fault) or isinstance(fault.cause, TooTangled):
                raise
        return with_large_stack(lambda: function(*args, **kwargs))

    return with_larger_stack


def is_too_deep(fault: InternalFault) -> bool:
    """Whether a fault is a stack overflow."""
    return isinstance(fault.cause, RecursionError)


def too_deep(fault: InternalFault) -> Finding:
    """The finding if the larger stack is too small as well."""
    place = None if fault.reading is None else Place(fault.reading, Span(1, 1, 1, 1))
    return message("AC020", "tangled").at(place)

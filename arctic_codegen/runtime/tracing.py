"""Starts tracing if a run requests it; each compiled module calls this when imported (R63)."""

from __future__ import annotations

import os
from typing import Any

from arctic_codegen._version import TRACE_VARIABLE


def trace_on_request(namespace: dict[str, Any]) -> None:
    """Times the events of a compiled module, given its globals, if the run is traced.

    An environment variable requests a trace. Without it, nothing is imported or changed.
    """
    if TRACE_VARIABLE in os.environ:
        from arctic_codegen.trace.instrument import instrument

        instrument(namespace)

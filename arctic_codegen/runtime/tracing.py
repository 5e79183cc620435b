"""Starts tracing if a run requests it; each compiled module calls this when imported (R63)."""

from __future__ import annotations

import os
import sys
from typing import Any

from arctic_codegen._version import TRACE_VARIABLE


def trace_on_request(namespace: dict[str, Any]) -> None:
    """Times the events of a compiled module, given its globals, if the run is traced.

    An environment variable requests a trace. Without it, nothing is imported or changed.
    """
    if TRACE_VARIABLE in os.environ:
        from arctic_codegen.trace.instrument import instrument

        instrument(namespace)


def end_trace() -> None:
    """Writes the rest of the trace, if there is one, before an exit that runs no exit handlers."""
    recording = sys.modules.get("arctic_codegen.trace.recorder")
    if recording is not None:
        recording.the_recorder().close()

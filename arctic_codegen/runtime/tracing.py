"""Is this run traced? Each compiled module checks this at the end of its import (R63)."""

from __future__ import annotations

import os
from typing import Any

from arctic_codegen._version import TRACE_VARIABLE


def trace_on_request(namespace: dict[str, Any]) -> None:
    """Times the events of a compiled module, whose globals these are, if the run is traced.

    A run is traced if the environment says so; without it nothing is imported or changed.
    """
    if TRACE_VARIABLE in os.environ:
        from arctic_codegen.trace.instrument import instrument

        instrument(namespace)

"""What to record in a run, passed to launchers and workers through the environment."""

from __future__ import annotations

import json
import os
from collections.abc import MutableMapping
from dataclasses import asdict, dataclass, fields

from arctic_codegen._version import TRACE_VARIABLE as VARIABLE

MAX_EVENTS = 100_000


@dataclass(frozen=True)
class TraceOptions:
    """What to record."""

    file: str | None = None
    """The trace of rank 0; the files of the other ranks are written next to it."""
    breadcrumbs: str | None = None
    """The folder in which each rank stores its current call."""
    max_events: int = MAX_EVENTS
    """How many calls of a process are recorded individually. All are counted."""
    torch_profiler: bool = False
    """Whether each call is a ``torch.profiler.record_function`` range."""
    nvtx: bool = False
    """Whether each call is an NVTX range."""


def to_environment(options: TraceOptions, environment: MutableMapping[str, str]) -> None:
    """Request a trace through environment variables. Paths become absolute, since workers may
    change the working directory."""
    known = asdict(options)
    for name in ("file", "breadcrumbs"):
        if known[name] is not None:
            known[name] = os.path.abspath(known[name])
    environment[VARIABLE] = json.dumps(known)


def from_environment() -> TraceOptions:
    """The options in the environment. A plain path is the trace's file.

    Raises ValueError if the variable is neither a path nor the format of ``to_environment``.
    """
    value = os.environ.get(VARIABLE, "")
    if not value.startswith("{"):
        return TraceOptions(file=os.path.abspath(value) if value else None)
    known = json.loads(value)
    names = {field.name for field in fields(TraceOptions)}
    if not names >= known.keys():
        raise ValueError(f"{VARIABLE} has unknown keys: {', '.join(sorted(known.keys() - names))}")
    return TraceOptions(**known)

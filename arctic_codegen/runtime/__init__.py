"""What compiled modules import."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from arctic_codegen._version import VERSION
from arctic_codegen.runtime.class_keywords import class_keyword
from arctic_codegen.runtime.closed_entries import closed
from arctic_codegen.runtime.errors import StaleOutputError
from arctic_codegen.runtime.every_counts import counts_of, due, passed, restore_counts
from arctic_codegen.runtime.proof import prove
from arctic_codegen.runtime.rank import is_rank_zero
from arctic_codegen.runtime.registry import registered
from arctic_codegen.runtime.source_objects import (
    default_of,
    init_of,
    listed,
    made_field,
    script,
    stated,
)
from arctic_codegen.runtime.staleness import verify
from arctic_codegen.runtime.tracing import trace_on_request
from arctic_codegen.runtime.wrapping import condition_of, log_failure, unwrapped

__all__ = [
    "class_keyword",
    "closed",
    "condition_of",
    "counts_of",
    "default_of",
    "due",
    "init_of",
    "is_rank_zero",
    "listed",
    "log_failure",
    "made_field",
    "passed",
    "prove",
    "registered",
    "restore_counts",
    "script",
    "stated",
    "trace_on_request",
    "unwrapped",
    "verify",
]

sys.modules["arctic_codegen.takeover"] = sys.modules[__name__]  # for output of older versions

if not TYPE_CHECKING:  # a type checker would accept any name

    def __getattr__(name: str) -> object:
        """Raises StaleOutputError if output of another version imports a name that is missing here.

        For other code it raises AttributeError: PyTorch looks up ``torch`` in each module.
        """
        about = sys._getframe(1).f_globals.get("__doc__") or ""
        if not about.startswith(("Compiled classes of ", "The compiled classes by ")):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        raise StaleOutputError(
            f"arctic-codegen {VERSION} has no '{name}' for compiled modules: the importing module "
            "was built by another version; run 'arctic-codegen build'",
            name=__name__,
        )

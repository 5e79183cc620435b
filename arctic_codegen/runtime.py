"""What compiled modules import."""

from __future__ import annotations

from arctic_codegen._class_keywords import class_keyword
from arctic_codegen._counting import counts_of, due, restore_counts
from arctic_codegen._guard import verify
from arctic_codegen._lists import closed
from arctic_codegen._lookup import default_of, init_of, made_field, script
from arctic_codegen._source import added, declared
from arctic_codegen._wrappers import is_rank_zero, log_failure, unwrapped

__all__ = [
    "added",
    "class_keyword",
    "closed",
    "counts_of",
    "declared",
    "default_of",
    "due",
    "init_of",
    "is_rank_zero",
    "log_failure",
    "made_field",
    "restore_counts",
    "script",
    "unwrapped",
    "verify",
]

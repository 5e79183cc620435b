"""What compiled modules import."""

from __future__ import annotations

from arctic_codegen._class_keywords import class_keyword
from arctic_codegen._counting import counts_of, due, restore_counts
from arctic_codegen._guard import verify
from arctic_codegen._lists import closed
from arctic_codegen._lookup import default_of, init_of, made_field, script, stated
from arctic_codegen._proof import listed, prove
from arctic_codegen._wrappers import is_rank_zero, log_failure, unwrapped

__all__ = [
    "class_keyword",
    "closed",
    "counts_of",
    "default_of",
    "due",
    "init_of",
    "is_rank_zero",
    "listed",
    "log_failure",
    "made_field",
    "prove",
    "restore_counts",
    "script",
    "stated",
    "unwrapped",
    "verify",
]

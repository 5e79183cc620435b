"""What compiled modules import."""

from __future__ import annotations

from arctic_codegen.runtime.class_keywords import class_keyword
from arctic_codegen.runtime.counting import counts_of, due, restore_counts
from arctic_codegen.runtime.guard import verify
from arctic_codegen.runtime.lists import closed
from arctic_codegen.runtime.lookup import default_of, init_of, listed, made_field, script, stated
from arctic_codegen.runtime.proof import prove
from arctic_codegen.runtime.wrappers import is_rank_zero, log_failure, unwrapped

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

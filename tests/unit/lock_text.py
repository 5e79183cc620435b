"""The text of a whole lock file, for tests of what is in it."""

from __future__ import annotations

from arctic_codegen.build.lock_file import Lock, assemble, fragment


def text_of(lock: Lock) -> str:
    return assemble(lock, {name: fragment(module) for name, module in lock.modules.items()})

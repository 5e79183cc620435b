"""Creates the text of a complete lock file, for tests of its content."""

from __future__ import annotations

from arctic_codegen.build.lock_file import Lock, assemble, fragment


def text_of(lock: Lock) -> str:
    return assemble(lock, {name: fragment(module) for name, module in lock.modules.items()})

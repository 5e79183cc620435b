"""Sees all files and no syntax tree: names, inheritance, events, and callbacks in order."""

from __future__ import annotations

from arctic_codegen.resolve.resolve import resolve

__all__ = ["resolve"]

"""Reads the settings from ``pyproject.toml`` and the command line."""

from __future__ import annotations

from arctic_codegen.config.loading import (
    Loaded,
    at_revision,
    find_config,
    load,
    root_for,
    without_file,
)

__all__ = ["Loaded", "at_revision", "find_config", "load", "root_for", "without_file"]

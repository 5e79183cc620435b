"""Runs commands, as in the tests of the command line."""

from __future__ import annotations

from tests.e2e.cli.conftest import cli, folder

__all__ = ["cli", "folder"]

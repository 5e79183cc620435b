"""Processes that scan files beside the one that builds (ADR 15). Light: they begin before it has
loaded anything."""

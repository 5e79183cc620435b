"""Processes that scan files in parallel with the build (ADR 15).

This package imports only a few modules, so that the processes can start before the rest of the tool
is loaded.
"""

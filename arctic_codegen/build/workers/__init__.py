"""Processes that scan files in parallel with the build (ADR 15).

This package imports little, so that the processes can start before the compiler is loaded.
"""

"""Processes that scan files beside the one that builds (ADR 15).

This room is light: they begin before that one has loaded anything.
"""

"""Resolves names, branches, inheritance, and annotations as text."""

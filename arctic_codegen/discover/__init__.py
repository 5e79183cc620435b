"""Finds files: trees, module names, and the files that a command names."""

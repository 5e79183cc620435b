"""Finds files: trees, module names, what a run asks for."""

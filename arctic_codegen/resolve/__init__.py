"""Resolves names, inheritance, events and the order of callbacks, from the records of all files."""

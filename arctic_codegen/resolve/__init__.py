"""Sees all files and no syntax tree: names, inheritance, events, and callbacks in order."""

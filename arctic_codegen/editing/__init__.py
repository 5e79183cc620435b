"""Edits of sources, spliced into the original bytes; nothing else is modified."""

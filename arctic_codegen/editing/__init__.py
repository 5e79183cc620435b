"""Edits sources in place: only the edited ranges of a file change."""

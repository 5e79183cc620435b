"""A small training project: every kind of callback on each of the eight building blocks."""

"""Callbacks under ArcticTraining's runtime and compiled, side by side."""

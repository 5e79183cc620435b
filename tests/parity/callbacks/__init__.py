"""Compares callbacks under ArcticTraining's runtime with compiled ones."""

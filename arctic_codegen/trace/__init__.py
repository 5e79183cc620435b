"""Traced runs: what each callback costs, and in which call each rank is (R63)."""

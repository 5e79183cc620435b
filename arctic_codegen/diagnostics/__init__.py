"""Findings: their records, the table of codes, and the renderers."""

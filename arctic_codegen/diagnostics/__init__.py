"""Findings: what they are, the table of their codes, and the ways to show them."""

"""Frameworks: what it takes to add one."""

"""Frameworks: what is needed to add one."""

"""Statements outside a class body that change a host class's callbacks (R12)."""

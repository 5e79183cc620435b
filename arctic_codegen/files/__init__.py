"""File access: opening without blocking, atomic replacement, locks."""

"""What is particular to each callback mixin: its identity, its wrappers, what it registers."""

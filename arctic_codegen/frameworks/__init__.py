"""What is specific to each callback mixin: one record per framework, and their table."""

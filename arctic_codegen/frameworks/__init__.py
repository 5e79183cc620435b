"""What is particular to each callback mixin: one record per framework, and the table of them."""

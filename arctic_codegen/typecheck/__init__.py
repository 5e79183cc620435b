"""The type checkers behind one interface, and the mapping of their messages to source lines."""

"""The type checkers behind one face, and the way back from their messages to a person's line."""

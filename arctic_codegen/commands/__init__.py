"""The commands as functions, independent of the command line."""

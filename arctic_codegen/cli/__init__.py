"""The command line, one file a command: options in, the api called, a report printed."""

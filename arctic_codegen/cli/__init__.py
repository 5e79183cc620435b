"""The command line, one file per command: parses options, calls the API, prints a report."""

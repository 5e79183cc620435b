"""The version of this package, and the form of the lock file that the build writes."""

VERSION = "0.1.0"

LOCK_NAME = "arctic-codegen.lock"
"""The lock file, at the top of the output folder."""
LOCK_VERSION = 1
SITE = "site:"
"""How the path of a file begins that is installed: the rest is relative to the search path."""

TRACE_VARIABLE = "ARCTIC_CODEGEN_TRACE"
"""The environment variable that asks for a trace."""

"""The version of this package, the format of the lock file, and the environment variables."""

VERSION = "0.2.0"

LOCK_NAME = "arctic-codegen.lock"
"""The lock file, at the top of the output folder."""
LOCK_VERSION = 1
SITE = "site:"
"""How the path of a file begins that is installed: the rest is relative to the search path."""

STALE_VARIABLE = "ARCTIC_CODEGEN_ON_STALE"
TRACE_VARIABLE = "ARCTIC_CODEGEN_TRACE"
DEBUG_VARIABLE = "ARCTIC_CODEGEN_DEBUG"
COMPLETE_VARIABLE = "_ARCTIC_CODEGEN_COMPLETE"
ENVIRONMENT = {
    STALE_VARIABLE: "`error`, `warn` or `ignore`: what importing output that is out of date "
    "does; overrides `on-stale` in the configuration.",
    TRACE_VARIABLE: "Enables tracing: the file to write, or what "
    "`python -m arctic_codegen.trace` and `arctic-codegen run --trace` write here for launchers "
    "and workers.",
    DEBUG_VARIABLE: "If it is set, an internal error of a command prints its traceback, too.",
    COMPLETE_VARIABLE: "The shell whose completion is printed: `bash_source`, `zsh_source` or "
    "`fish_source`.",
}
"""Every variable that the package reads of its own, with what it does, as Markdown."""

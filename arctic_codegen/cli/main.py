"""The entry point: handles everything before a command is loaded, and every way to exit."""

from __future__ import annotations

import atexit
import errno
import gc
import os
import sys
from collections.abc import Sequence
from typing import NoReturn, TextIO

from arctic_codegen._version import DEBUG_VARIABLE
from arctic_codegen.build.cache.replay import repeated
from arctic_codegen.diagnostics.faults import InternalFault, WrongUse

PROGRAM = "arctic-codegen"
REPORT_TO = "https://github.com/arctic-codegen/arctic-codegen/issues"
_SYSTEM_ERRORS = frozenset(
    {
        errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOSPC, errno.EDQUOT,
        errno.EFBIG, errno.EROFS, errno.EIO,
    }
)  # fmt: skip
"""Errors of the operating system that are never a bug in the tool."""


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns its exit code. Raises nothing except a ``SystemExit`` of other
    code."""
    _escape_unencodable()
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        code = repeated(given)
        if code is None:
            code = _run_command(given)
    except KeyboardInterrupt:
        _print_error("interrupted")
        return 130
    except WrongUse as error:
        return _wrong(error.message, error.hint)
    except BrokenPipeError:
        _close(sys.stdout)
        return 1
    except InternalFault as fault:
        return _internal(fault.cause, fault.stage, fault.reading)
    except Exception as error:
        return _internal(error, "the command line", None)
    return code


def _run_command(given: Sequence[str]) -> int:
    from arctic_codegen.build.workers.early import begin_early, end_early

    begin_early(given)
    try:
        from arctic_codegen.cli.group import carry_out

        return carry_out(given)
    finally:
        end_early()


def main() -> None:
    """The console script."""
    # Syntax trees and records are millions of small objects, nearly all without cycles and needed
    # until the end. Collecting garbage after each 200,000 allocations takes a seventh of the time
    # of a build, and saves only a twentieth of its memory.
    gc.set_threshold(5_000_000, 20, 20)
    code = run()
    _flush()
    _leave(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            _close(stream)


def _leave(code: int) -> NoReturn:
    """Exit without freeing all objects of a build one by one, which would take longer than the last
    third of the build; mypy exits in the same way."""
    threading = sys.modules.get("threading")
    has_threads = threading is not None and threading.active_count() > 1
    if has_threads or _is_watched() or sys.flags.inspect:
        sys.exit(code)  # other code has to run at exit
    atexit._run_exitfuncs()
    _flush()
    os._exit(code)


def _is_watched() -> bool:
    """Whether a profiler, a debugger or a similar tool is active."""
    if sys.getprofile() or sys.gettrace():
        return True
    monitoring = getattr(sys, "monitoring", None)  # from Python 3.12 on
    return monitoring is not None and any(monitoring.get_tool(one) for one in range(6))


def _wrong(message: str, hint: str | None = None) -> int:
    _print_error(f"{PROGRAM}: error: {_visible(message)}")
    if hint is not None:
        _print_error("help: " + "\n".join(map(_visible, hint.split("\n"))))
    return 2


def _visible(text: str) -> str:
    """Escape control characters in file names and arguments before they are printed to a
    terminal."""
    from arctic_codegen.diagnostics.texts import visible

    return visible(text)


def _internal(cause: BaseException, stage: str, reading: str | None) -> int:
    if os.environ.get(DEBUG_VARIABLE):
        import traceback

        traceback.print_exception(type(cause), cause, cause.__traceback__)
    if isinstance(cause, MemoryError):
        return _wrong(f"there is not enough memory ({stage})")
    if isinstance(cause, OSError) and cause.errno in _SYSTEM_ERRORS:
        return _wrong(f"{cause.strerror} ({stage})")
    what = f"{type(cause).__name__}: {cause}" if str(cause) else type(cause).__name__
    _print_error(f"error[AC901]: internal error in {stage}: {what}")
    if reading is not None:
        _print_error(f"  while reading {_visible(reading)}")
    if isinstance(cause, RecursionError):
        _print_error("  the file is nested too deeply")
    _print_error(f"help: please report this at {REPORT_TO}, with that file if you may share it,")
    _print_error(
        f"      with what `{PROGRAM} --version --verbose` prints, and with the traceback, which"
    )
    _print_error(f"      {DEBUG_VARIABLE}=1 shows")
    return 2


def _print_error(text: str) -> None:
    try:
        print(text, file=sys.stderr)
    except OSError:
        return


def _escape_unencodable() -> None:
    """Escape characters that the terminal's encoding lacks, so that they raise no error."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:  # it was closed when the command was started
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
            continue
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _close(stream: TextIO) -> None:
    """Handle a closed pipe: otherwise Python would report it again when it flushes at exit."""
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    except (OSError, ValueError):
        return

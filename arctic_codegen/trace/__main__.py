"""``python -m arctic_codegen.trace``: runs a program and traces its compiled classes."""

from __future__ import annotations

import argparse
import os
import sys

from arctic_codegen.files.overwriting import may_overwrite
from arctic_codegen.trace.options import MAX_EVENTS, TraceOptions, to_environment

DEFAULT_FILE = "trace.json"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m arctic_codegen.trace",
        usage="%(prog)s [OPTIONS] (SCRIPT | -m MODULE) [ARGS ...]",
        description=(
            "Run a program and time each event and callback of the compiled classes that it uses. "
            "The output on disk is not changed. Works under torchrun, too."
        ),
    )
    parser.add_argument(
        "-o",
        "--output",
        metavar="FILE",
        help=f"trace of rank 0 (default: {DEFAULT_FILE}); rank 1 writes FILE with .rank1",
    )
    parser.add_argument(
        "--breadcrumbs",
        metavar="FOLDER",
        help="keep each rank's current call there, for `arctic-codegen where`",
    )
    parser.add_argument(
        "--max-events",
        type=int,
        default=MAX_EVENTS,
        metavar="N",
        help="number of single calls that each process writes (default: %(default)s); all calls "
        "are counted",
    )
    parser.add_argument(
        "--torch-profiler",
        action="store_true",
        help="open a torch.profiler.record_function range for each call",
    )
    parser.add_argument("--nvtx", action="store_true", help="open an NVTX range for each call")
    parser.add_argument("-m", "--module", action="store_true", help="run a module")
    parser.add_argument("program", metavar="SCRIPT | -m MODULE")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, metavar="ARGS")
    return parser


def main() -> None:
    """Replace this process by the program, with the same interpreter and options."""
    parser = _parser()
    given = parser.parse_args()
    file = given.output
    if file is None and given.breadcrumbs is None:
        file = DEFAULT_FILE
    if file is not None and not may_overwrite(file):
        parser.error(f"'{file}' exists and is not a trace: choose another file, or remove it first")
    options = TraceOptions(
        file, given.breadcrumbs, given.max_events, given.torch_profiler, given.nvtx
    )
    to_environment(options, os.environ)
    module = ["-m"] if given.module else []
    command = [sys.executable, *_options(), *module, given.program, *given.arguments]
    os.execv(sys.executable, command)


def _options() -> list[str]:
    """The interpreter options before ``-m arctic_codegen.trace``."""
    found = sys.orig_argv[1 : -len(sys.argv[1:])]
    return found[:-1] if found[-1].startswith("-m") else found[:-2]


if __name__ == "__main__":
    main()

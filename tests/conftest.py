"""What holds for all tests."""

from __future__ import annotations

import compileall
import functools
import os
import signal
import sysconfig
import tempfile
from pathlib import Path

import arctic_codegen.scan

# A shell that starts the tests in its background has them ignore interrupts, and so would every
# process that they start and mean to interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Samples of training runs are no part of a person's cache. `datasets` reads it when it is imported.
DATASETS = tempfile.TemporaryDirectory(prefix="arctic-codegen-")
os.environ["HF_DATASETS_CACHE"] = DATASETS.name

# Where Python writes no bytecode, each of the thousands of processes would compile the tool anew.
TOOL = Path(arctic_codegen.scan.__file__).parents[1]
if "PYTEST_XDIST_WORKER" not in os.environ:
    compileall.compile_dir(TOOL, quiet=2)


def scan_once(scan):
    """``scan`` for builds in this process, which reads each file of a library once.

    A random project is small beside `inspect` and `typing`, which it imports.
    """
    remembered = functools.lru_cache(maxsize=64)(scan)
    libraries = (str(TOOL), sysconfig.get_path("stdlib"), sysconfig.get_path("purelib"))

    def once(data, path, *, compiles=False):
        of_library = path.startswith(libraries)
        return (remembered if of_library else scan)(data, path, compiles=compiles)

    return once


arctic_codegen.scan.scan = scan_once(arctic_codegen.scan.scan)

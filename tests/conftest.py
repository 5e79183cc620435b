"""What holds for all tests."""

from __future__ import annotations

import compileall
import os
import signal
import tempfile

from tests import libraries

# A shell that starts the tests in its background has them ignore interrupts, and so would every
# process that they start and mean to interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Samples of training runs are no part of a person's cache. `datasets` reads it when it is imported.
DATASETS = tempfile.TemporaryDirectory(prefix="arctic-codegen-")
os.environ["HF_DATASETS_CACHE"] = DATASETS.name

# Where Python writes no bytecode, each of the thousands of processes would compile the tool anew.
if "PYTEST_XDIST_WORKER" not in os.environ:
    compileall.compile_dir(libraries.TOOL, quiet=2)

SCANS = tempfile.TemporaryDirectory(prefix="arctic-codegen-")
os.environ.setdefault(libraries.KEPT, SCANS.name)
libraries.scan_once()

"""What holds for all tests."""

from __future__ import annotations

import os
import signal
import tempfile

# A shell that starts the tests in its background has them ignore interrupts, and so would every
# process that they start and mean to interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Samples of training runs are no part of a person's cache. `datasets` reads it when it is imported.
DATASETS = tempfile.TemporaryDirectory(prefix="arctic-codegen-")
os.environ["HF_DATASETS_CACHE"] = DATASETS.name

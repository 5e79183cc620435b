"""What holds for all tests."""

from __future__ import annotations

import atexit
import compileall
import os
import shutil
import signal
import tempfile
from collections.abc import Iterator

import pytest

from tests import libraries

# A shell that starts the tests in its background has them ignore interrupts, and so would every
# process that they start and mean to interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# What every training run of the tests has: sums are the same on one thread, nothing is downloaded.
os.environ.update(DS_ACCELERATOR="cpu", OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1")

FOLDER = tempfile.mkdtemp(prefix="arctic-codegen-")


def _remove(process: int = os.getpid()) -> None:
    """At the end of this process: its forks, which may end as Python ends, leave the folder."""
    if os.getpid() == process:
        shutil.rmtree(FOLDER, ignore_errors=True)


atexit.register(_remove)

# Samples of training runs are no part of a person's cache. `datasets` reads it when it is imported.
os.environ["HF_DATASETS_CACHE"] = f"{FOLDER}/datasets"

# Where Python writes no bytecode, each of the thousands of processes would compile the tool anew.
if "PYTEST_XDIST_WORKER" not in os.environ:
    compileall.compile_dir(libraries.TOOL, quiet=2)

if libraries.KEPT not in os.environ:
    os.environ[libraries.KEPT] = tempfile.mkdtemp(dir=FOLDER)
libraries.scan_once()


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """Chromium of the system, without a window."""
    playwright = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"none of {', '.join(names)} is installed (apt-get install chromium)")
    with playwright.sync_playwright() as running:
        sandbox = [] if os.getuid() else ["--no-sandbox"]  # which Chromium has no use for as root
        chromium = running.chromium.launch(executable_path=path, args=sandbox)
        yield chromium
        chromium.close()

"""The environment and fixtures of all tests."""

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

# A shell that starts the tests in the background makes them ignore interrupts, and so would all
# processes that they start and want to interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# For every training run of the tests: sums are deterministic on one thread, nothing is downloaded.
os.environ.update(DS_ACCELERATOR="cpu", OMP_NUM_THREADS="1", HF_HUB_OFFLINE="1")

FOLDER = tempfile.mkdtemp(prefix="arctic-codegen-")


def _remove(process: int = os.getpid()) -> None:
    """Remove the folder at the end of this process; its forks, which may exit normally, do not."""
    if os.getpid() == process:
        shutil.rmtree(FOLDER, ignore_errors=True)


atexit.register(_remove)

# Keep samples of training runs out of the user's cache. `datasets` reads this at import.
os.environ["HF_DATASETS_CACHE"] = f"{FOLDER}/datasets"

# If Python writes no bytecode, each of the thousands of processes would compile the tool again.
if "PYTEST_XDIST_WORKER" not in os.environ:
    compileall.compile_dir(libraries.TOOL, quiet=2)

if libraries.KEPT not in os.environ:
    os.environ[libraries.KEPT] = tempfile.mkdtemp(dir=FOLDER)
libraries.scan_once()


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    """The system's Chromium, headless."""
    playwright = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome")
    path = next(filter(None, map(shutil.which, names)), None)
    if path is None:
        pytest.skip(f"none of {', '.join(names)} is installed (apt-get install chromium)")
    with playwright.sync_playwright() as running:
        sandbox = [] if os.getuid() else ["--no-sandbox"]  # as root, Chromium needs this option
        chromium = running.chromium.launch(executable_path=path, args=sandbox)
        yield chromium
        chromium.close()

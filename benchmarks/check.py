"""A second `check` of the example against a second run of mypy over the same files.

Both have warm caches. Prints one line of JSON; with ``--check`` the exit code is 1 if `check`
exceeds its bound.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

from starting import output_of  # type: ignore[import-not-found]

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = Path("examples", "language_model")
BOUND = 1.5
"""The maximum ratio of a warm check to a warm run of mypy."""


def seconds(command: list[str], folder: Path) -> float:
    """The time that a command takes. Exits if it fails."""
    started = time.perf_counter()
    output_of(command, folder)
    return time.perf_counter() - started


def configuration() -> str:
    """This repository's configuration, reduced to the one example."""
    before, _, after = (ROOT / "pyproject.toml").read_text().partition("[tool.arctic-codegen]\n")
    own = {"sources": [str(EXAMPLE / EXAMPLE.name)], "src": [str(EXAMPLE)]}
    lines = "".join(f"{key} = {json.dumps(value)}\n" for key, value in own.items())
    return f"{before}[tool.arctic-codegen]\n{lines}\n[{after.partition(chr(10) + '[')[2]}"


def main() -> int:
    """Times both alternately, so that other load on the machine affects both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--check", action="store_true", help="fail where the bound is not held")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder, "project")
        ignore = shutil.ignore_patterns("runs", "__pycache__", ".*_cache", ".arctic-codegen-cache")
        shutil.copytree(ROOT / EXAMPLE, project / EXAMPLE, ignore=ignore)
        (project / "pyproject.toml").write_text(configuration(), encoding="utf-8")
        tool = [sys.executable, "-m", "arctic_codegen"]
        mypy = [sys.executable, "-m", "mypy", "--strict", str(EXAMPLE), "generated"]
        seconds([*tool, "build"], project)
        cold = {
            "check": seconds([*tool, "check"], project),
            "mypy": seconds(mypy, project),
        }
        checks, mypys = [], []
        for _ in range(options.rounds):
            checks.append(seconds([*tool, "check"], project))
            mypys.append(seconds(mypy, project))
    check, plain = statistics.median(checks), statistics.median(mypys)
    result = {
        "what": "warm check against warm mypy",
        "check_s": round(check, 3),
        "mypy_s": round(plain, 3),
        "ratio": round(check / plain, 3),
        "bound": BOUND,
        "cold_check_s": round(cold["check"], 2),
        "cold_mypy_s": round(cold["mypy"], 2),
    }
    print(json.dumps(result))
    return int(options.check and check / plain > BOUND)


if __name__ == "__main__":
    sys.exit(main())

"""A scan of the installed arctic_training, against libcst's parser.

Prints one line of JSON. Each figure is the minimum of a few rounds, in seconds of processor time.
"""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Callable
from pathlib import Path

import libcst

from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.scan import scan

ROUNDS = 7


def _files() -> list[tuple[str, bytes]]:
    spec = importlib.util.find_spec("arctic_training")
    if spec is None or spec.origin is None:
        raise SystemExit("arctic_training is not installed")
    paths = sorted(Path(spec.origin).parent.rglob("*.py"))
    return [(str(path), path.read_bytes()) for path in paths]


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    """Measures and prints the result."""
    files = _files()
    texts = [data.decode() for _, data in files]

    def parse() -> None:
        for text in texts:
            libcst.parse_module(text)

    def read() -> None:
        for path, data in files:
            found = scan(data, path)
            if isinstance(found, Finding):
                raise SystemExit(f"{path}: {found.message}")

    # Alternately, so that other load on the machine affects both.
    rounds = [(_seconds(parse), _seconds(read)) for _ in range(ROUNDS)]
    parsing = min(first for first, _ in rounds)
    scanning = min(second for _, second in rounds)
    figures = {
        "benchmark": "scan",
        "files": len(files),
        "lines": sum(text.count("\n") for text in texts),
        "parse_seconds": round(parsing, 3),
        "scan_seconds": round(scanning, 3),
        "ratio": round(scanning / parsing, 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()

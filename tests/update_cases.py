"""Writes what the cases expect: ``python -m tests.update_cases [NAME...]``. Read the difference."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.cases.harness import CASES, run_case


def main() -> None:
    wanted = sys.argv[1:]
    for case in CASES:
        if wanted and case.name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            transcript, files = run_case(case, Path(folder))
        (case / "transcript.txt").write_text(transcript, encoding="utf-8")
        shutil.rmtree(case / "expected", ignore_errors=True)
        for name, text in files.items():
            path = case / "expected" / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        print(case.name)


if __name__ == "__main__":
    main()

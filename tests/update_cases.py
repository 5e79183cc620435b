"""Updates the expected output of the cases: ``python -m tests.update_cases [NAME...]``."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path

from tests.cases.harness import CASES, run_case
from tests.harness import write_files


def main() -> None:
    wanted = sys.argv[1:]
    for case in CASES:
        if wanted and case.name not in wanted:
            continue
        with tempfile.TemporaryDirectory() as folder:
            transcript, files = run_case(case, Path(folder))
        (case / "transcript.txt").write_text(transcript, encoding="utf-8")
        shutil.rmtree(case / "expected", ignore_errors=True)
        write_files(case / "expected", files)
        print(case.name)


if __name__ == "__main__":
    main()

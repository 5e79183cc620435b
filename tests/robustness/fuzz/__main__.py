"""``python -m tests.robustness.fuzz``, for ``make fuzz``: tries random projects for some time.

Projects that break a promise are added to the corpus, which the quick tests run again.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.robustness.fuzz.cases import case
from tests.robustness.fuzz.corpus import CORPUS, kept
from tests.robustness.fuzz.trying import tried


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.robustness.fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seed", type=int, default=None, help="the first number; random without")
    wish = parser.parse_args()
    first = wish.seed if wish.seed is not None else random.SystemRandom().randrange(10**9)
    until = time.monotonic() + wish.seconds
    number, with_output, failed = first, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < until:
            files = case(number)
            try:
                with_output += tried(files, Path(folder))
            except Exception:
                failed += 1
                traceback.print_exc()
                print(f"seed {number}: kept as {kept(files, f'seed_{number}')}", file=sys.stderr)
            number += 1
    print(
        f"{number - first} projects from seed {first}: {with_output} with output, {failed} failed"
        + (f", see {CORPUS}" if failed else "")
    )
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

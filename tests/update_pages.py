"""Updates the outputs shown on the pages: ``python -m tests.update_pages [NAME...]``."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from tests.pages import PAGES, ROOT, run_page


def main() -> None:
    wanted = sys.argv[1:]
    for page in PAGES:
        name = page.relative_to(ROOT).as_posix()
        if not wanted or name in wanted or page.stem in wanted:
            text = page.read_text(encoding="utf-8")
            with tempfile.TemporaryDirectory() as folder:
                page.write_text(run_page(text, Path(folder)), encoding="utf-8")
            print(name)


if __name__ == "__main__":
    main()

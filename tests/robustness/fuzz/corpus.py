"""Projects that once broke a promise, each in a folder."""

from __future__ import annotations

from pathlib import Path

from tests.harness import write_files
from tests.robustness.fuzz.cases import Files

CORPUS = Path(__file__).parent / "found"


def kept(files: Files, name: str) -> Path:
    """Add a project to the corpus; returns its folder."""
    folder = CORPUS / name
    # With this name, no test runner, linter or type checker treats the files as code.
    write_files(folder, {f"{path}.case": data for path, data in files.items()})
    return folder


def read(folder: Path) -> Files:
    """The project in a folder."""
    return {
        str(path.relative_to(folder)).removesuffix(".case"): path.read_bytes()
        for path in sorted(folder.rglob("*.case"))
    }

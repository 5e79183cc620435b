"""Projects that broke a promise once, a folder each."""

from __future__ import annotations

from pathlib import Path

from tests.robustness.fuzz.cases import Files

CORPUS = Path(__file__).parent / "found"


def kept(files: Files, name: str) -> Path:
    """Puts a project into the corpus; its folder."""
    folder = CORPUS / name
    for path, data in files.items():
        file = folder / f"{path}.case"  # no test runner, linter or type checker takes it for code
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
    return folder


def read(folder: Path) -> Files:
    """The project of a folder."""
    return {
        str(path.relative_to(folder)).removesuffix(".case"): path.read_bytes()
        for path in sorted(folder.rglob("*.case"))
    }

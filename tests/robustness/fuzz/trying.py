"""Runs one project through the whole build, and checks what must be true for any project."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from arctic_codegen import api
from arctic_codegen.diagnostics.records import Severity
from tests.harness import write_files
from tests.robustness.fuzz.cases import Files

SECONDS = 60.0
"""A longer build counts as hanging."""

CONFIG = b'[tool.arctic-codegen]\nsources = ["."]\nsemantics = "documented"\n'


def tried(files: Files, folder: Path) -> bool:
    """Build a project; returns whether it has output. Raises if a promise is broken."""
    root = folder / "project"
    shutil.rmtree(root, ignore_errors=True)
    write_files(root, {"pyproject.toml": CONFIG, **files})
    begun = time.monotonic()
    result = api.build(working_folder=root, use_cache=False)
    took = time.monotonic() - begun
    assert took < SECONDS, f"the build took {took:.0f} s"
    assert result.exit_code in (0, 1)
    output = {
        path.relative_to(root): path.read_bytes()
        for path in (root / "generated").rglob("*")
        if path.is_file()
    }
    errors = [each for each in result.findings if each.severity is Severity.ERROR]
    for finding in result.findings:
        assert finding.place is not None, finding
        place = Path(finding.place.path)
        assert place.exists(), finding
        span = finding.place.span
        assert min(span.line, span.column) >= 1, finding
    if errors:
        assert not output, "something was written beside errors"
        return False
    for path, data in output.items():
        if path.suffix == ".py":
            compile(data, str(path), "exec", dont_inherit=True)
    again = api.build(working_folder=root, write=False, use_cache=True)
    assert not again.changes, [change.path for change in again.changes]
    return bool(output)

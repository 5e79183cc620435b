"""Are the files that are not scanned valid Python? If not, this is reported as well.

ruff parses many files in parallel, in a fraction of the time of a scan. A file that it rejects is
scanned after all, so that the scanner reports the finding.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.emit.ruff_command import ruff
from arctic_codegen.scan import syntax_tree

ENOUGH = 400_000
"""Up to this number of bytes, Python's own parser is faster than starting ruff."""
_AT_ONCE = 2000
_OPTIONS = (
    "check",
    "--isolated",
    "--no-cache",
    "--select=E902",
    "--target-version=py313",
    "--output-format=json",
)
"""Arguments for ruff, which reports syntax errors whatever is selected."""


class SyntaxCheck:
    """A check that starts in the background; :meth:`suspects` waits for its result."""

    def __init__(self, files: Mapping[str, bytes], *, on_disk: bool) -> None:
        """``files`` are the bytes by path. ``on_disk`` means that other processes can read them."""
        self._files = files
        self._processes: list[tuple[Sequence[str], subprocess.Popen[bytes]]] = []
        if on_disk and sum(map(len, files.values())) > ENOUGH:
            self._start([path for path in files if _is_utf8(path)])

    def suspects(self) -> frozenset[str]:
        """The paths of the files that a scan may reject."""
        found: set[str] = set()
        reported: set[str] = set()
        for paths, process in self._processes:
            output = process.communicate()[0]
            rejected = _rejected(output) if process.returncode in (0, 1) else None
            if rejected is not None:
                reported.update(paths)
                found.update(rejected)
        self._processes = []
        if not found <= reported:
            reported, found = set(), set()  # ruff reports the paths in another form
        for path, data in self._files.items():
            if path not in reported and syntax_tree(data) is None:
                found.add(path)
        return frozenset(found)

    def _start(self, paths: Sequence[str]) -> None:
        try:
            command = [ruff(), *_OPTIONS]
            for first in range(0, len(paths), _AT_ONCE):
                some = paths[first : first + _AT_ONCE]
                process = subprocess.Popen(
                    [*command, *some],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
                self._processes.append((some, process))
        except (WrongUse, OSError):
            return  # Python's own parser checks the remaining files


def _rejected(output: bytes) -> Iterable[str] | None:
    try:
        return {str(one["filename"]) for one in json.loads(output)}
    except (ValueError, TypeError, KeyError):
        return None


def _is_utf8(path: str) -> bool:
    try:
        path.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True

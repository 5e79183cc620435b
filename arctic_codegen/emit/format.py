"""Formats generated text with ruff, all files of a build in one run."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.emit.ruff_command import ruff


class FormatterFault(Exception):
    """The formatter could not parse the generated code."""


class NoTemporaryFiles(Exception):
    """Temporary files cannot be written, which is a problem of the machine and not of the tool."""


_END = object()
_IN_MEMORY = "/dev/shm"
_PREFIX = "arctic-codegen-"
_OLD = 3600.0
"""Age in seconds after which a folder cannot belong to a running build."""
_PERSONAL = "E711,E712,E713,E714,E721,E742,E743,F5,F632,F722"
"""Rules that user-written names and text (a lambda, an annotation) may violate where they are
copied. They are suppressed there; rules about generated text are not among them."""


def formatted(texts: dict[str, str], meanwhile: Iterator[object]) -> dict[str, str]:
    """The texts as formatted by ``ruff format --isolated``, by the same keys.

    Steps of ``meanwhile`` are executed while ruff runs; some may be left.
    Raises :class:`NoTemporaryFiles`, :class:`WrongUse` if ruff cannot be started, and
    :class:`FormatterFault`.
    """
    written = {key: text.encode() for key, text in texts.items()}
    _remove_leftovers()
    *rest, last = _places(sum(map(len, written.values())))
    for place in rest:
        with contextlib.suppress(OSError):
            return _formatted(written, meanwhile, place)
    try:
        return _formatted(written, meanwhile, last)
    except OSError as error:
        raise NoTemporaryFiles(f"{error.strerror or error} ('{error.filename}')") from error


def _formatted(
    written: dict[str, bytes], meanwhile: Iterator[object], place: str | None
) -> dict[str, str]:
    with tempfile.TemporaryDirectory(
        prefix=_PREFIX, dir=place, ignore_cleanup_errors=True
    ) as folder:
        files = {key: Path(folder, f"f{number}.py") for number, key in enumerate(written)}
        for key, file in files.items():
            file.write_bytes(written[key])
        _run(["format", "--isolated", "--no-cache", folder], files, meanwhile)
        marked = ["check", "--isolated", "--no-cache", "--select", _PERSONAL, "--add-noqa"]
        _run([*marked, folder], files, meanwhile)
        return {key: file.read_bytes().decode() for key, file in files.items()}


def _remove_leftovers() -> None:
    """Remove folders in memory from builds that were killed, since nothing else removes them."""
    with contextlib.suppress(OSError), os.scandir(_IN_MEMORY) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                found = entry.stat(follow_symlinks=False)
                if found.st_uid == os.getuid() and time.time() - found.st_mtime > _OLD:
                    shutil.rmtree(entry.path, ignore_errors=True)


def _places(size: int) -> list[str | None]:
    """Folders for temporary files of this total size, the best first; ``None`` is Python's choice.

    ruff overwrites and removes files, which disks write immediately: this takes seconds for a
    thousand files, and no time in memory.
    """
    if not any(name in os.environ for name in ("TMPDIR", "TEMP", "TMP")):
        with contextlib.suppress(OSError):
            # Each file occupies whole pages, and exists twice while it is rewritten.
            if shutil.disk_usage(_IN_MEMORY).free > 8 * size + (8 << 20):
                return [_IN_MEMORY, None]
    return [None]


def prepare() -> None:
    """Locate the formatter in advance."""
    with contextlib.suppress(WrongUse):
        ruff()


def _environment() -> dict[str, str]:
    """The environment without ruff's own variables, such as another output format or file."""
    return {name: value for name, value in os.environ.items() if not name.startswith("RUFF_")}


def _run(arguments: list[str], files: dict[str, Path], meanwhile: Iterator[object]) -> None:
    try:
        process = subprocess.Popen(
            [ruff(), *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=_environment(),
        )
    except OSError as error:
        raise WrongUse(
            f"ruff cannot be started: {error.strerror or error}",
            "see whether `ruff --version` runs",
        ) from error
    with process:
        while process.poll() is None and next(meanwhile, _END) is not _END:
            pass
        output, errors = process.communicate()
    if process.returncode:
        printed = (errors or output).strip()
        for key, file in files.items():
            printed = printed.replace(str(file), key)
        raise FormatterFault(f"ruff cannot format what was generated: {printed}")

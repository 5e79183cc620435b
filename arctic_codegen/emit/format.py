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
    """The formatter could not read what was generated."""


class NoTemporaryFiles(Exception):
    """Temporary files cannot be written: that is the machine's matter, not a fault of the tool."""


_END = object()
_IN_MEMORY = "/dev/shm"
_PREFIX = "arctic-codegen-"
_OLD = 3600.0
"""Seconds after which a folder cannot belong to a build that still runs."""
_PERSONAL = "E711,E712,E713,E714,E721,F5,F632,F722"
"""What a linter may find in text that a person wrote (a lambda, an annotation) and that is
repeated here. It is marked as meant so; findings about our own text are not among these."""


def formatted(texts: dict[str, str], meanwhile: Iterator[object]) -> dict[str, str]:
    """The texts as ``ruff format --isolated`` writes them, by the same keys.

    Steps of ``meanwhile`` are taken while ruff runs; some may be left.
    Raises :class:`NoTemporaryFiles`, :class:`WrongUse` where ruff cannot be started,
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
    """What builds that were killed have left in memory, where nothing else removes it."""
    with contextlib.suppress(OSError), os.scandir(_IN_MEMORY) as entries:
        for entry in entries:
            if entry.name.startswith(_PREFIX) and entry.is_dir(follow_symlinks=False):
                found = entry.stat(follow_symlinks=False)
                if found.st_uid == os.getuid() and time.time() - found.st_mtime > _OLD:
                    shutil.rmtree(entry.path, ignore_errors=True)


def _places(size: int) -> list[str | None]:
    """Folders for temporary files of so many bytes, the best first; ``None`` is Python's choice.

    Disks write at once what is written over and removed, as ruff does it: a second or three for a
    thousand files, which memory does not take.
    """
    if not any(name in os.environ for name in ("TMPDIR", "TEMP", "TMP")):
        with contextlib.suppress(OSError):
            # Each file fills whole pages, and is there twice while it is written anew.
            if shutil.disk_usage(_IN_MEMORY).free > 8 * size + (8 << 20):
                return [_IN_MEMORY, None]
    return [None]


def prepare() -> None:
    """Looks for the formatter, so that it is found already when it is needed."""
    with contextlib.suppress(WrongUse):
        ruff()


def _environment() -> dict[str, str]:
    """Without what people set for ruff, such as another form of its messages or a file for them."""
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
        said = (errors or output).strip()
        for key, file in files.items():
            said = said.replace(str(file), key)
        raise FormatterFault(f"ruff cannot format what was generated: {said}")

"""The details for a bug report: versions, platform, configuration and output."""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Sequence
from importlib.metadata import Distribution
from pathlib import Path

from arctic_codegen._version import LOCK_NAME, VERSION
from arctic_codegen.build.lock_file import parse
from arctic_codegen.config import find_config, load
from arctic_codegen.config.reader import TABLE
from arctic_codegen.config.toml_places import parsed, read_start
from arctic_codegen.discover.interpreter import InterpreterProblem, search_path_of
from arctic_codegen.discover.trees import DiskTree

PACKAGES = (
    "libcst", "jinja2", "mypy", "pyright", "torch", "deepspeed", "arctic-training", "transformers"
)  # fmt: skip


def about(working_folder: Path) -> str:
    """Text for a bug report about a command that runs in ``working_folder``. No code of the
    project is executed."""
    lines = [
        f"arctic-codegen {VERSION}",
        f"package: {Path(__file__).parents[1]}",
        f"platform: {platform.platform()}",
        f"Python: {platform.python_version()} ({sys.executable})",
        *_packages(sys.path),
        *_configuration(working_folder),
    ]
    return "\n".join(lines)


def _packages(path: Sequence[str]) -> list[str]:
    lines = []
    for name in PACKAGES:
        found = next(iter(Distribution.discover(name=name, path=list(path))), None)
        lines.append(f"  {name}: {'not installed' if found is None else found.version}")
    return lines


def _configuration(working_folder: Path) -> list[str]:
    file = find_config(working_folder)
    if file is None:
        return ["configuration: none"]
    lines = [f"configuration: {file}"]
    settings = load(working_folder, config=file, need_sources=False).settings
    if settings is None:
        return [*lines, "  has errors, which `arctic-codegen build` reports"]
    table = parsed(read_start(file).decode())[TABLE[0]][TABLE[1]]
    lines += [f"  {key} = {json.dumps(value)}" for key, value in table.items()]
    if settings.python is not None:
        lines += _configured_python(settings.python)
    return [*lines, _output(settings.output)]


def _configured_python(executable: str) -> list[str]:
    try:
        path = search_path_of(executable, DiskTree()).folders
    except InterpreterProblem as problem:
        return [f"configured Python: {problem}"]
    return [f"configured Python: {executable}", *_packages(path)]


def _output(folder: str) -> str:
    try:
        lock = parse((Path(folder) / LOCK_NAME).read_bytes())
    except OSError:
        return f"output: {folder}, without a lock file"
    if lock is None:
        return f"output: {folder}, with a lock file that is damaged or of another version"
    return f"output: {folder}, written by arctic-codegen {lock.tool}"

"""Runs mypy as a separate program, on one question from standard input.

It imports nothing from this package. The caller starts it first, so that mypy is loaded while the
output is being compiled. A separate process also isolates the report from everything that mypy or
its plugins print, and from their exits.

The question and the answer are one JSON object each. Output that differs from the disk overlays the
file system that mypy sees, under its own path, so mypy's cache remains valid after the build.
"""

from __future__ import annotations

import os
import sys

if sys.path and os.path.realpath(sys.path[0] or ".") == os.path.dirname(os.path.realpath(__file__)):
    del sys.path[0]  # the modules in this folder must not be importable as top-level modules

import io
import json
import stat
import zlib
from pathlib import Path
from typing import Any

from mypy import build
from mypy.defaults import USER_CONFIG_FILES
from mypy.errors import CompileError
from mypy.fscache import FileSystemCache
from mypy.main import process_options
from mypy.modulefinder import BuildSource
from mypy.options import BuildType, Options
from mypy.util import hash_digest

LOOSE = {
    "ignore_errors": False,
    "follow_imports": "normal",
    "disallow_any_decorated": False,
    "disallow_any_explicit": False,
    "disallow_any_expr": False,
    "disallow_any_generics": False,
    "disallow_any_unimported": False,
    "disallow_incomplete_defs": False,
    "disallow_subclassing_any": False,
    "disallow_untyped_calls": False,
    "disallow_untyped_defs": False,
    "warn_return_any": False,
    "warn_unreachable": False,
    "warn_unused_ignores": False,
}
"""Settings for the output only. Rules of code style concern the sources, where they are checked;
in the output they would only be repeated where they cannot be fixed."""


UNTYPED = {"follow_untyped_imports": True, "implicit_reexport": True}
"""Settings for untyped packages, which cannot be expected to export names explicitly."""


class Overlay(FileSystemCache):
    """The file system, with some files replaced by their future content."""

    def __init__(self, texts: dict[str, str | None]) -> None:
        super().__init__()
        self._files = {
            path: text.encode("utf-8") for path, text in texts.items() if text is not None
        }
        self._gone = {path for path, text in texts.items() if text is None}
        self._folders: dict[str, set[str]] = {}
        for path in self._files:
            folder, name = os.path.split(path)
            while name and name not in self._folders.setdefault(folder, set()):
                self._folders[folder].add(name)
                folder, name = os.path.split(folder)

    def stat_or_none(self, path: str) -> os.stat_result | None:
        whole = os.path.abspath(path)
        if whole in self._gone:
            return None
        data = self._files.get(whole)
        if data is not None:
            # An artificial time that depends on the text: mypy reads the text again only if the
            # time or size has changed.
            return _stat(stat.S_IFREG | 0o444, len(data), zlib.crc32(data))
        found = super().stat_or_none(path)
        if found is None and whole in self._folders:
            return _stat(stat.S_IFDIR | 0o555, 0, 0)
        return found

    def listdir(self, path: str) -> list[str]:
        added = self._folders.get(os.path.abspath(path))
        if added is None:
            return super().listdir(path)
        try:
            names = super().listdir(path)
        except OSError:
            names = []
        return sorted(added.union(names))

    def exists(self, path: str, real_only: bool = False) -> bool:
        if real_only and os.path.abspath(path) in self._files:
            return False  # these files must be read through `read`
        return self.stat_or_none(path) is not None

    def read(self, path: str) -> bytes:
        data = self._files.get(os.path.abspath(path))
        if data is None:
            return super().read(path)
        self.read_cache[path] = data
        self.hash_cache[path] = hash_digest(data)
        return data

    def samefile(self, f1: str, f2: str) -> bool:
        return os.path.abspath(f1) == os.path.abspath(f2) or super().samefile(f1, f2)


def _stat(mode: int, size: int, time: int) -> os.stat_result:
    return os.stat_result((mode, 0, 0, 1, 0, 0, size, time, time, time))


def options_for(question: dict[str, Any]) -> Options:
    """The project's own settings for mypy, with the changes that are needed to parse its
    messages."""
    # With a file argument, files named in the settings are ignored. A module argument would be
    # looked up with the interpreter of the settings before we know whose settings they are.
    arguments = ["--no-pretty", "--show-error-end", __file__]
    if question["python"] is not None:
        arguments[:0] = ["--python-executable", question["python"]]
    _, options = process_options(arguments)
    if options.config_file and not _is_own(options.config_file):
        # Plugins and interpreters named there would be executed.
        options.plugins = []
        options.python_executable = question["python"] or sys.executable
    options.build_type = BuildType.STANDARD
    options.cache_dir = question["cache"] or os.devnull
    options.hide_error_codes = False
    options.show_absolute_path = True
    options.show_column_numbers = True
    options.show_error_context = False
    options.show_error_code_links = False
    options.error_summary = False
    options.output = None
    options.report_dirs = {}
    options.junit_xml = None
    options.install_types = False
    options.many_errors_threshold = -1
    options.warn_unused_configs = False
    if getattr(options, "num_workers", 0):
        options.num_workers = 0  # workers do not see the overlay
    options.mypy_path = [*options.mypy_path, *question["roots"]]
    options.namespace_packages = True
    options.explicit_package_bases = True
    for package in question["untyped"]:
        _change(options, f"{package}.*", UNTYPED)
    for _, module in question["output"]:
        _change(options, module, LOOSE)
    return options


def _is_own(config: str) -> bool:
    """Whether settings belong to the project, its repository or the user: mypy also searches
    all parent folders, which may belong to others."""
    config = os.path.abspath(config)
    if any(config == os.path.abspath(os.path.expanduser(own)) for own in USER_CONFIG_FILES):
        return True
    holding = Path(config).parent
    if holding == Path.cwd():
        return True
    return holding in Path.cwd().parents and any(
        (folder / mark).exists()
        for folder in (holding, *holding.parents)
        for mark in (".git", ".hg")
    )


def _change(options: Options, pattern: str, values: dict[str, Any]) -> None:
    known = {key: value for key, value in values.items() if hasattr(options, key)}
    options.per_module_options.setdefault(pattern, {}).update(known)


def answer(question: dict[str, Any]) -> dict[str, Any]:
    """The lines that mypy prints, or the error that stops it."""
    os.chdir(question["folder"])
    printed = sys.stdout = sys.stderr = io.StringIO()
    try:
        options = options_for(question)
    except SystemExit:
        return {"fault": _fault(printed.getvalue())}
    except CompileError as error:
        return {"fault": "\n".join(error.messages)}
    except Exception as error:  # caused by settings that mypy does not validate
        return {"fault": f"{type(error).__name__}: {error}"}
    try:
        sources = [
            BuildSource(path, module) for path, module in question["sources"] + question["output"]
        ]
        overlay = dict(question["overlay"])
        fscache = Overlay(overlay) if overlay else FileSystemCache()
        result = build.build(sources, options, fscache=fscache)
    except CompileError as error:  # nothing else was checked
        return {"fault": "\n".join(error.messages)}
    except SystemExit:
        return {"fault": _fault(printed.getvalue())}
    except Exception as error:
        return {"fault": f"{type(error).__name__}: {error}", "has_crashed": True}
    unread = [module for _, module in question["output"] if module not in result.graph]
    if unread:
        return {"fault": f"it has not read '{unread[0]}'"}
    # mypy's newer parser counts columns differently.
    return {"lines": result.errors, "native": bool(getattr(options, "native_parser", False))}


def _fault(printed: str) -> str:
    """mypy's error message on exit, without the usage lines."""
    text = printed.strip()
    start = text.find("mypy: error: ") if text.startswith("usage:") else 0
    return text[max(start, 0) :].removeprefix("mypy: error: ") or "it ended without a message"


def main() -> None:
    """Answer one question and exit without cleaning up, which takes mypy long."""
    stdout, stderr = sys.stdout, sys.stderr
    text = sys.stdin.buffer.read()
    if not text.strip():
        return  # no question was asked
    sys.setrecursionlimit(2**14)
    found = answer(json.loads(text))
    sys.stdout, sys.stderr = stdout, stderr
    stdout.write(json.dumps(found))
    stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()

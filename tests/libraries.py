"""Scans each library file only once per test run, whatever the number of builds.

The project of a test is small compared with `typing`, `inspect` and ArcticTraining, which it
imports.
"""

from __future__ import annotations

import hashlib
import os
import sys
import sysconfig
from contextlib import suppress
from pathlib import Path

import msgspec

from arctic_codegen.model.decls import ModuleDecls
from arctic_codegen.scan import scanner
from arctic_codegen.scan.syntax import is_installed

TOOL = Path(scanner.__file__).parents[1]
KEPT = "TESTS_SCANS"
"""The variable with the folder in which the processes of this test run store scans."""


def scan_once() -> None:
    """Make builds in this process and its forks share the scans of libraries in that folder."""
    scan = scanner.scan
    folders = (str(TOOL), sysconfig.get_path("stdlib"))
    folder = Path(os.environ[KEPT])
    decoder = msgspec.msgpack.Decoder(ModuleDecls)

    def once(data, path, *, compiles=False):
        if not path.startswith(folders) and not is_installed(path):
            return scan(data, path, compiles=compiles)
        key = hashlib.sha256(f"{sys.prefix}\n{path}\n{compiles}\n".encode() + data).hexdigest()
        kept = folder / key
        with suppress(FileNotFoundError):
            return decoder.decode(kept.read_bytes())
        found = scan(data, path, compiles=compiles)
        if isinstance(found, ModuleDecls):
            with suppress(UnicodeEncodeError):
                own = kept.with_suffix(f".{os.getpid()}")
                own.write_bytes(msgspec.msgpack.encode(found))
                own.replace(kept)
        return found

    scanner.scan = once

"""Programs that a build has read, and that run differently: shared by the tests of R48."""

from __future__ import annotations

import contextlib
import importlib
import sys
import textwrap
from pathlib import Path

import pytest

from arctic_codegen import CallbacksDifferError
from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.records import Severity
from arctic_codegen.plan import plan
from arctic_codegen.runtime import prove
from tests.unit.resolve.hosts_support import SETTINGS, resolved


def read(modules, source="proof_main", *, silenced=()):
    """The proof text of ``source`` in a build of these modules."""
    got = resolved(modules, *(name for name in modules if name.startswith("proof_")))
    for one in got.findings:
        assert one.code in silenced or (CODES[one.code].severity is not Severity.ERROR), one
    plans = plan(got.resolution.hosts, SETTINGS).modules
    (found,) = (one for one in plans if one.module == source)
    lines = "".join(f"        {line}\n" for line in found.proof)
    return f"\n{lines}        "


def changed(text, *pairs):
    """A program with replacements, each of which must match."""
    for old, new in pairs:
        assert old in text, old
        text = text.replace(old, new)
    return text


class Program:
    """Modules on disk, imported by name."""

    def __init__(self, root: Path, patch: pytest.MonkeyPatch) -> None:
        self.root = root
        self._patch = patch
        self.names: set[str] = set()
        patch.syspath_prepend(str(root))

    def write(self, name, text):
        self.names.add(name)
        (self.root / f"{name}.py").write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")

    def load(self, name):
        importlib.invalidate_caches()
        return importlib.import_module(name)

    def line(self, name, text):
        """The line of a module that starts with this text, as messages name it."""
        path = self.root / f"{name}.py"
        lines = path.read_text(encoding="utf-8").splitlines()
        (found,) = [n for n, line in enumerate(lines, 1) if line.lstrip().startswith(text)]
        return f"({path}:{found})"

    def prove(self, text, source="proof_main", file="generated/proof_main.py"):
        """Check the proof of ``source``; raises its error."""
        namespace = {"__name__": f"generated.{source}", "__file__": str(self.root / file)}
        prove(namespace, sys.modules[source], text)

    def differences(self, text, source="proof_main"):
        """The lines with differences, without indentation."""
        told = self._told(text, source)
        if told is None:
            return []
        assert told.name == source
        assert told.path == str(self.root / "generated/proof_main.py")
        first, *lines, last = str(told).splitlines()
        assert first == (
            f"the callbacks of {source} are not those that 'arctic-codegen build' read:"
        )
        assert "run 'arctic-codegen build'" in last
        assert last.endswith(f"({told.path})")
        assert all(line.startswith("  ") for line in lines)
        return [line.strip() for line in lines]

    def _told(self, text, source):
        try:
            self.prove(text, source)
        except CallbacksDifferError as error:
            return error
        return None


@contextlib.contextmanager
def programs(root, patch):
    patch.delenv("ARCTIC_CODEGEN_ON_STALE", raising=False)
    made = Program(root, patch)
    try:
        yield made
    finally:
        for name in made.names:
            sys.modules.pop(name, None)

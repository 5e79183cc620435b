"""Eight concurrent builds write into one folder (R37)."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from arctic_codegen._version import LOCK_NAME
from tests.unit.write.test_write import FILES, HEADER, lock_text, tree

ROOT = Path(__file__).parents[3]


@pytest.mark.parametrize("locks", [True, False])
def test_R37_builds_at_once_end_with_one_good_output(tmp_path, locks):
    program = """
import sys
from tests.unit.write.test_write import *
if sys.argv[2] == "False":
    class Broken:
        def __init__(self, *args, **kwargs):
            raise OSError("no locks")
    mutex.filelock.FileLock = Broken
for _ in range(5):
    done = build(sys.argv[1], {**FILES, **{f"m{i}.py": HEADER for i in range(20)}})
    assert not done.findings, done.findings
"""
    output = tmp_path / "generated"
    output.mkdir()
    (output / "stale.py").write_text(HEADER)
    builds = [
        subprocess.Popen([sys.executable, "-c", program, str(output), str(locks)], cwd=ROOT)
        for _ in range(8)
    ]
    assert [build.wait() for build in builds] == [0] * 8
    wanted = {**FILES, **{f"m{i}.py": HEADER for i in range(20)}}
    assert tree(output) == {**wanted, LOCK_NAME: lock_text(wanted)}

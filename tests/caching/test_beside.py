"""Files are scanned in several processes where there is enough to win; nothing else shows it."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

SOURCE = """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    callbacks = [("post-step", lambda self, value: value + {n})]

    def step(self, batch: int) -> int:
        return batch
"""
# A second processor, whatever the machine has.
BUILD = """
import os, sys
import arctic_codegen.loader as loader
from arctic_codegen.cli.main import run
from arctic_codegen.scan import beside
loader.ENOUGH = int(sys.argv.pop(1))
beside._processors = lambda: 3
original = beside.scanned_beside
def told(files):
    found = original(files)
    print("beside:", len(found), "of", len(files), file=sys.stderr)
    return found
beside.scanned_beside = told
sys.exit(run(sys.argv[1:]))
"""


def built(folder: Path, enough: int) -> tuple[int, str, str, dict[str, bytes]]:
    done = subprocess.run(
        [sys.executable, "-c", BUILD, str(enough), "build", "--no-cache", "--format", "concise"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONHASHSEED": str(enough)},
    )
    output = folder / "generated"
    files = {str(path): path.read_bytes() for path in output.rglob("*.*")}
    return done.returncode, done.stdout, done.stderr, files


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="there is no safe fork elsewhere")
@pytest.mark.parametrize("last", ["", "def broken(:\n", "# arctic-codegen: ignore[AC201]\n"])
def test_the_result_is_that_of_one_process(tmp_path, last):
    (tmp_path / "app").mkdir()
    for n in range(12):
        (tmp_path / "app" / f"t{n}.py").write_text(SOURCE.format(n=n))
    with (tmp_path / "app" / "t7.py").open("a") as file:
        file.write(last)
    (tmp_path / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["app"]\n')
    code, out, err, files = built(tmp_path, 0)
    assert f"beside: {11 if 'broken' in last else 12} of 12" in err
    alone = built(tmp_path, 10**9)
    assert "beside" not in alone[2]
    assert (code, out, files) == (alone[0], alone[1], alone[3])
    assert code == (1 if "broken" in last else 0)

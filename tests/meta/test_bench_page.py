"""The page of figures: the lines that the scripts print become rows of its tables."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

BENCH = Path(__file__).parents[2] / "benchmarks" / "bench.py"


@pytest.fixture
def bench():
    spec = importlib.util.spec_from_file_location("bench_page", BENCH)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_rows_say_what_is_held(bench):
    rows = bench.table(
        [
            {"what": "a / b", "ratio": 1.2, "bound": 1.5, "ours_ns": 84.04, "theirs_ns": 1234567.8},
            {"what": "c / d", "ratio": 1.0, "memory_ratio": 1.6, "bound": 1.5, "seconds": [1, 2.5]},
            {"what": "e / f", "ratio": 0.5, "bound": None, "counts": [3, 6]},
            {"what": "h / i", "ratio": 1, "processor_ratio": 2, "bound": 1, "seconds": [1, 1]},
            {"what": "g.py", "failed": "No module named 'torch'"},
        ]
    )
    assert rows.splitlines()[2:] == [
        "| a / b | 1.2 | 1.5 | yes | 84 / 1234568 ns |",
        "| c / d | 1.0, memory 1.6 | 1.5 | **no** | 1 / 2.5 s |",
        "| e / f | 0.5 |  |  | 3 of 6 |",
        "| h / i | 1 by the clock (2 of processor time) | 1 | yes | 1 / 1 s |",
        "| g.py | failed: No module named 'torch' | | | |",
    ]


def test_a_script_that_fails_is_a_row(bench, monkeypatch, tmp_path):
    monkeypatch.setattr(bench, "HERE", tmp_path)
    (tmp_path / "broken.py").write_text("print('{\"what\": \"x\"}')\nraise SystemExit('no disk')\n")
    found = bench.lines_of(bench.Script("broken.py"), quick=False)
    assert found == [{"what": "x"}, {"what": "broken.py", "failed": "no disk"}]


def test_every_script_is_on_the_page(bench):
    named = {script.name for section in bench.SECTIONS for script in section.scripts}
    helpers = {"bench.py", "calling.py", "measuring.py", "projects.py", "starting.py"}
    of_one_stage = {"scan.py"}
    assert named == {path.name for path in BENCH.parent.glob("*.py")} - helpers - of_one_stage


def test_some_scripts_alone():
    page = BENCH.parents[1] / "docs" / "performance.md"
    before = page.read_bytes()
    done = subprocess.run(
        [sys.executable, str(BENCH), "--quick", "--only", "object_cost.py"],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    rows = [line for line in done.stdout.splitlines() if line.startswith("| making an object")]
    assert len(rows) == 2
    assert page.read_bytes() == before

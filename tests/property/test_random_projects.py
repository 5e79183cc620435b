"""Random projects: compiled classes do what the contract says, call by call.

``python -m tests.property.show SEED`` shows the project of a failing seed.
"""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.property import support
from tests.property.arctic import on_arctic_training
from tests.property.projects import generate


def compare(seeds, folder, typed=False, make=generate):
    projects = [make(seed, typed) if typed else make(seed) for seed in seeds]
    for project in tuple(projects):
        root = support.write(project, folder)
        errors = support.build(root)
        if make is not generate and errors and all("'__init__'" in error for error in errors):
            projects.remove(project)  # that mixin's `__init__` hides that of a class after it
            continue
        assert errors == [], f"{project.name}: a right project gave {errors[:5]}"
    assert 2 * len(projects) > len(seeds)
    wanted = support.run(projects, folder, "reference")
    seen = support.run(projects, folder, "compiled")
    calls = 0
    for project, want, have in zip(projects, wanted, seen, strict=True):
        assert set(want) == set(have)
        for name in want:
            where = f"{project.name}: {name}"
            assert (want[name] is None) == (have[name] is None), f"{where} is compiled or not"
            if want[name] is None:
                continue
            assert have[name]["entries"] == want[name]["entries"], where
            for call, outcome in want[name]["calls"].items():
                assert have[name]["calls"].get(call) == outcome, f"{where}: {call}"
                calls += len(outcome["log"])
    return calls


def test_R15_to_R26_compiled_classes_agree_with_the_reference(tmp_path):
    assert compare(range(30), tmp_path) > 2000


@pytest.mark.long
@pytest.mark.parametrize("first", support.batches(1000, 75, 3))
def test_R15_to_R26_many_more(first, tmp_path):
    assert compare(range(first, first + 75), tmp_path) > 5000


def test_R38_compiled_classes_on_arctic_training_agree_with_the_reference(tmp_path):
    assert compare(range(100, 108), tmp_path, make=on_arctic_training) > 500


@pytest.mark.long
@pytest.mark.parametrize("first", support.batches(2000, 75))
def test_R38_many_more_on_arctic_training(first, tmp_path):
    assert compare(range(first, first + 75), tmp_path, make=on_arctic_training) > 5000


def type_check(seeds, folder, command):
    projects = [generate(seed, typed=True) for seed in seeds]
    for project in projects:
        assert support.build(support.write(project, folder)) == [], project.name
    roots = [folder / project.name for project in projects]
    names = [f"{root.name}" for root in roots] + [f"out_{root.name}" for root in roots]
    return subprocess.run(
        [sys.executable, "-m", *command(names)],
        cwd=folder,
        env={**support.environment(), "MYPYPATH": ":".join(map(str, roots))},
        capture_output=True,
        text=True,
        timeout=600,
    )


def mypy(names):
    return ["mypy", "--strict", *(word for name in names for word in ("-p", name))]


def test_R32_output_of_typed_projects_passes_mypy(tmp_path):
    done = type_check(range(5000, 5006), tmp_path, mypy)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.long
@pytest.mark.parametrize("first", support.batches(5100, 30))
def test_R32_output_of_many_typed_projects_passes_mypy(first, tmp_path):
    done = type_check(range(first, first + 30), tmp_path, mypy)
    assert done.returncode == 0, done.stdout[-3000:]


@pytest.mark.long
@pytest.mark.parametrize("first", support.batches(6000, 40))
def test_typed_projects_agree_with_the_reference(first, tmp_path):
    assert compare(range(first, first + 40), tmp_path, typed=True) > 1000


@pytest.mark.long
def test_R32_output_of_typed_projects_passes_pyright(tmp_path):
    seeds = range(5400, 5415)
    roots = [generate(seed, typed=True).name for seed in seeds]
    config = {"include": [f"*/out_{root}" for root in roots], "extraPaths": roots}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(config))
    done = type_check(seeds, tmp_path, lambda _: ["pyright", "--pythonpath", sys.executable])
    assert done.returncode == 0, done.stdout[-3000:]


def test_R32_ruff_finds_nothing_and_would_not_format_otherwise(tmp_path):
    for seed in range(7000, 7012):
        assert support.build(support.write(generate(seed), tmp_path)) == [], seed
    outputs = [str(path) for path in tmp_path.glob("*/out_*")]
    ruff = [sys.executable, "-m", "ruff"]
    check = ["check", "--isolated", "--no-cache", "--select", "E4,E7,E9,F", "--ignore", "E741"]
    done = subprocess.run([*ruff, *check, *outputs], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]
    for path in tmp_path.glob("*/out_*/**/*.py"):
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        path.write_text("".join(line for line in lines if line != "# fmt: off\n"))
    form = [*ruff, "format", "--isolated", "--no-cache", "--diff", *outputs]
    done = subprocess.run(form, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:]

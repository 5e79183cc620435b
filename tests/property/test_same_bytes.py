"""R32: the output is the same, byte for byte, for any order, folder and hash seed."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys

import pytest

from tests.property import support
from tests.property.projects import generate


def build_apart(root, seed):
    """Build in a process with this hash seed."""
    done = subprocess.run(
        [sys.executable, "-m", "arctic_codegen", "build", "--no-cache"],
        cwd=root,
        env=support.environment(PYTHONHASHSEED=seed),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return support.output(root)


def same(seed, folder):
    project = generate(seed)
    root = support.write(project, folder / "one")
    first = build_apart(root, "0")
    modules = {f"{project.name}/{name.rpartition('.')[2]}.py" for name in project.modules}
    assert modules & first.keys(), "a module of abstract classes alone gives no output"
    assert build_apart(root, "0") == first, "twice in a row"
    check = subprocess.run(
        [sys.executable, "-m", "arctic_codegen", "build", "--check", "--no-cache"],
        cwd=root,
        env=support.environment(),
        capture_output=True,
        text=True,
    )
    assert check.returncode == 0, check.stdout + check.stderr
    elsewhere = support.write(project, folder / "another folder" / "deeper")
    assert build_apart(elsewhere, "1") == first, "another folder and hash seed"
    shutil.rmtree(elsewhere)
    # The files are created and listed in another order.
    names = list(project.files)
    random.Random(seed).shuffle(names)
    shuffled = type(project)(project.name, {n: project.files[n] for n in names}, [], {})
    support.write(shuffled, folder / "two")
    root = folder / "two" / project.name
    config = (root / "pyproject.toml").read_text()
    sources = ", ".join(f'"{name}"' for name in names)
    config = config.replace(f'sources = ["{project.name}"]', f"sources = [{sources}]")
    (root / "pyproject.toml").write_text(config)
    second = build_apart(root, "2")
    differing = [name for name in first if first[name] != second.get(name)]
    assert differing == []
    assert set(second) == set(first)


@pytest.mark.parametrize("seed", range(2))
def test_same_bytes(seed, tmp_path):
    same(seed, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 114))
def test_same_bytes_for_more(seed, tmp_path):
    same(seed, tmp_path)

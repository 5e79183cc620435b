"""What a training run imports is light, and stays so."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = {
    "libcst", "jinja2", "click", "msgspec", "rich", "ruff", "filelock", "inspect", "ast", "torch",
    "mypy", "dataclasses", "logging", "subprocess",
}  # fmt: skip
PROGRAM = """
import json, sys
before = set(sys.modules)
import {module}
print(json.dumps(sorted(set(sys.modules) - before)))
"""


def loaded_by(module: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(module=module)],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(json.loads(done.stdout))


def test_importing_the_package_loads_nothing_heavy():
    loaded = loaded_by("arctic_codegen")
    assert "arctic_codegen" in loaded
    assert not {name.partition(".")[0] for name in loaded} & HEAVY


def test_importing_the_runtime_loads_nothing_heavy():
    loaded = loaded_by("arctic_codegen.runtime")
    assert not {name.partition(".")[0] for name in loaded} & HEAVY
    rooms = ("cli", "scan", "resolve", "plan", "emit", "driver", "api", "model", "diagnostics")
    assert not loaded & {f"arctic_codegen.{room}" for room in rooms}

"""The modules that a training run imports load quickly."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys

import pytest

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
    assert "_hashlib" not in loaded  # OpenSSL, which takes longer to load than ten compiled modules
    rooms = ("cli", "scan", "resolve", "plan", "emit", "build", "api", "model", "diagnostics")
    assert not loaded & {f"arctic_codegen.{room}" for room in rooms}


def test_R66_importing_the_callbacks_loads_neither_torch_nor_a_logger():
    loaded = loaded_by("arctic_codegen.callbacks")
    heavy = {"torch", "deepspeed", "tensorboard", "wandb", "mlflow"}
    assert not {name.partition(".")[0] for name in loaded} & heavy


@pytest.mark.parametrize(
    "before",
    [
        "",
        "import hashlib",
        "import sys; sys.modules.update({'_sha2': None, '_sha256': None})",
    ],
    ids=["alone", "with OpenSSL", "without digests of Python's own"],
)
def test_the_staleness_check_has_the_same_digests_whatever_is_loaded(before):
    digest = "from arctic_codegen.runtime.staleness import sha256\nprint(sha256(b'x').hexdigest())"
    program = f"{before}\n{digest}"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == hashlib.sha256(b"x").hexdigest()

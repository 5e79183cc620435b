"""R42: older versions in the tested range, each built for and run as published."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.harness import write_files

pytest.importorskip("arctic_training")

pytestmark = pytest.mark.long

VERSIONS = ("0.6.0", "0.7.2")
CONFIG = """
[tool.arctic-codegen]
sources = ["app.py", "arctic_training"]
semantics = "runtime"
"""
APP = """
from arctic_training.optimizer.factory import OptimizerFactory
from arctic_training.optimizer.adam_factory import FusedAdamOptimizerFactory

told = []


class First(FusedAdamOptimizerFactory):
    name = "first"
    callbacks = [("post-create-optimizer", lambda self, made: [*made, "list"])]

    def pre_create_optimizer_callback(self, model, optimizer_config):
        return model + 1, optimizer_config

    def create_optimizer(self, model, optimizer_config):
        told.append(("create", model))
        return [model]


class Second(First):
    name = "second"

    def post_create_optimizer_callback(self, made):
        return [*made, "method"]
"""
PROGRAM = """
import os, sys, types
import app
if sys.argv[1] == "compiled":
    import generated.app
import arctic_training
from arctic_training.registry import RegistryMeta, get_registered_optimizer_factory
assert os.environ["PYTHONPATH"] in arctic_training.__file__, arctic_training.__file__
made = get_registered_optimizer_factory("second")
print(made.__module__, file=sys.stderr)
trainer = types.SimpleNamespace(
    config=types.SimpleNamespace(optimizer="config"), device="cpu", model=1, world_size=1,
    global_rank=0,
)
print(made(trainer, "config").create_optimizer(1, "config"), app.told)
if sys.argv[1] == "compiled":
    tables = RegistryMeta._registry
    left = [cls for table in tables.values() for cls in table.values()
            if "__arctic_source__" not in vars(cls)]
    assert not left, left
"""


@pytest.fixture(scope="module", params=VERSIONS)
def site(request, tmp_path_factory):
    """A folder with one published version, as installed."""
    folder = tmp_path_factory.mktemp("site")
    wanted = f"arctic-training=={request.param}"
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "-d", folder, wanted]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        pytest.skip(f"pip cannot get {wanted}")
    (wheel,) = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder)
    assert (folder / f"arctic_training-{request.param}.dist-info").is_dir()
    return folder


def test_classes_of_that_version_are_compiled_and_run_as_they_did(site, tmp_path):
    files = {"pyproject.toml": CONFIG, "app.py": APP, "program.py": PROGRAM}
    write_files(tmp_path, files)
    environment = {**os.environ, "PYTHONPATH": str(site)}

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, *command],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done

    built = run("-m", "arctic_codegen", "build", "--format", "concise")
    assert "AC01" not in built.stdout, "neither the version nor its machinery is spoken of"
    lock = (tmp_path / "generated" / "arctic-codegen.lock").read_text()
    assert f'"arctic-training": "{site_version(site)}"' in lock
    plain, compiled = run("program.py", "plain"), run("program.py", "compiled")
    assert compiled.stdout == plain.stdout
    assert plain.stdout.endswith("[2, 'list', 'method'] [('create', 2)]\n")
    assert plain.stderr.splitlines()[0] == "app"
    assert compiled.stderr.splitlines()[0] == "generated.app"


def site_version(site: Path) -> str:
    (metadata,) = site.glob("*.dist-info")
    return metadata.name.removesuffix(".dist-info").rpartition("-")[2]

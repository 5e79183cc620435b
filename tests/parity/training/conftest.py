"""Shared fixtures of this folder: a model, and the runs that others are compared with."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
from filelock import FileLock

from tests.parity.training.harness import Outcome, TrainingProject, write_model

T = TypeVar("T")


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this test run share."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "training"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def once(shared: Path) -> Callable[[str, Callable[[], T]], T]:
    """Do something in one of the workers, and return the result in all of them."""

    def do(name: str, make: Callable[[], T]) -> T:
        kept = shared / f"{name}.pickle"
        with FileLock(shared / f"{name}.lock"):
            if not kept.exists():
                kept.write_bytes(pickle.dumps(make()))
            found: T = pickle.loads(kept.read_bytes())
            return found

    return do


@pytest.fixture(scope="session")
def model(shared: Path, once: Callable[..., Path]) -> Path:
    return once("model", lambda: write_model(shared / "model_files"))


@pytest.fixture
def training(tmp_path: Path, model: Path) -> Callable[..., TrainingProject]:
    """A factory of projects; the semantics are its argument."""
    return lambda semantics="runtime": TrainingProject(tmp_path / "project", model, semantics)


@pytest.fixture
def uncompiled(tmp_path: Path, model: Path, once: Callable[..., Outcome]) -> Callable[..., Outcome]:
    """The outcome of a recipe without arctic-codegen; each is run once."""

    def run(type_: str, code: str) -> Outcome:
        def make() -> Outcome:
            project = TrainingProject(tmp_path / "uncompiled", model)
            return project.by_registry(project.recipe(type_, type_, code))

        return once(type_, make)

    return run

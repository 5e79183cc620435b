"""A compiled project, and processes that start quickly."""

from __future__ import annotations

import pytest

from tests import harness
from tests.forking import Forks
from tests.parity.blocks.harness import Project


@pytest.fixture(scope="session")
def forks() -> Forks:
    return harness.forks("blocks")


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Project:
    return Project(tmp_path_factory.mktemp("blocks") / "project", forks)

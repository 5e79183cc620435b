"""A compiled project, and processes that start at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.parity.blocks.forking import Forks
from tests.parity.blocks.harness import Project


@pytest.fixture(scope="session")
def forks() -> Iterator[Forks]:
    forks = Forks()
    yield forks
    forks.close()


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, forks: Forks) -> Project:
    return Project(tmp_path_factory.mktemp("blocks") / "project", forks)

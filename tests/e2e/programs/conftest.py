"""A factory of projects for the tests in this folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness import Project, projects_in


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    return projects_in(tmp_path)

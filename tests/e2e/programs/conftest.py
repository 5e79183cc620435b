"""A factory of projects for the tests in this folder."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.harness import CONFIG, Project


@pytest.fixture
def project(tmp_path: Path) -> Callable[..., Project]:
    counter = itertools.count()

    def make(files: dict[str, str] | str, config: str = CONFIG) -> Project:
        if isinstance(files, str):
            files = {"app/__init__.py": "", "app/main.py": files}
        return Project(tmp_path / f"p{next(counter)}", files, config)

    return make

"""Real projects, copied into a folder that a test may change."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec
from pathlib import Path

from tests.harness import Project

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[3]
CONFIG = """
[tool.arctic-codegen]
sources = [{sources}]
semantics = "runtime"
# Each is a project of its own: the same names are no mistake.
ignore = ["AC216"]

# Lines of headers are not wrapped.
[tool.ruff]
line-length = 320

# Types of PyTorch take minutes to read in, and nothing here depends on them.
[tool.mypy]
follow_imports = "skip"
ignore_missing_imports = true
"""


def real_projects(folder: Path) -> Project:
    """The first example, the tests' own project on the building blocks, and arctic-training."""
    ignore = shutil.ignore_patterns("__pycache__", "generated")
    copied = [ROOT / "tests" / "parity" / "blocks" / "project" / "app.py"]
    copied.append(Path(find_spec("arctic_training").origin).parent)
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["arctic-codegen"]
    # The base of the other example has methods without types, many with similar names.
    copied += [ROOT / name for name in settings["sources"] if "transformers" not in name]
    for path in copied:
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=ignore)
        else:
            shutil.copy(path, folder)
    sources = ", ".join(f'"{path.name}"' for path in copied)
    return Project(folder, {}, CONFIG.format(sources=sources))

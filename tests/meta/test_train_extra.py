"""The extra ``train`` installs everything that the building blocks need."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

from packaging.requirements import Requirement

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib  # type: ignore[no-redef]

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRA = PROJECT["optional-dependencies"]
CORE = {Requirement(text).name for text in PROJECT["dependencies"]}
NAMES = {"pyyaml": ("yaml",), "pydantic": ("pydantic", "pydantic_core")}
"""The import names of packages, if they differ from the names of the distributions."""
INDIRECT = {"accelerate"}
"""What transformers requires if ZeRO stage 3 loads a model in parts."""


def imported(file: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return {name.partition(".")[0] for name in found}


def test_R43_the_extra_has_what_the_building_blocks_import():
    blocks = [*(ROOT / "arctic_codegen" / "blocks").rglob("*.py")]
    blocks.append(ROOT / "arctic_codegen" / "files" / "yaml_text.py")
    names = set().union(*map(imported, blocks)) - sys.stdlib_module_names - {"arctic_codegen"}
    packages = [Requirement(text).name for text in EXTRA["train"]]
    brought = {name for one in packages for name in NAMES.get(one, (one,))}
    assert names <= brought | CORE
    assert brought - names == INDIRECT | {"safetensors"} - names

"""Everything in the table of collectives exists in the installed libraries."""

from __future__ import annotations

import re
from importlib.util import find_spec
from pathlib import Path

import pytest

from arctic_codegen.resolve.effects.collective_table import FUNCTIONS, METHODS, OBJECT_METHODS


def text_of(module: str) -> str:
    """A module's source, without importing it."""
    top, *rest = module.split(".")
    spec = find_spec(top)
    if spec is None or not spec.submodule_search_locations:
        pytest.skip(f"{top} is not installed")
    path = Path(spec.submodule_search_locations[0], *rest)
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return file.read_text(encoding="utf-8")


@pytest.mark.parametrize("library", ["arctic_training", "arctic_codegen"])
def test_R47_methods_of_trainers_and_engines_are_there(library):
    methods = [name for name in FUNCTIONS if name.startswith(f"{library}.")]
    assert len(methods) > 5
    for name in methods:
        module, cls, method = name.rsplit(".", 2)
        text = text_of(module)
        body = text[text.index(f"class {cls}(") :]
        assert f"    def {method}(" in body, name


@pytest.mark.parametrize(
    "module",
    [
        "torch.distributed.distributed_c10d",
        "deepspeed.comm.comm",
        "torch.distributed.checkpoint.state_dict",
        "torch.distributed.checkpoint.state_dict_saver",
    ],
)
def test_R47_functions_are_there(module):
    text = text_of(module)
    named = [name.rpartition(".")[2] for name in FUNCTIONS if name.rpartition(".")[0] == module]
    defined = [name for name in named if re.search(rf"^def {name}\(", text, re.MULTILINE)]
    # The table has one list of names for several classes, some of other versions.
    assert len(defined) >= 3
    calls = {"barrier", "all_reduce", "broadcast", "all_gather_object"}
    if "comm" in module or "c10d" in module:
        assert calls <= set(defined)


def test_each_has_a_reason():
    for reason in (*FUNCTIONS.values(), *METHODS.values(), *OBJECT_METHODS.values()):
        assert re.fullmatch(r"[a-z].* .*[a-z]", reason)

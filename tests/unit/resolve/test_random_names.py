"""R3: in random projects, names mean the same as in Python."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys

import pytest

from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    ModuleEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from tests.unit.resolve.names_support import NamedProject
from tests.unit.resolve.random_names import FILES, NAMES, Generator

PROBE = """
import importlib, json, sys, types

def told(value):
    if isinstance(value, types.ModuleType):
        return "module " + value.__name__
    if isinstance(value, type):
        return f"class {value.__module__}.{value.__qualname__}"
    if isinstance(value, types.FunctionType):
        return f"function {value.__module__}:{value.__code__.co_firstlineno}"
    return f"value {value}"

found = {}
for module in sys.argv[1].split():
    space = vars(importlib.import_module(module))
    found[module] = {}
    for name in sys.argv[2].split():
        value = space.get(name)
        found[module][name] = told(value) if name in space else None
        if isinstance(value, type):
            own = {k: v for k, v in vars(value).items() if not k.startswith("__")}
            found[module].update({f"{name}.{k}": told(v) for k, v in own.items()})
print(json.dumps(found))
"""


def told(entity):
    if isinstance(entity, ModuleEntity):
        return f"module {entity.name}"
    if isinstance(entity, ClassEntity):
        return f"class {entity.id}"
    if isinstance(entity, (FunctionEntity, LambdaEntity)):
        return f"function {entity.module}:{entity.place.span.line}"
    assert isinstance(entity, ValueEntity), entity
    return f"value {entity.expr.text}"


def check(folder, seed):
    texts = Generator(seed).project()
    project = NamedProject(folder, {FILES[module]: text for module, text in texts.items()})
    done = subprocess.run(
        [sys.executable, "-B", "-c", PROBE, " ".join(FILES), " ".join((*NAMES, "module"))],
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        check=True,
    )
    real = json.loads(done.stdout)
    followed = 0
    for module, names in real.items():
        for name, wanted in names.items():
            entity = project.entity(f"{module}:{name}")
            where = f"seed {seed}: {module}:{name}\n{texts[module]}"
            if wanted is None:
                unbound = project.names.state(Scope(module), name) == frozenset({None})
                assert unbound or isinstance(entity, Unknown), where
                continue
            if isinstance(entity, Unknown):
                in_loop = re.search("is bound (in a loop|by a 'for')", entity.reason)
                assert in_loop, f"{where}\n{entity}"
                continue
            assert told(entity) == wanted, where
            followed += 1
            path = getattr(entity, "reachable", None)
            if path is not None and path[1] in real[path[0]]:
                assert real[path[0]][path[1]] == wanted, where
    return followed


@pytest.mark.parametrize("seed", range(12))
def test_R3_random_projects(tmp_path, seed):
    assert check(tmp_path, seed) > 5


@pytest.mark.long
@pytest.mark.parametrize("seed", range(1000, 1200))
def test_R3_many_random_projects(tmp_path, seed):
    assert check(tmp_path, seed) > 5

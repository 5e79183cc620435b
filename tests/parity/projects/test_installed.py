"""R38: the installed package's own classes, compiled, imported, registered and constructed."""

from __future__ import annotations

import json

import pytest

from tests.harness import Project, forked

pytest.importorskip("arctic_training")

CONFIG = '[tool.arctic-codegen]\nsources = ["arctic_training"]\n'

DRIVE = """
import importlib, json, sys
from types import SimpleNamespace

modules, compiled = json.loads(sys.argv[1]), sys.argv[2] == "generated"
for module in modules:
    importlib.import_module(f"generated.{module}" if compiled else module)

import deepspeed
from arctic_training.logging import logger
from arctic_training.registry import RegistryMeta, _get_class_attr_type_hints

FACTORIES = (
    "data_factory", "model_factory", "checkpoint_engine", "optimizer_factory",
    "scheduler_factory", "tokenizer_factory",
)
lines = []
logger.remove()
logger.add(lambda line: lines.append(str(line).strip()), format="{message}", level="INFO")

deepspeed.initialize = lambda model, config: (model,)  # of the reference model of DPO


class Cheap:
    def __init__(self, trainer, model_config=None):
        self.trainer = trainer

    def __call__(self):
        return 1, 2


def made(kind, cls):
    part = SimpleNamespace(factory=Cheap, type="x")
    config = SimpleNamespace(
        data=part, model=part, optimizer=part, scheduler=part, tokenizer=part, world_size=1,
        global_rank=0, local_rank=0, seed=1, mem_profiler=None, output_dir=None,
        ref_model=part, reference_model_deepspeed={}, ignore_label_index=-100, beta=0.1,
    )
    trainer = SimpleNamespace(config=config, device="cpu", world_size=1, global_rank=0)
    if kind == "Trainer":
        return cls(config, mode="process-data")
    if kind == "DataSource":
        return cls(SimpleNamespace(trainer=trainer), part)
    if kind == "CheckpointEngine":
        return cls(trainer, config)
    return cls(trainer)


told = {}
for kind, table in RegistryMeta._registry.items():
    for name, cls in table.items():
        lines.clear()
        instance = made(kind, cls)
        told[f"{kind} {name}"] = {
            "module": cls.__module__,
            "class": cls.__qualname__,
            "is_compiled": "__arctic_source__" in vars(cls),
            "attributes": sorted(vars(instance)),
            "events": sorted(cls._get_all_callback_event_methods()),
            "hints": {
                attribute: [
                    f"{hint.__module__}.{hint.__qualname__}"
                    for hint in _get_class_attr_type_hints(cls, attribute)
                ]
                for attribute in ("config", *FACTORIES)
            },
            "gathered": len(instance._initialized_callbacks),
            "said": [line.splitlines()[0] for line in lines],
            "last": lines[-1] if lines else "",
        }
print("TOLD" + json.dumps(told))
"""


def told(project: Project, modules: list[str], package: str) -> dict:
    done = forked("blocks", ["-c", DRIVE, json.dumps(modules), package], project.root)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.rpartition("TOLD")[2])


@pytest.mark.long
def test_R38_every_class_of_arctic_training(tmp_path):
    project = Project(tmp_path, {}, CONFIG)
    ran = project.build()
    assert (ran.code, ran.codes) == (0, []), ran.stdout + ran.stderr
    listed = json.loads(project.cli("list", "--format", "json").stdout)["classes"]
    modules = [
        path.relative_to(tmp_path / "generated").with_suffix("").as_posix().replace("/", ".")
        for path in sorted((tmp_path / "generated" / "arctic_training").rglob("*.py"))
        if path.name != "__init__.py"
    ]
    assert set(modules) <= {found["module"] for found in listed}
    plain, compiled = told(project, modules, "source"), told(project, modules, "generated")

    assert len(plain) >= 20
    assert sorted(plain) == sorted(compiled)
    for name, source in plain.items():
        ours = compiled[name]
        assert (ours["is_compiled"], source["is_compiled"]) == (True, False), name
        assert ours["module"] == f"generated.{source['module']}", name
        assert ours["class"] == source["class"]
        assert ours["attributes"] == source["attributes"], name
        assert ours["events"] == source["events"], name
        assert ours["gathered"] == 0 < source["gathered"], name
        # R30: the classes that ArcticTraining compares with the registry are compiled as well.
        for attribute, hints in source["hints"].items():
            prefix = "" if attribute == "config" else "generated."
            assert ours["hints"][attribute] == [prefix + hint for hint in hints], name
        # R15: the mixin's list also counts for trainers, whose own list hides it at run time.
        initialised = [f"Initializing {ours['class']}", f"Initialized {ours['class']}"]
        assert [line for line in ours["said"] if line in initialised] == initialised, name
        assert ours["last"].startswith(f"Callback methods for {ours['class']}:"), name

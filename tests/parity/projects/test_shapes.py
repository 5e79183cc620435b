"""R38 and R45 on projects in the style of ArcticTraining's own."""

from __future__ import annotations

import json

import pytest

from tests.harness import Project, forked
from tests.parity.projects.sources import DRIVE, FILES

pytest.importorskip("arctic_training")

CONFIG = """
[tool.arctic-codegen]
sources = ["projects"]
semantics = "{}"
"""

QUICK = [
    "create_config",
    "create_model ['layers', 'model_type']",
    "only the head of FakeModel is trained",
    "checkpointing enabled",
]
BLOCK = [
    "create_config",
    "block config",
    "create_model ['layers', 'model_type', 'topk']",
    "only the head of FakeModel is trained",
    "checkpointing enabled",
]
SMALL_STEPS = ["backward 1.5", "backward 2.5", "backward 3.5"]
ONCE = {
    "LoopingTrainer": ["pre step 1", *SMALL_STEPS, "small step done 3"],
    "TwinEngine": ["saves the encoder", '{"pooling": "mean"}', "saved"],
}


def told(project: Project, package: str) -> dict:
    done = forked("blocks", ["-c", DRIVE, package], project.root)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(done.stdout.rpartition("TOLD")[2])


@pytest.mark.long
def test_R45_uncompiled(tmp_path):
    """ArcticTraining's runtime: the reference, with its events in each `super()`."""
    seen = told(Project(tmp_path, FILES, CONFIG.format("runtime")), "projects")
    assert (seen["QuickModelFactory"], seen["BlockModelFactory"]) == (QUICK, BLOCK)
    assert seen["LoopingTrainer"] == [
        "pre step 1",
        *("pre step 1", "backward 1.5", "small step done 1"),
        *("pre step 2", "backward 2.5", "small step done 2"),
        *("pre step 3", "backward 3.5", "small step done 3"),
        "small step done 3",
    ]
    assert seen["TwinEngine"] == ["saves the encoder", "saved", '{"pooling": "mean"}', "saved"]


def test_R45_the_runtime_s_callbacks_each_once(tmp_path):
    project = Project(tmp_path, FILES, CONFIG.format("runtime"))
    ran = project.build()
    assert (ran.code, ran.codes) == (0, []), ran.stdout + ran.stderr
    seen = told(project, "generated.projects")
    assert (seen["QuickModelFactory"], seen["BlockModelFactory"]) == (QUICK, BLOCK)
    assert seen["BlockModelFactory config"] == [["layers", 4], ["model_type", "plain"], ["topk", 8]]
    assert {name: seen[name] for name in ONCE} == ONCE
    assert seen["steps"] == 3
    assert all(cls.startswith("generated.projects.") for cls in seen["registry"].values())
    assert {"quick", "block", "looping", "twin", "saves"} <= set(seen["registry"])


@pytest.mark.long
def test_R17_documented_the_replaced_method_runs_too(tmp_path):
    """The reason why such projects need the runtime's semantics: HFModelFactory's callback runs as
    well."""
    project = Project(tmp_path, FILES, CONFIG.format("documented"))
    ran = project.build()
    assert (ran.code, ran.codes) == (0, []), ran.stdout + ran.stderr
    seen = told(project, "generated.projects")
    both = ["checkpointing enabled", "input requires gradients"]
    assert seen["QuickModelFactory"] == [*QUICK[:2], *both, *QUICK[2:]]
    assert seen["BlockModelFactory"] == [*BLOCK[:3], *both, *BLOCK[3:]]
    assert {name: seen[name] for name in ONCE} == ONCE


def test_R45_neither_is_taken_unseen(tmp_path):
    project = Project(tmp_path, FILES, '[tool.arctic-codegen]\nsources = ["projects"]\n')
    assert project.build().codes == [
        ("projects/block/train.py", 12, "AC305"),
        ("projects/quick/train.py", 30, "AC305"),
    ]


def test_R13_a_missing_library_matters_where_a_callback_hangs_on_it(tmp_path):
    files = {
        **FILES,
        "projects/hanging/train.py": """
        from a_library_that_is_not_installed import Base, log
        from projects.quick.train import QuickTrainer

        class Logged(QuickTrainer):
            name = "logged"
            callbacks = [("post-step", log)]

        class Based(QuickTrainer, Base):
            name = "based"
        """,
    }
    project = Project(tmp_path, files, CONFIG.format("runtime"))
    assert project.build().codes == [
        ("projects/hanging/train.py", 6, "AC103"),
        ("projects/hanging/train.py", 8, "AC101"),
    ]

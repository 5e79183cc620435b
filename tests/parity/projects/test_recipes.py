"""R39: a recipe with one changed line, from any folder and however its file is loaded."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from tests.harness import Project
from tests.parity.projects.recipes import built, load, recipe_text, sources_of

pytest.importorskip("arctic_training")


def config(*sources: str, more: str = "") -> str:
    return (
        f'[tool.arctic-codegen]\nsources = {json.dumps(sources)}\nsemantics = "runtime"\n{more}\n'
    )


def project_of(root: Path, name: str, output: str = "generated") -> Project:
    """A trainer and its blocks as two files, built, with a recipe for them."""
    files = sources_of(name)
    project = built(root, files, config(*files, more=f'output = "{output}"'))
    text = recipe_text(root, name, f"{output}/{name}_trainer.py")
    project.write({"recipe.yaml": text})
    return project


def registered(name: str, package: str = "generated", inside: str = "") -> dict[str, str]:
    """The registered classes for those of ``sources_of``."""
    prefix = name.title()
    where = f"{package}.{inside}{name}"
    return {
        f"{name}_source": f"{where}_blocks.{prefix}Source",
        f"{name}_factory": f"{where}_blocks.{prefix}Factory",
        name: f"{where}_trainer.{prefix}Trainer",
    }


@pytest.fixture
def away(tmp_path: Path) -> Path:
    """A working folder that is unrelated to the project."""
    folder = tmp_path / "away"
    folder.mkdir()
    return folder


USED = """
sys.path.insert(0, str(recipe.parent))
from generated.mine_trainer import MineTrainer as imported
sys.path.pop(0)
from arctic_training.config.trainer import get_config
from arctic_training.registry import get_registered_trainer

configs = [get_config(recipe), get_config(recipe)]
cls = get_registered_trainer("mine")
told["same"] = [cls is imported, configs[0].model.factory is configs[1].model.factory]
made = cls()
made.step(1)
told["notes"] = made.notes
told["config"] = configs[0].model.factory(None, configs[0].model).create_config()
foreign = [name for name in sys.modules if name.startswith("user_dir_")]
told["foreign"] = [vars(sys.modules[name])["MineTrainer"] is cls for name in foreign]
"""


@pytest.mark.long
def test_R39_imported_by_a_script_and_loaded_twice(tmp_path, away):
    project = project_of(tmp_path / "p", "mine")
    told = load(project.root / "recipe.yaml", USED, cwd=away)
    assert told["registry"] == registered("mine")
    assert told["same"] == [True, True]
    assert told["notes"] == ["mine"]
    assert told["config"] == {"post": 1}
    assert told["foreign"] == [True]


@pytest.mark.long
def test_R39_from_any_folder_with_no_search_path(tmp_path, away):
    """Source and generated file have the same name, as does a file that is first on the path."""
    project = project_of(tmp_path / "p", "mine")
    recipe = project.root / "recipe.yaml"
    assert load(recipe, cwd=away)["registry"] == registered("mine")
    assert load(recipe, cwd=project.root / "generated")["registry"] == registered("mine")
    generated = str(project.root / "generated")
    assert load(recipe, cwd=away, path=generated)["registry"] == registered("mine")
    (away / "mine_trainer.py").write_text("raise SystemExit('of another project')\n")
    told = load(recipe, cwd=away, path=f"{away}{os.pathsep}{generated}")
    assert told["registry"] == registered("mine")
    refused = load(recipe, "import mine_trainer", cwd=away, path=generated, ok=False)
    assert "which is its source's name" in refused.splitlines()[-1]


SPAWN = """
from arctic_training.config.trainer import get_config

if __name__ == "__main__":
    get_config(recipe)
    import multiprocessing
    from arctic_training.registry import get_registered_trainer

    made = get_registered_trainer("mine")()
    child = multiprocessing.get_context("spawn").Process(target=type, args=(made,))
    child.start()
    child.join(100)
    told["exit"] = child.exitcode
"""


@pytest.mark.long
def test_R39_output_elsewhere_and_child_processes(tmp_path, away):
    project = project_of(tmp_path / "p", "mine", output="../made here/over there/generated")
    told = load(project.root / "recipe.yaml", SPAWN, cwd=away)
    assert told["registry"] == registered("mine")
    assert told["exit"] == 0


@pytest.mark.long
def test_R39_a_package_under_src_and_a_recipe_in_a_folder(tmp_path, away):
    root = tmp_path / "p"
    project = built(
        root, sources_of("mine", "src", "pkg"), config("src/pkg", more='output = "out/compiled"')
    )
    text = recipe_text(root, "mine", "../out/compiled/pkg/mine_trainer.py")
    project.write({"recipes/recipe.yaml": text})
    told = load(root / "recipes" / "recipe.yaml", cwd=away)
    assert told["registry"] == registered("mine", "out.compiled", "pkg.")


SFT = """
from arctic_training.config.trainer import get_config

config = get_config(recipe)
parts = (config.model, config.data, config.tokenizer, config.optimizer, config.scheduler)
told["factories"] = [part.factory.__module__ for part in parts]
"""


@pytest.mark.long
def test_R38_a_recipe_of_arctic_training_s_own_trainer(tmp_path, away):
    project = built(tmp_path / "p", {}, config("arctic_training"))
    code = "generated/arctic_training/trainer/sft_trainer.py"
    project.write({"recipe.yaml": recipe_text(project.root, "sft", code)})
    told = load(project.root / "recipe.yaml", SFT, cwd=away)
    assert told["registry"]["sft"] == "generated.arctic_training.trainer.sft_trainer.SFTTrainer"
    assert len(told["factories"]) == 5
    assert all(module.startswith("generated.arctic_training.") for module in told["factories"])


@pytest.mark.long
def test_R39_two_projects_in_one_process(tmp_path, away):
    first = project_of(tmp_path / "p", "mine")
    project_of(tmp_path / "q", "other")
    both = """
from arctic_training.config.trainer import get_config

get_config(recipe)
get_config(recipe.parent.parent / "q" / "recipe.yaml")
"""
    told = load(first.root / "recipe.yaml", both, cwd=away)["registry"]
    packages = {cls.partition(".")[0] for cls in told.values()}
    assert len(packages) == 2  # both output folders are called `generated`
    assert set(told) == {*registered("mine"), *registered("other")}
    assert "generated" in packages
    assert told.items() >= registered("mine").items()

    # Modules with the same name cannot both be imported: an error, and no wrong class is used.
    for name in ("mine_trainer.py", "mine_blocks.py"):
        text = (first.root / name).read_text().replace("mine", "again").replace("Mine", "Again")
        own = text.replace("again_blocks", "mine_blocks")
        (tmp_path / "q" / name).write_text(own, encoding="utf-8")
    again = Project(tmp_path / "q", {}, config("mine_trainer.py", "mine_blocks.py"))
    assert again.build().code == 0
    text = recipe_text(again.root, "again", "generated/mine_trainer.py")
    again.write({"recipe.yaml": text})
    refused = load(first.root / "recipe.yaml", both, cwd=away, ok=False)
    assert f"was imported from {first.root}" in refused
    assert f"compiled from {again.root}" in refused


@pytest.mark.long
def test_R39_a_trainer_that_is_not_compiled_meets_a_compiled_factory(tmp_path, away):
    root = tmp_path / "p"
    project = built(root, sources_of("mine"), config("mine_blocks.py"))
    named = {"model": {"type": "mine_factory"}}
    code = "generated/mine_blocks.py"
    project.write({"recipe.yaml": recipe_text(root, "mine", code, **named)})
    imports = """
sys.path.insert(0, str(recipe.parent))
import mine_trainer
from arctic_training.config.trainer import get_config

get_config(recipe)
"""
    refused = load(root / "recipe.yaml", imports, cwd=away, ok=False)
    assert "mine_trainer.MineTrainer is not compiled" in refused
    assert "compile the trainer too (add 'mine_trainer' to `sources`" in refused

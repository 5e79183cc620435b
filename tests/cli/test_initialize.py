"""``init`` on projects of ArcticTraining's: what they train with says what is compiled (R45)."""

from __future__ import annotations

import pytest

from arctic_codegen import scan as scanning

pytest.importorskip("arctic_training")
pytest.importorskip("yaml")

DATA = """
from arctic_training.data.sft_factory import SFTDataFactory


class MyData(SFTDataFactory):
    name = "my-data"

    def post_load_callback(self, data):
        return data
"""
RECIPE = "type: {type}\nmodel:\n  name_or_path: x\ndata:\n  type: my-data\n"

_scanned = {}


@pytest.fixture(autouse=True)
def scan_once(monkeypatch):
    """ArcticTraining's own files are the same for each of many builds."""
    scan = scanning.scan

    def remembering(data, path, *, compiles=False):
        if (data, path, compiles) not in _scanned:
            _scanned[data, path, compiles] = scan(data, path, compiles=compiles)
        return _scanned[data, path, compiles]

    monkeypatch.setattr(scanning, "scan", remembering)


def test_recipes_with_a_trainer_of_its_own_bring_arctic_training_in(folder, write, cli):
    """A factory that is compiled needs a compiled trainer."""
    write(my_data=DATA)
    (folder / "configs").mkdir()
    for name in ("a", "b", "c", "d", "e"):
        (folder / "configs" / f"{name}.yaml").write_text(RECIPE.format(type="sft"))
    (folder / "other.yml").write_text("type: nobody\n" + RECIPE.partition("\n")[2])
    (folder / "workflow.yml").write_text("type: sft\nmodel: x\n")
    (folder / "broken.yml").write_text("model: [\ndata: x\n")
    done = cli("init")
    assert done.code == 0, done.err
    assert 'sources = ["my_data.py", "arctic_training"]\n' in done.out
    assert "  my_data: MyData\nfound 1 class\n" in done.err
    assert "  sft (configs/a.yaml, configs/b.yaml, configs/c.yaml and 2 more)\n" in done.err
    assert "  nobody (other.yml): no trainer of that name is found\n" in done.err
    assert "workflow" not in done.err
    assert "arctic_training is among the sources" in done.err
    assert cli("build", "--quiet", "--format", "concise").out == ""
    ran = cli("run", "configs/a.yaml", "--dry-run")
    assert ran.code == 0, ran.out + ran.err
    assert "code: ../generated/arctic_training/trainer/sft_trainer.py\n" in ran.out


def test_a_folder_of_recipes_is_a_project(folder, cli):
    (folder / "run.yaml").write_text(RECIPE.format(type="causal"))
    done = cli("init", "--dry-run")
    assert done.code == 0, done.err
    assert 'sources = ["arctic_training"]\n' in done.out
    assert not (folder / "pyproject.toml").exists()


def test_recipes_of_own_trainers_bring_nothing_in(folder, write, cli):
    write(
        my_trainer="""
        from arctic_training import SFTTrainer


        class MyTrainer(SFTTrainer):
            name = "mine"
        """
    )
    (folder / "run.yaml").write_text(RECIPE.format(type="mine"))
    done = cli("init")
    assert 'sources = ["my_trainer.py"]\n' in done.out
    assert "  mine (run.yaml)\n" in done.err
    assert cli("build").code == 0


def test_what_runs_today_goes_on_after_the_first_build(folder, write, cli):
    """An override replaces its parent's callback at run time: its authors' projects count on it."""
    write(
        train="""
        from arctic_training import HFModelFactory, SFTTrainer


        class Base(HFModelFactory):
            name = "base"

            def post_create_model_callback(self, model):
                return model


        class Mine(Base):
            name = "mine"

            def post_create_model_callback(self, model):
                return model


        class MineTrainer(SFTTrainer):
            name = "mine"
            model_factory: Mine
        """
    )
    (folder / "run.yaml").write_text(RECIPE.format(type="mine"))
    assert 'semantics = "runtime"\n' in cli("init").out
    assert cli("build", "--format", "concise").out == ""


def test_files_that_have_nothing_to_do_with_it_are_not_read(folder, write, cli):
    """Not even where they could not be compiled."""
    write(
        my_data=DATA,
        one__train="import torch\nclass Net(torch.nn.Module): ...\n",
        two__train="import torch\nclass Net(torch.nn.Module): ...\n",
        broken="class X(\n",
    )
    done = cli("init")
    assert (done.code, 'sources = ["my_data.py"]\n' in done.out) == (0, True)


def test_what_stands_in_the_way_is_told(folder, write, cli):
    """Bases that are found where the project is run, and not here."""
    write(
        train="""
        from arctic_training import logger
        from projects.elsewhere import Factory


        class Mine(Factory):
            name = "mine"

            def post_create_model_callback(self, model):
                return model
        """
    )
    done = cli("init", "--format", "concise")
    assert done.code == 1
    assert done.out.startswith("train.py:5:7: warning[AC102] 'Mine' declares callbacks")
    assert done.err == "No class with a callback mixin is found; nothing is written.\n"
    assert not (folder / "pyproject.toml").exists()

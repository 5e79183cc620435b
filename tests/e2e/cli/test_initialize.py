"""``init`` on ArcticTraining projects: the order that they train with is compiled (R45)."""

from __future__ import annotations

import pytest

pytest.importorskip("arctic_training")

DATA = """
from arctic_training.data.sft_factory import SFTDataFactory


class MyData(SFTDataFactory):
    name = "my-data"

    def post_load_callback(self, data):
        return data
"""


def test_what_runs_today_goes_on_after_the_first_build(folder, write, cli):
    """At run time, an override replaces its parent's callback; existing projects rely on this."""
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
    assert 'semantics = "runtime"\n' in cli("init").out
    assert cli("build", "--format", "concise").out == ""


def test_files_that_have_nothing_to_do_with_it_are_not_read(folder, write, cli):
    """Not even if they are not valid Python."""
    write(
        my_data=DATA,
        one__train="import torch\nclass Net(torch.nn.Module): ...\n",
        two__train="import torch\nclass Net(torch.nn.Module): ...\n",
        broken="class X(\n",
    )
    done = cli("init")
    assert (done.code, 'sources = ["my_data.py"]\n' in done.out) == (0, True)


def test_what_stands_in_the_way_is_told(folder, write, cli):
    """Bases that are found where the project runs, but not here."""
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
    assert done.err == "No class with a callback mixin was found; nothing was written.\n"
    assert not (folder / "pyproject.toml").exists()

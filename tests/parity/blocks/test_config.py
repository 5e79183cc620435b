"""Recipes: valid settings, and the places of errors (R44)."""

from __future__ import annotations

from pathlib import Path
from typing import Union

import pytest

pytest.importorskip("deepspeed")

from arctic_codegen.blocks import (
    CausalTrainer,
    DataConfig,
    HFModelFactory,
    RecipeError,
    TextDataFactory,
    Trainer,
    make_config,
    read_recipe,
)
from tests.parity.blocks.harness import RECIPE, changed


class BookConfig(DataConfig):
    chapters: int = 3


class Books(TextDataFactory):
    name = "books"
    config: BookConfig


class OtherModel(HFModelFactory):
    name = "other"


class Reader(CausalTrainer):
    """It names its factories in ArcticTraining's way."""

    name = "reader"
    data_factory: Books  # type: ignore[assignment]
    model_factory: Union[HFModelFactory, OtherModel]  # type: ignore[assignment]


BASE = changed(RECIPE, {"data": {"sources": [__file__]}})


def wrong(**changes: object) -> list[str]:
    with pytest.raises(RecipeError) as caught:
        make_config(Reader, changed(BASE, changes))
    return str(caught.value).splitlines()


def test_a_factory_says_what_its_section_may_hold():
    config = make_config(Reader, changed(BASE, {"data": {"chapters": 5}}))
    assert isinstance(config.data, BookConfig)
    assert config.data.chapters == 5
    assert wrong(data={"chapters": "many"})[0].startswith("data.chapters: Input should be a valid")


class Blind(Reader):
    config: BlindConfig  # type: ignore[name-defined]  # noqa: F821  # as if for checkers alone


def test_an_annotation_that_means_nothing_at_run_time_is_an_error():
    with pytest.raises(RecipeError) as caught:
        make_config(Blind, RECIPE)
    assert str(caught.value) == (
        "tests.parity.blocks.test_config.Blind.config: the annotation 'BlindConfig' cannot be"
        " evaluated at run time (name 'BlindConfig' is not defined): import its names outside"
        " 'if TYPE_CHECKING'"
    )


def test_an_unknown_field_is_an_error_with_the_closest():
    assert wrong(micro_batch_sise=2) == [
        "micro_batch_sise: unknown field; did you mean 'micro_batch_size'?"
    ]
    assert wrong(data={"chapter": 5}) == ["data.chapter: unknown field; did you mean 'chapters'?"]


def test_all_errors_are_told_together():
    told = wrong(epochs=0, data={"max_length": 1}, optimizer={"learning_rate": -1})
    assert [line.partition(":")[0] for line in told] == [
        "epochs",
        "data.max_length",
        "optimizer.learning_rate",
    ]


def test_a_type_chooses_among_the_classes_that_the_trainer_allows():
    assert wrong(model={"type": "unknown"}) == [
        "model.type: Reader has no model_factory named 'unknown'; it has 'huggingface', 'other'"
    ]
    assert make_config(Reader, changed(BASE, {"model": {"type": "other"}})).model.type == "other"


def test_a_trainer_without_a_factory_is_told_to_name_one():
    with pytest.raises(RecipeError) as caught:
        make_config(Trainer, RECIPE)
    assert "Trainer has no model_factory: set the class attribute" in str(caught.value)


def test_what_deepspeed_is_told_twice_is_an_error():
    (line,) = wrong(deepspeed={"gradient_clipping": 2.0})
    assert line == "deepspeed.gradient_clipping: is set by gradient_clipping: set that instead"


@pytest.mark.parametrize(
    "section, message",
    [
        (
            {"zero_optimisation": {}},
            "zero_optimisation: unknown field; did you mean 'zero_optimization'?",
        ),
        ({"zero_optimization": 2}, "zero_optimization: must map names to values, such as 'stage: "),
        ({"zero_optimization": {"stage": 4}}, "zero_optimization.stage: Input should be 0, 1, 2"),
        (
            {"zero_optimization": {"stag": 2}},
            "zero_optimization.stag: unknown field; did you mean 'stage'?",
        ),
        ({"optimizer": {}}, "optimizer: is set by section 'optimizer' of the recipe"),
    ],
)
def test_what_deepspeed_would_refuse_or_ignore_is_an_error(section: object, message: str):
    (line,) = wrong(deepspeed=section)
    assert line.startswith(f"deepspeed.{message}")


def test_two_engines_do_not_write_into_one_folder():
    section = {"output_dir": "saved", "save_every_n_steps": 1}
    (line,) = wrong(checkpoint=[section, section])
    said = "saved is also used by another engine: give each its own"
    assert line == f"checkpoint.1.output_dir: {said}"


def test_a_model_has_to_be_named():
    assert wrong(model=None) == ["model: this field is missing"]
    assert wrong(model={"hf_config": {"model_type": None}}) == [
        "model: needs name_or_path, or hf_config with a model_type such as 'llama'"
    ]


def test_an_error_stands_at_its_line_and_paths_beside_the_recipe(tmp_path: Path):
    path = tmp_path / "recipe.yaml"
    good = "model:\n  hf_config: {model_type: llama}\ndata:\n  sources: [a.txt]\n"
    (tmp_path / "a.txt").write_text("a")
    path.write_text(good + "checkpoint:\n- output_dir: saved\n  save_end_of_training: true\n")
    config = read_recipe(path, Reader)
    assert config.data.sources == [tmp_path / "a.txt"]
    assert config.checkpoint[0].output_dir == tmp_path / "saved"
    path.write_text(good + "checkpoint:\n- output_dir: saved\n  save_every_n_step: 2\nepochs: x\n")
    with pytest.raises(RecipeError) as caught:
        read_recipe(path, Reader)
    second, first = str(caught.value).splitlines()
    assert first == (
        f"{path}:7:3: checkpoint.0.save_every_n_step: unknown field;"
        " did you mean 'save_every_n_steps'?"
    )
    assert second.startswith(f"{path}:8:1: epochs: Input should be a valid integer")


@pytest.mark.parametrize("text", ["- a\n", "a: [\n", ""])
def test_a_file_that_is_no_recipe_is_one_error(tmp_path: Path, text: str):
    path = tmp_path / "recipe.yaml"
    path.write_text(text)
    with pytest.raises(RecipeError, match=r"recipe\.yaml"):
        read_recipe(path, Reader)

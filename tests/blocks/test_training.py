"""Real training on compiled classes, through DeepSpeed (R43, R44)."""

from __future__ import annotations

import pytest

pytest.importorskip("deepspeed")

from tests.blocks.harness import Project, losses, metrics


def test_R20_R43_R44_a_compiled_trainer_trains_and_each_event_fires_once(project: Project):
    stage = {"zero_optimization": {"stage": 2}}
    compiled = project.recipe("compiled", deepspeed=stage, eval_interval=4)
    by_hand = project.recipe("by_hand", type="by_hand", deepspeed=stage)
    (trace,), (other,) = project.train(compiled), project.train(by_hand)
    kinds = [line.split()[0] for line in trace]
    assert kinds[:4] == ["load", "split_data", "create_model", "init"]
    assert kinds.count("step") == 16
    assert kinds[-2:] == ["epoch", "train"]
    assert kinds.count("epoch") == kinds.count("train") == 1
    # Two evaluations of a seventh of the data: each of their losses is an event, too.
    first = kinds.index("evaluate")
    assert kinds.count("evaluate") == 2
    steps = [at for at, kind in enumerate(kinds) if kind == "step"]
    assert steps[7] < first < steps[8]
    training = [float.fromhex(trace[at - 1].split()[1]) for at in steps]
    # The other one does not evaluate, which is to make no difference.
    assert training == losses(other), "the same, bit for bit, as with its callbacks called by hand"
    assert sum(training[-4:]) / 4 < sum(training[:4]) / 4 - 0.5
    told = metrics(compiled)
    assert [line["step"] for line in told] == [2, 4, 4, 6, 8, 8]
    assert told[0]["loss"] == pytest.approx(sum(training[:4]) / 4)
    assert told[-1]["eval_loss"] < told[2]["eval_loss"]


@pytest.mark.long
def test_R44_all_stages_train_the_same_as_a_plain_loop(project: Project):
    recipes = [
        project.recipe(
            f"stage_{stage}", type="by_hand", deepspeed={"zero_optimization": {"stage": stage}}
        )
        for stage in range(4)
    ]
    plain = project.recipe("plain", type="by_hand")
    (expected,) = project.train(plain, "plain.py")
    for stage, recipe in enumerate(recipes):
        (trace,) = project.train(recipe)
        assert len(losses(trace)) == 16
        assert losses(trace) == pytest.approx(losses(expected), abs=1e-4), stage


@pytest.mark.long
def test_R44_two_ranks_train_the_same_in_all_stages(project: Project):
    expected = None
    for stage in range(4):
        recipe = project.recipe(
            f"ranks_{stage}", type="by_hand", deepspeed={"zero_optimization": {"stage": stage}}
        )
        found = [losses(trace) for trace in project.train(recipe, ranks=2)]
        assert found[0] != found[1], "each has its own share of the data"
        expected = expected or found
        for rank in range(2):
            assert found[rank] == pytest.approx(expected[rank], abs=1e-4), stage


@pytest.mark.long
@pytest.mark.parametrize("stage", range(4))
def test_R44_bf16_and_activation_checkpointing(project: Project, stage: int):
    recipe = project.recipe(
        f"bf16_{stage}",
        deepspeed={"zero_optimization": {"stage": stage}},
        model={"dtype": "bf16", "activation_checkpointing": True},
    )
    (trace,) = project.train(recipe)
    found = losses(trace)
    assert sum(found[-4:]) / 4 < sum(found[:4]) / 4 - 0.3


@pytest.mark.parametrize(
    "changes, message",
    [
        ({"data": {"max_length": 1000000}}, "samples cannot be split: give more data"),
        ({"micro_batch_size": 5000}, "is not a batch of 5000 for each of 1 ranks"),
        ({"scheduler": {"name": "cosin"}}, "scheduler.name: there is no 'cosin'; there are"),
        ({"model": {"hf_config": {"model_type": "lama"}}}, "model.hf_config: Unrecognized model"),
        ({"optimizer": {"learning_rate": 1e30}}, "the loss at step 2 is nan"),
    ],
)
@pytest.mark.long
def test_what_cannot_be_trained_is_one_clear_error(
    project: Project, changes: dict[str, object], message: str
):
    recipe = project.recipe("wrong", **changes)
    assert message in project.refused(recipe)

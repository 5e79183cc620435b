"""Real training with compiled classes, through DeepSpeed (R43, R44)."""

from __future__ import annotations

import json
from collections import Counter

import pytest

pytest.importorskip("deepspeed")

from tests.parity.blocks.harness import Project, losses, metrics

CLOSE = 1e-4
"""Tolerance for the losses of other ZeRO stages, in nats per token: sums in another order."""


def stage(number: int) -> dict[str, object]:
    return {"zero_optimization": {"stage": number}}


def values(trace: list[str], name: str) -> list[str]:
    return [line.split(" ", 1)[1] for line in trace if line.startswith(name + " ")]


def test_R20_R43_R44_a_compiled_trainer_trains_and_each_event_fires_once(project: Project):
    compiled = project.recipe("compiled", deepspeed=stage(2), eval_interval=4)
    (trace,) = project.train(compiled)
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
    assert sum(training[-4:]) / 4 < sum(training[:4]) / 4 - 0.5
    told = metrics(compiled)
    assert [line["step"] for line in told] == [2, 4, 4, 6, 8, 8]
    assert told[0]["loss"] == pytest.approx(sum(training[:4]) / 4)
    assert told[-1]["eval_loss"] < told[2]["eval_loss"]
    # Evaluating makes no difference to the training.
    (other,) = project.train(project.recipe("plain", type="on_topics", deepspeed=stage(2)))
    assert training == losses(other)


def test_R44_callbacks_that_are_compiled_in_train_as_if_called_by_hand(project: Project):
    """They change batches, losses, weights and random numbers: bit for bit."""
    (compiled,) = project.train(project.recipe("changing", type="changing"))
    (by_hand,) = project.train(project.recipe("by_hand", type="by_hand"))
    assert len(losses(compiled)) == 16
    assert losses(compiled) == losses(by_hand)
    (plain,) = project.train(project.recipe("unchanged", type="on_topics"))
    assert all(one != other for one, other in zip(losses(compiled), losses(plain), strict=True))


def test_R57_R63_a_traced_run_trains_the_same_and_counts_steps_of_the_optimizer(
    project: Project, monkeypatch: pytest.MonkeyPatch
):
    recipe = project.recipe("untraced", type="seldom_by_steps")
    (plain,) = project.train(recipe)
    recipe = project.recipe("traced", type="seldom_by_steps")
    file = recipe.parent / "times.json"
    monkeypatch.setenv("ARCTIC_CODEGEN_TRACE", str(file))
    (traced,) = project.train(recipe)
    assert traced == plain
    assert values(traced, "third") == ["3", "6"]
    calls = [one for one in json.loads(file.read_text()) if one["ph"] == "X"]
    events = Counter(one["args"]["event"] for one in calls if one["cat"] == "event")
    assert events["loss"] == events["step"] == 16
    assert Counter(one["name"] for one in calls)["app.third"] == 2


@pytest.mark.long
@pytest.mark.parametrize("ranks", [1, 2])
def test_R44_all_stages_train_the_same_as_a_plain_loop(project: Project, ranks: int):
    plain = project.recipe(f"loop_{ranks}", type="on_topics")
    expected = [losses(trace) for trace in project.train(plain, "plain.py", ranks=ranks)]
    assert len(expected[0]) == 16
    assert ranks == 1 or expected[0] != expected[1], "each has its own share of the data"
    recipes = [
        project.recipe(f"stage_{number}_{ranks}", type="on_topics", deepspeed=stage(number))
        for number in range(4)
    ]
    for number, traces in enumerate(project.train_each(*recipes, ranks=ranks)):
        for rank, trace in enumerate(traces):
            assert losses(trace) == pytest.approx(expected[rank], abs=CLOSE), number


def test_R44_an_offloaded_optimizer_trains_the_same(project: Project):
    """Without DeepSpeed's own, which has to be compiled on the machine."""
    for number in (2, 3):
        recipes = [
            project.recipe(
                f"offload_{len(more)}_{number}",
                type="plain_topics",
                deepspeed={"zero_optimization": {"stage": number, **more}},
                train_iters=4,
                log_interval=1,
            )
            for more in ({}, {"offload_optimizer": {"device": "cpu"}})
        ]
        project.train_each(*recipes)
        here, offloaded = ([line["loss"] for line in metrics(one)] for one in recipes)
        assert len(here) == 4
        assert offloaded == pytest.approx(here, abs=CLOSE), number


@pytest.mark.long
@pytest.mark.parametrize("number", range(4))
def test_R44_bf16_trains_about_the_same(project: Project, number: int):
    traces = {
        dtype: project.train(
            project.recipe(
                f"{dtype}_{number}", type="watched", deepspeed=stage(number), model={"dtype": dtype}
            )
        )[0]
        for dtype in ("fp32", "bf16")
    }
    assert values(traces["fp32"], "dtype") == ["torch.float32"]
    assert values(traces["bf16"], "dtype") == ["torch.bfloat16"]
    found = losses(traces["bf16"])
    assert found != losses(traces["fp32"])
    assert found == pytest.approx(losses(traces["fp32"]), abs=0.1)
    assert sum(found[-4:]) / 4 < sum(found[:4]) / 4 - 0.3


@pytest.mark.long
@pytest.mark.parametrize("number", [0, 3])
def test_R44_activation_checkpointing_computes_again_and_changes_nothing(
    project: Project, number: int
):
    traces = [
        project.train(
            project.recipe(
                f"again_{again}_{number}",
                type="watched",
                deepspeed=stage(number),
                model={"activation_checkpointing": again},
            )
        )[0]
        for again in (False, True)
    ]
    assert [values(trace, "forwards") for trace in traces] == [["16"], ["32"]]
    assert losses(traces[0]) == losses(traces[1]), "bit for bit"


@pytest.mark.long
@pytest.mark.parametrize("number", range(4))
def test_R44_gradients_are_clipped_and_gathered(project: Project, number: int):
    """With SGD, the weights change by the learning rate times the norm of the gradients."""
    more = {
        "type": "watched",
        "deepspeed": stage(number),
        "optimizer": {"type": "sgd", "learning_rate": 0.5},
        "scheduler": {"name": "constant", "warmup_ratio": 0.0},
        "model": {"hf_config": {"attention_dropout": 0.0}},
        "train_iters": 4,
    }

    def changes(run: str, **settings: object) -> list[float]:
        recipe = project.recipe(f"{run}_{number}", **more, **settings)
        (trace,) = project.train(recipe)
        return [float(value) for value in values(trace, "change")]

    free = changes("free", gradient_clipping=0.0)
    assert [change > 0 for change in free] == [False, True] * 4, "once in two batches"
    assert min(free[1::2]) > 0.15
    clipped = changes("clipped", gradient_clipping=0.2)
    assert clipped[1::2] == pytest.approx([0.1] * 4, rel=1e-3)
    # Two batches of four are equivalent to one of eight.
    at_once = changes("at_once", gradient_clipping=0.0, micro_batch_size=8,
                      gradient_accumulation_steps=1)  # fmt: skip
    assert at_once == pytest.approx(free[1::2], rel=1e-3)


@pytest.mark.parametrize(
    "changes, message",
    [
        (
            {
                "data": {"max_length": 1000000},
                "model": {"hf_config": {"max_position_embeddings": 1000000}},
            },
            "data.train_eval_split: 0 samples cannot be split: give more data",
        ),
        ({"micro_batch_size": 5000}, "is not a batch of 5000 for each of 1 ranks"),
        ({"scheduler": {"name": "cosin"}}, "scheduler.name: there is no 'cosin'; there are"),
        (
            {"model": {"hf_config": {"model_type": "lama"}}},
            "transformers has no 'lama'; did you mean 'llama'",
        ),
        ({"optimizer": {"learning_rate": 1e30}}, "the loss at step 2 is nan"),
    ],
)
@pytest.mark.long
def test_what_cannot_be_trained_is_one_clear_error(
    project: Project, changes: dict[str, object], message: str
):
    recipe = project.recipe("wrong", **changes)
    assert message in project.refused(recipe)


@pytest.mark.long
def test_R44_an_exported_model_is_loaded_by_transformers_and_trained_on(project: Project):
    text = project.root / "book.txt"
    text.write_text("".join((project.root / "app.py").read_text() for _ in range(8)))
    export = {"type": "huggingface", "output_dir": "export", "save_end_of_training": True}
    for number, ranks in (0, 1), (2, 2), (3, 2):
        first = project.recipe(
            f"export_{number}",
            type="watched",
            deepspeed=stage(number),
            checkpoint=[export],
            model={"hf_config": {"tie_word_embeddings": number > 0}},
        )
        trained = project.train(first, ranks=ranks)[0]
        folder = first.parent / "export/global_step_8"
        assert not list(folder.parent.glob("unfinished*"))
        assert {"config.json", "model.safetensors", "tokenizer.json"} <= {
            path.name for path in folder.iterdir()
        }
        (loaded,) = project.train(folder, "load.py")
        assert values(loaded, "weights") == values(trained, "weights"), "bit for bit"
        assert values(loaded, "use_cache") == ["True"]
        assert values(loaded, "text") == ["The import statement"]
    # The last one is the start of another run, in each stage.
    more = {
        "type": "plain",
        "data": {"sources": ["../book.txt"]},
        "model": {"name_or_path": str(folder), "hf_config": None},
        "tokenizer": {"type": "huggingface", "vocab_size": None},
    }
    runs = [
        project.train(project.recipe(f"on_{number}", **more, deepspeed=stage(number)))[0]
        for number in (0, 3)
    ]
    assert losses(runs[0]) == pytest.approx(losses(runs[1]), abs=CLOSE)
    new = project.recipe("new", type="plain", data={"sources": ["../book.txt"]})
    (made_new,) = project.train(new)
    assert losses(runs[0])[0] != losses(made_new)[0]


def test_metrics_go_to_tensorboard_if_it_is_there(project: Project):
    recipe = project.recipe("board", type="on_topics", train_iters=2, tensorboard_dir="board")
    (process,) = project.start(recipe, "-m", "arctic_codegen.blocks")
    assert process.wait() == 0
    try:
        import tensorboard  # noqa: F401
    except ImportError:
        assert "tensorboard_dir is not written: run 'pip install tensorboard'" in process.out
    else:
        (events,) = (recipe.parent / "board").iterdir()
        assert b"tokens_per_second" in events.read_bytes()

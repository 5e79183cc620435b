"""A training run on arctic-training itself is the same, compiled or not (R38, R39, R41)."""

from __future__ import annotations

import pytest

pytest.importorskip("arctic_training")

import torch

COMPILED = "generated/my_trainer.py"
CHAT = {
    "sources": [{"type": "short_topics"}, {"type": "topics", "rows": 4}],
    "eval_sources": [{"type": "short_topics", "rows": 5}],
    "max_length": 256,
}
CAUSAL = {
    "data": {
        "sources": [{"type": "text_topics", "rows": 12}],
        "train_eval_split": [0.75, 0.25],
        "max_length": 32,
    },
    "gradient_accumulation_steps": 2,
    "exit_iteration_this_run": 2,
    "checkpoint": [{"type": "resumable", "auto_resume": True, "save_every_n_steps": 1}],
}
OURS = {
    ("Trainer", "tiny"): "generated.my_trainer.TinyTrainer",
    ("DataFactory", "tiny_chat"): "generated.tiny.data.TinyChat",
    ("DataSource", "short_topics"): "generated.tiny.source.ShortTopics",
    ("ModelFactory", "smaller"): "generated.tiny.model.Smaller",
    ("TokenizerFactory", "words"): "generated.tiny.model.Words",
    ("OptimizerFactory", "decayed_adamw"): "generated.tiny.optimizer.Decayed",
    ("SchedulerFactory", "linear"): "generated.tiny.optimizer.Linear",
    ("CheckpointEngine", "weights"): "generated.tiny.engine.Weights",
}


@pytest.fixture
def plain(uncompiled):
    """The run without arctic-codegen, which contains everything that is compared."""
    outcome = uncompiled("tiny", "my_trainer.py")
    blocks = {line.partition(":")[0] for line in outcome.trace}
    assert blocks >= {cls.rpartition(".")[2] for cls in OURS.values()}
    losses = [line for line in outcome.trace if line.startswith("TinyTrainer: post_loss_callback")]
    assert len(set(losses)) == 8  # four steps, and two evaluations of two batches
    assert {f"saved/global_step_{step}/model.safetensors" for step in (2, 4)} <= {*outcome.weights}
    assert not any(cls.startswith("generated.") for cls in outcome.classes[0].values())
    return outcome


def assert_same(got, expected):
    """Each callback and its place, each value and loss to the last bit, each saved byte."""
    assert got.traces == expected.traces
    assert got.weights == expected.weights
    for classes in got.classes:
        assert OURS.items() <= classes.items()


@pytest.mark.long
def test_R41_a_compiled_run_is_the_uncompiled_run_bit_for_bit(training, plain):
    """In the recipe, one line differs (R39)."""
    project = training("runtime")
    project.build()
    assert_same(project.by_registry(project.recipe("compiled", "tiny", COMPILED)), plain)


@pytest.mark.long
def test_R41_so_it_is_with_documented_semantics_where_the_orders_agree(training, plain):
    project = training("documented")
    project.build()
    assert_same(project.by_registry(project.recipe("compiled", "tiny", COMPILED)), plain)


@pytest.mark.long
def test_R39_a_script_takes_the_trainer_from_the_output(training, plain):
    """The recipe loads the same file again, under a name that ArcticTraining gives it."""
    project = training("runtime")
    project.build()
    recipe = project.recipe("compiled", "tiny", COMPILED)
    assert_same(project.by_import(recipe, "my_trainer", "TinyTrainer"), plain)


@pytest.mark.long
def test_R39_the_command_line_from_another_folder(training, plain, tmp_path):
    project = training("runtime")
    project.build()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    recipe = project.recipe("compiled", "tiny", COMPILED)
    assert_same(project.by_command(recipe, elsewhere), plain)


@pytest.mark.long
def test_R39_two_ranks_that_share_the_parameters(training, tmp_path):
    partitioned = {"zero_optimization": {"stage": 3}}
    project = training("runtime")
    plain = project.recipe("plain", "tiny", "my_trainer.py", deepspeed=partitioned)
    expected = project.by_command(plain, tmp_path, ranks=2)
    assert len(expected.traces) == 2
    project.build()
    recipe = project.recipe("compiled", "tiny", COMPILED, deepspeed=partitioned)
    assert_same(project.by_command(recipe, tmp_path, ranks=2), expected)


@pytest.mark.long
def test_R28_data_is_processed_in_other_processes(training, tmp_path):
    """The launcher's mode for this; the factory is pickled for the processes."""
    project = training("runtime")
    project.build()

    def outcome(run, code):
        recipe = project.recipe(run, "tiny", code, data={**CHAT, "num_proc": 2})
        return project.by_command(recipe, tmp_path, mode="process-data")

    plain, got = outcome("plain", "my_trainer.py"), outcome("compiled", COMPILED)
    assert sum("TinyChat: process returns" in line for line in plain.trace) == 3
    assert got.traces == plain.traces
    assert OURS.items() <= got.classes[0].items()


@pytest.mark.long
def test_R41_R60_a_compiled_run_goes_on_from_its_checkpoint_as_the_uncompiled_one(training):
    """A run starts where the last one ended; only the compiled one keeps the state of callbacks."""
    project = training("runtime")
    project.configure("runtime", ("my_trainer.py", "keeping.py", "tiny"))
    project.build()
    plain = project.recipe("plain", "keeping", "keeping.py", **CAUSAL)
    compiled = project.recipe("compiled", "keeping", "generated/keeping.py", **CAUSAL)
    expected = [project.by_registry(plain) for _ in range(2)]
    got = [project.by_registry(compiled)]
    saved = project.root / "runs/compiled/saved"
    kept = torch.load(saved / (saved / "latest").read_text() / "callbacks_rank_0.pt")
    got.append(project.by_registry(compiled))
    assert "Keeping: stepped to 0" in expected[0].trace
    assert "Keeping: stepped to 0" not in expected[1].trace
    assert [without_state(one) for one in got] == [without_state(one) for one in expected]
    (state,) = kept["states"].values()
    (restored,) = [line for line in got[1].trace if line.startswith("Steps restored")]
    assert restored == f"Steps restored: {state['seen']}" != "Steps restored: []"
    ours = {"generated.keeping.Keeping", "generated.tiny.engine.Resumable"}
    assert ours <= set(got[1].classes[0].values())


def without_state(outcome):
    """The records of a run, including losses, without what a callback keeps from earlier runs."""
    return [line for line in outcome.trace if not line.startswith("Steps")]

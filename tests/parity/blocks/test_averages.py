"""What losses are averaged over, and that evaluations have no side effects (R43, R44)."""

from __future__ import annotations

import json
from types import SimpleNamespace
from typing import Any

import pytest

pytest.importorskip("deepspeed")

from arctic_codegen.blocks import CausalTrainer
from tests.parity.blocks.harness import START, Project, losses, metrics

SAVED = {"output_dir": "saved", "save_every_n_steps": 1, "auto_resume": True}
FROZEN = {"optimizer": {"learning_rate": 0.0}, "train_iters": 1, "eval_interval": 1}


def evaluated(trace: list[str]) -> list[tuple[int, int, float]]:
    """Samples, target tokens and loss of each evaluated batch."""
    found = [line.split()[1:] for line in trace if line.startswith("evaluated ")]
    return [(int(size), int(tokens), float.fromhex(loss)) for size, tokens, loss in found]


def told(recipe, name: str) -> list[object]:
    return [line[name] for line in metrics(recipe) if name in line]


def test_R43_each_held_out_sample_counts_once_by_its_target_tokens(project: Project):
    seen = []
    for size in (1, 4, 7):
        recipe = project.recipe(f"held_{size}", type="on_masked", micro_batch_size=size, **FROZEN)
        (trace,) = project.train(recipe)
        batches = evaluated(trace)
        total = sum(tokens for _, tokens, _ in batches)
        (loss,) = told(recipe, "eval_loss")
        assert loss == pytest.approx(sum(tokens * one for _, tokens, one in batches) / total)
        seen.append((sum(number for number, _, _ in batches), total, loss))
    assert seen[0][0] % 4, "the last batch is a smaller one"
    assert seen[0][0] % 7
    for one in seen[1:]:
        assert one[:2] == seen[0][:2]
        assert one[2] == pytest.approx(seen[0][2], rel=1e-6)


@pytest.mark.long
@pytest.mark.parametrize("stage, share, number", [(2, 0.104, 35), (3, 0.001, 1)])
def test_R43_ranks_with_fewer_samples_go_along(
    project: Project, stage: int, share: float, number: int
):
    """The second rank has one batch fewer, or none at all."""
    held_out = {"train_eval_split": [1 - share, share]}
    more = {"type": "on_masked", "micro_batch_size": 1, "data": held_out, **FROZEN}
    recipe = project.recipe(f"alone_{stage}", **more)
    (alone,) = project.train(recipe)
    both = project.recipe(
        f"both_{stage}", **more, deepspeed={"zero_optimization": {"stage": stage}}
    )
    traces = [evaluated(trace) for trace in project.train(both, ranks=2)]
    assert len(evaluated(alone)) == number
    assert len(traces[0]) == len(traces[1]) == (number + 1) // 2
    assert told(both, "eval_loss") == pytest.approx(told(recipe, "eval_loss"), rel=1e-5)


def test_R43_the_loss_is_averaged_over_the_tokens_of_a_step(project: Project):
    """Accumulated batches are equivalent to one large batch, whose mean is over its tokens."""
    more = {
        "type": "on_masked",
        "train_iters": 3,
        "model": {"hf_config": {"attention_dropout": 0.0}},
        "optimizer": {"learning_rate": 0.1},
        "log_interval": 1,
    }
    large = {"micro_batch_size": 8, "gradient_accumulation_steps": 1}
    runs = {
        "large": large,
        "tokens": {"loss_average": "tokens"},
        "batch": {},
        "large_tokens": {**large, "loss_average": "tokens"},
    }
    found = {}
    for run, settings in runs.items():
        recipe = project.recipe(f"average_{run}", **{**more, **settings})
        (trace,) = project.train(recipe)
        found[run] = told(recipe, "loss")
    assert found["tokens"] == pytest.approx(found["large"], rel=1e-5)
    assert found["large_tokens"] == pytest.approx(found["large"], rel=1e-5)
    assert found["batch"] != pytest.approx(found["large"], rel=1e-3)
    # A callback on `loss` sees the plain mean of its batch.
    assert all(2 < one < 8 for one in losses(trace))


@pytest.mark.long
def test_R43_the_average_over_tokens_is_that_of_all_ranks(project: Project):
    more = {
        "type": "on_masked",
        "train_iters": 3,
        "loss_average": "tokens",
        "model": {"hf_config": {"attention_dropout": 0.0}},
        "log_interval": 1,
        "deepspeed": {"zero_optimization": {"stage": 2}},
    }
    one = project.recipe("of_one", **more, micro_batch_size=4, gradient_accumulation_steps=2)
    project.train(one)
    two = project.recipe("of_two", **more, micro_batch_size=2, gradient_accumulation_steps=2)
    project.train(two, ranks=2)
    assert told(two, "loss") == pytest.approx(told(one, "loss"), rel=1e-4)


def test_R43_steps_of_the_optimizer_and_log_lines_are_events(project: Project):
    recipe = project.recipe("events", type="on_masked", train_iters=4, gradient_clipping=0.0)
    (trace,) = project.train(recipe)
    kinds = [line.split()[0] for line in trace][2:]
    assert kinds == ["loss", "loss", "before", "after"] * 4
    norms = [line.split()[1:] for line in trace if line.startswith("after")]
    assert [int(step) for step, _ in norms] == [1, 2, 3, 4]
    lines = [line for line in metrics(recipe) if "loss" in line]
    assert all(line["marked"] == 1.5 for line in metrics(recipe))
    assert [line["gradient_norm"] for line in lines] == [float.fromhex(n) for _, n in norms[1::2]]
    for stage in (1, 3):  # DeepSpeed's own, and ours at stage 0
        other = project.recipe(
            f"events_{stage}",
            type="on_masked",
            train_iters=4,
            gradient_clipping=0.0,
            deepspeed={"zero_optimization": {"stage": stage}},
        )
        project.train(other)
        assert told(other, "gradient_norm") == pytest.approx(
            told(recipe, "gradient_norm"), rel=1e-3
        )


@pytest.mark.parametrize("ranks", [1, pytest.param(2, marks=pytest.mark.long)])
def test_R44_what_is_no_number_is_not_saved(project: Project, ranks: int):
    recipe = project.recipe(f"spoiled_{ranks}", type="spoiled", checkpoint=[SAVED], log_interval=8)
    processes = project.start(recipe, *START, ranks=ranks)
    assert [process.wait() for process in processes] == [1] * ranks
    out = "".join(process.out for process in processes)
    assert "Traceback" not in out, out
    assert "at step 3 is nan" in out
    saved = sorted(path.name for path in (recipe.parent / "saved").iterdir())
    assert saved == ["global_step_1", "global_step_2"]


def test_R44_no_step_stands_twice_in_the_metrics(project: Project):
    recipe = project.recipe("twice", type="on_masked", train_iters=4, log_interval=1)
    path = recipe.parent / "metrics.jsonl"
    project.train(recipe)
    first = path.read_text()
    project.train(recipe)  # the run restarts: the old lines are kept separately
    assert told(recipe, "step") == [1, 2, 3, 4]
    assert path.with_name("metrics.jsonl.previous").read_text() == first
    # A run resumed from step 2 writes the lines after it again, and a truncated one is removed.
    recipe = project.recipe(
        "twice", type="on_masked", train_iters=4, log_interval=1, checkpoint=[SAVED]
    )
    path.unlink()
    project.train(project.recipe(
        "twice", type="on_masked", train_iters=2, log_interval=1,
        scheduler={"name": "constant", "warmup_ratio": 0},
        checkpoint=[SAVED],
    ))  # fmt: skip
    with path.open("a") as file:
        file.write(json.dumps({"step": 3, "loss": 1.0}) + '\n{"step": 4, "lo')
    project.train(project.recipe(
        "twice", type="on_masked", train_iters=4, log_interval=1,
        scheduler={"name": "constant", "warmup_ratio": 0},
        checkpoint=[SAVED],
    ))  # fmt: skip
    assert told(recipe, "step") == [1, 2, 3, 4]
    assert all("marked" in line for line in metrics(recipe))


def test_R43_a_line_has_the_step_without_being_told():
    lines: list[dict[str, Any]] = []
    run: Any = SimpleNamespace(global_step=3, metrics=SimpleNamespace(write=lines.append))
    CausalTrainer.log_metrics(run, {"own": 2})
    assert lines == [{"step": 3, "own": 2}]


def test_R44_a_file_that_holds_no_metrics_is_not_touched(project: Project):
    recipe = project.recipe("foreign", type="on_masked", train_iters=1)
    path = recipe.parent / "metrics.jsonl"
    path.write_text("dear diary\n")
    assert f"metrics_path: {path} is not a file of metrics" in project.refused(recipe)
    assert path.read_text() == "dear diary\n"

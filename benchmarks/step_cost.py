"""A step of a compiled trainer, against the same loop written by hand on DeepSpeed.

    python benchmarks/step_cost.py [--rounds N] [--check]

A small Llama is trained on a CPU by a trainer with a callback on each side of ``step``, ``loss``
and ``backward``, and by a loop that calls the same functions itself, on the same engine and the
same batches, with the same sums for its log lines. Both run alternately in one process, an epoch of
two steps at a time. The median of the ratios of CPU time counts, which other programs on the
machine disturb less than wall-clock time; the latter is reported, too. One line of JSON is printed;
with ``--check``, the exit code is 1 if the ratio exceeds its bound.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starting import BUILD, output_of  # type: ignore[import-not-found]

BOUND = 1.01
STEPS = 2
"""Steps in an epoch."""
LOGGED = 8
"""Steps between log lines."""
SAMPLES = 4 * STEPS
LENGTH = 128
SOURCES = f"""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from datasets import Dataset

from arctic_codegen.blocks import Batch, CausalTrainer, TextDataFactory


class Counted(TextDataFactory):
    name = "counted"

    def load(self, data_sources: Sequence[Path]) -> Dataset:
        return Dataset.from_dict({{"text": ["to count is to say one number and the next"]}})

    def process(self, dataset: Dataset) -> Dataset:
        samples = [[(i + j) % 256 for j in range({LENGTH})] for i in range({SAMPLES})]
        return Dataset.from_dict({{"input_ids": samples, "labels": samples}})


def pre_step(self: CausalTrainer, batch: Batch) -> Batch:
    return batch


def pre_loss(self: CausalTrainer, batch: Batch) -> Batch:
    return batch


def post_loss(self: CausalTrainer, loss: torch.Tensor) -> torch.Tensor:
    return loss


def pre_backward(self: CausalTrainer, loss: torch.Tensor) -> torch.Tensor:
    return loss


def post_backward(self: CausalTrainer) -> None:
    return None


def post_step(self: CausalTrainer) -> None:
    return None


class Measured(CausalTrainer):
    name = "measured"
    data_factory = Counted
    callbacks = [
        ("pre-step", pre_step),
        ("pre-loss", pre_loss),
        ("post-loss", post_loss),
        ("pre-backward", pre_backward),
        ("post-backward", post_backward),
        ("post-step", post_step),
    ]
"""
RECIPE: dict[str, Any] = {
    "micro_batch_size": 4,
    "epochs": 10**6,
    "log_interval": LOGGED,
    "gradient_clipping": 1.0,
    "model": {
        "hf_config": {
            "model_type": "llama",
            "hidden_size": 128,
            "intermediate_size": 256,
            "num_hidden_layers": 4,
            "num_attention_heads": 4,
            "max_position_embeddings": LENGTH,
        }
    },
    "data": {"max_length": LENGTH},
    "scheduler": {"name": "constant"},
}


def compiled(folder: Path) -> tuple[Any, Any]:
    """The source module, and an object of the compiled trainer."""
    (folder / "app.py").write_text(SOURCES)
    (folder / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["app.py"]\n')
    output_of(BUILD, folder)
    sys.path.insert(0, str(folder))
    from arctic_codegen.blocks import make_config

    trainer = importlib.import_module("generated.app").Measured
    return importlib.import_module("app"), trainer(make_config(trainer, RECIPE))


def by_hand(app: Any, trainer: Any) -> Callable[[], None]:
    """An epoch as one would write it by hand, on the trainer's engine and its batches."""
    import torch
    import torch.distributed as dist

    engine, loader = trainer.model, trainer.train_dataloader
    log = logging.getLogger("by_hand")
    total, tokens, step, since = torch.zeros((), dtype=torch.float64), 0, 0, time.perf_counter()

    def epoch() -> None:
        nonlocal tokens, step, since
        loader.sampler.set_epoch(0)
        engine.train()
        for batch in loader:
            batch = {name: value.to(trainer.device) for name, value in batch.items()}
            batch = app.pre_step(trainer, batch)
            batch = app.pre_loss(trainer, batch)
            loss = engine(**batch).loss
            loss = app.post_loss(trainer, loss)
            loss = app.pre_backward(trainer, loss)
            engine.backward(loss)
            app.post_backward(trainer)
            total.add_(loss.detach())
            tokens += batch["input_ids"].numel()
            engine.step()
            app.post_step(trainer)
            step += 1
            if step % LOGGED == 0:
                dist.all_reduce(total)
                mean, rate = total.item() / LOGGED, tokens / (time.perf_counter() - since)
                log.info("step %s  loss %s  tokens_per_second %s", step, mean, rate)
                total.zero_()
                tokens, since = 0, time.perf_counter()

    return epoch


def measure(rounds: int) -> dict[str, Any]:
    """The median ratios of an epoch, and the median CPU time of a step in seconds."""
    with tempfile.TemporaryDirectory() as folder:
        app, trainer = compiled(Path(folder))

    def ours() -> None:
        trainer.train_batch_idx = 0
        trainer.epoch()

    theirs = by_hand(app, trainer)
    assert len(trainer.train_dataloader) == STEPS
    for warming in (ours, theirs, ours, theirs):
        warming()
    taken: dict[Callable[[], None], list[tuple[float, float]]] = {ours: [], theirs: []}
    for number in range(rounds):
        for one in (ours, theirs) if number % 2 else (theirs, ours):
            processor, clock = time.process_time(), time.perf_counter()
            one()
            taken[one].append((time.process_time() - processor, time.perf_counter() - clock))
    pairs = list(zip(taken[ours], taken[theirs], strict=True))
    per_step = [statistics.median(one[0] for one in taken[side]) / STEPS for side in (ours, theirs)]
    return {
        "what": "step of a compiled trainer, six callbacks / hand-written loop on DeepSpeed",
        "ratio": round(statistics.median(one[0] / other[0] for one, other in pairs), 4),
        "wall_ratio": round(statistics.median(one[1] / other[1] for one, other in pairs), 4),
        "bound": BOUND,
        "ours_s": round(per_step[0], 5),
        "theirs_s": round(per_step[1], 5),
        "rounds": rounds,
    }


def main() -> int:
    """Measures, prints, and compares with the bound if requested."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else None)
    parser.add_argument("--rounds", type=int, default=101)
    parser.add_argument("--check", action="store_true", help="exit 1 if the bound is exceeded")
    arguments = parser.parse_args()
    os.environ.setdefault("DS_ACCELERATOR", "cpu")
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    result = measure(arguments.rounds)
    print(json.dumps(result))
    return int(arguments.check and result["ratio"] > BOUND)


if __name__ == "__main__":
    sys.exit(main())

"""Which batches are allowed? Everything that a collator returns, also of transformers (R44)."""

from __future__ import annotations

from collections import UserDict, namedtuple
from contextlib import nullcontext
from types import SimpleNamespace

import pytest

pytest.importorskip("deepspeed")

import torch

from arctic_codegen.blocks import Trainer, ranks
from arctic_codegen.blocks.data import to_device
from arctic_codegen.callbacks.throughput import tokens_of

CPU = torch.device("cpu")
Pair = namedtuple("Pair", "first second")


def test_R44_any_mapping_becomes_a_dict_whose_tokens_and_labels_count():
    batch = UserDict(input_ids=torch.zeros(2, 3, device="meta"), more=[torch.ones(1)])
    moved = to_device(UserDict(input_ids=torch.zeros(2, 3), more=[torch.ones(1)]), CPU)
    assert type(moved) is dict
    assert list(moved) == ["input_ids", "more"]
    assert tokens_of(batch) == tokens_of(moved) == 6  # `BatchEncoding` is such a mapping
    pair = to_device(Pair(torch.ones(1), "text"), CPU)
    assert type(pair) is Pair
    assert pair.second == "text"


def test_R44_an_evaluation_takes_batches_that_are_tensors(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(ranks, "largest", lambda number: number)
    monkeypatch.setattr(ranks, "mean", lambda total, weight: float(total / weight))
    lines: list[object] = []
    trainer = SimpleNamespace(
        eval_dataloader=[torch.zeros(2), torch.ones(2)],
        device=CPU,
        metrics=SimpleNamespace(paused=nullcontext),
        model=torch.nn.Identity(),
        global_step=1,
        target_tokens=lambda batch: 1,
        loss=lambda batch: batch.mean(),
        log_metrics=lines.append,
    )
    Trainer.evaluate(trainer)  # type: ignore[arg-type]
    assert lines == [{"step": 1, "eval_loss": 0.5}]

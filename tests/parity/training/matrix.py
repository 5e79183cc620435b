"""Every kind of callback on each of the eight building blocks, as the text of one module.

One template defines three levels of classes for a block. The order of its callbacks is the same for
all blocks, and is written out by hand in ``documented`` and ``runtime``.
"""

from __future__ import annotations

from dataclasses import dataclass

HEAD = """
import functools
from typing import Any

import torch
from arctic_training.checkpoint.hf_engine import HFCheckpointEngine
from arctic_training.config.data import DataSourceConfig
from arctic_training.config.optimizer import OptimizerConfig
from arctic_training.data.sft_factory import SFTDataFactory
from arctic_training.data.source import DataSource
from arctic_training.model.hf_factory import HFModelFactory
from arctic_training.optimizer.factory import OptimizerFactory
from arctic_training.scheduler.hf_factory import HFSchedulerFactory
from arctic_training.tokenizer.hf_factory import HFTokenizerFactory
from arctic_training.trainer.sft_trainer import SFTTrainer
from datasets import Dataset

from tiny.trace import note


def told(block, label, value=None):
    note(f"{type(block).__name__}: {label}")
    return value


def decorator(function):
    @functools.wraps(function)
    def inner(*given):
        return function(*given)

    return inner


class Rows(DataSource):
    name = "rows"

    def load(self, config: DataSourceConfig, split: str) -> Dataset:
        question = {"role": "user", "content": f"How long is {split}?"}
        answer = {"role": "assistant", "content": f"It has {len(split)} letters."}
        return Dataset.from_list([{"messages": [question, answer]}] * 8)


class AdamW(OptimizerFactory):
    name = "adamw"

    def create_optimizer(self, model: Any, optimizer_config: OptimizerConfig) -> Any:
        return torch.optim.AdamW(model.parameters(), lr=optimizer_config.learning_rate)
"""

TEMPLATE = """

def {block}_function(it):
    told(it, "function")


def {block}_argument({pre}):
    return told({told_pre})


def {block}_named(label, {post}):
    return told(it, label{value})


@decorator
@torch.no_grad()
def {block}_decorated({post}):
    return told(it, "decorated"{value})


def {block}_made(label):
    def inner({post}):
        return told(it, label{value})

    return inner


class {block}Object:
    def __call__(self, {post}):
        return told(it, "callable object"{value})

    def bound(self, {post}):
        return told(it, "bound method"{value})

    def plain({post}):
        return told(it, "function of a class"{value})

    @staticmethod
    def static({post}):
        return told(it, "static method"{value})


{block}_object = {block}Object()
{block}_pair = ("post-{event}", {block}_made("tuple by name"))


class {block}One({base}):
    name = "{block}_one"
    callbacks = [
        ("pre-{event}", {block}_function),
        ("pre-{event}", {block}_argument),
        ("post-{event}", lambda {post}: told(it, "lambda"{value})),
        ("post-{event}", functools.partial({block}_named, "partial")),
        ("post-{event}", {block}Object()),
        ("post-{event}", {block}Object.static),
        ("post-{event}", {block}Object.plain),
        ("post-{event}", {block}_decorated),
        ("post-{event}", {block}_object.bound),
        {block}_pair,
        *[("post-{event}", {block}_made(label)) for label in ("first of two", "second of two")],
    ]

    def pre_{method}_callback(it):
        told(it, "method of one before")

    def post_{method}_callback({post}):
        return told(it, "method of one"{value})

    def post_init_callback(self):
        raise AssertionError("None drops it")


class {block}Two({block}One):
    name = "{block}_two"
    callbacks = [("post-{event}", {block}_made("entry of two"))]
    post_init_callback = None

    def post_{method}_callback({post}):
        told(it, "method of two")
        return super().post_{method}_callback({given})


class {block}({block}Two):
    name = "{block}"
    callbacks = [("post-{event}", {block}_made("entry of three"))]
{more}
    def pre_{method}_callback(it):
        told(it, "method of three before")

    post_{method}_callback = {block}_made("method of three")


{block}One.callbacks.append(("post-{event}", {block}_made("appended to one")))
{block}Two.callbacks.extend([("post-{event}", {block}_made("extended two"))])
{block}.callbacks += [("post-{event}", lambda {post}: told(it, "added to three"{value}))]
{block}.callbacks.insert(0, ("pre-{event}", lambda it: told(it, "inserted into three")))
"""

HINTS = """
    data_factory: Data
    model_factory: Model
    checkpoint_engine: Engine
    optimizer_factory: Optimizer
    scheduler_factory: Scheduler
    tokenizer_factory: Tokenizer
"""


@dataclass(frozen=True)
class Block:
    """One of the eight, and the event that its callbacks are on."""

    name: str
    base: str
    event: str
    argument: str | None
    """A parameter of the method; empty if it has none."""
    times: int
    """How often the event happens in a run of four steps and one evaluation of four batches. It
    saves in the third step (which sees the second as the last), after the epoch, and at the end."""
    returns: bool = True
    more: str = ""

    @property
    def text(self) -> str:
        return TEMPLATE.format(
            block=self.name,
            base=self.base,
            event=self.event,
            method=self.event.replace("-", "_"),
            pre=f"it, {self.argument}" if self.argument else "it",
            told_pre=", ".join(filter(None, ("it", '"argument"', self.argument))),
            post="it, value" if self.returns else "it",
            value=", value" if self.returns else "",
            given="value" if self.returns else "",
            more=self.more,
        )


BLOCKS = (
    Block("Source", "Rows", "load", "split", times=2),
    Block("Data", "SFTDataFactory", "load", "data_sources", times=2),
    Block("Model", "HFModelFactory", "create-model", "model_config", times=1),
    Block("Tokenizer", "HFTokenizerFactory", "create-tokenizer", None, times=1),
    Block("Optimizer", "AdamW", "create-optimizer", "optimizer_config", times=1),
    Block("Scheduler", "HFSchedulerFactory", "create-scheduler", "optimizer", times=1),
    Block("Engine", "HFCheckpointEngine", "save", "model", times=3, returns=False),
    Block("Learner", "SFTTrainer", "loss", "batch", times=8, more=HINTS),
)


def text() -> str:
    return HEAD + "".join(block.text for block in BLOCKS)


FIRST_LIST = (
    *("lambda", "partial", "callable object", "static method", "function of a class", "decorated"),
    *("bound method", "tuple by name", "first of two", "second of two"),
)

DOCUMENTED = (
    *("function", "argument", "method of one before"),
    *("inserted into three", "method of three before"),
    *FIRST_LIST,
    "appended to one",
    # The method of two calls that of one, so the pair has the position of the method of two.
    *("entry of two", "extended two", "method of two", "method of one"),
    *("entry of three", "added to three", "method of three"),
)

# Later additions are lost, lists precede methods, and only the nearest method runs.
RUNTIME = (
    *("function", "argument", "method of three before"),
    *FIRST_LIST,
    *("entry of two", "entry of three", "method of three"),
)

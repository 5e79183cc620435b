"""AC701, AC702, AC708: variables that hold the rank, the last rank, and Fabric (R62)."""

import os
from typing import Any

import torch
import torch.distributed as dist
from accelerate import PartialState

from app import helpers
from arctic_codegen import CallbackMixin
from arctic_training import SFTTrainer

is_distributed = int(os.environ.get("RANK", -1)) != -1
if is_distributed:
    number = int(os.environ["RANK"])
    is_first = number == 0
else:
    number = 0
    is_first = True


class Base(CallbackMixin):
    global_rank: int
    engine: Any
    fabric: Any
    trainer: Any

    def step(self) -> None: ...

    def loss(self) -> float:
        return 1.0


# By variables that have another value in runs with one rank.


def by_variable_of_both(trainer: Base) -> None:
    if is_first:
        dist.barrier()  # error: [AC702]
    if number != 0:
        trainer.engine.save_checkpoint("x")  # error: [AC702]


def by_variable_with_a_default(trainer: Base) -> None:
    rank = 0
    if dist.is_initialized():
        rank = dist.get_rank()
    if rank == 0:
        dist.barrier()  # error: [AC702]


def by_variable_of_the_outer_function(trainer: Base) -> None:
    is_main = trainer.global_rank == 0

    def save() -> None:
        if is_main:
            dist.barrier()  # error: [AC702]

    save()


def by_other_variables(trainer: Base) -> None:
    first = True
    for _ in range(3):
        if first:
            dist.barrier()
            first = False
    chosen = trainer.global_rank == 0
    chosen = trainer.engine.is_chosen
    if chosen:
        dist.barrier()
    if helpers.changed_first():
        dist.barrier()


def of_its_parameter(number: int) -> None:
    print(number)


def by_variables_of_other_bindings(trainer: Base) -> None:
    rank = trainer.global_rank
    try:
        match trainer.trainer:
            case {"first": _, **number}:
                print(number)
    except KeyError as rank:
        print(rank)
    if number == 0:
        dist.barrier()
    if rank == 0:
        dist.barrier()


class ByVariables(Base):
    callbacks = [
        ("post-step", by_variables_of_other_bindings),
        ("post-step", by_variable_of_both),
        ("post-step", by_variable_with_a_default),
        ("post-step", by_variable_of_the_outer_function),
        ("pre-step", by_other_variables),
    ]


# By the last rank, in a value, and on objects of Lightning.


def by_the_last(trainer: Base) -> None:
    if dist.get_rank() == dist.get_world_size() - 1:
        print("last")
        dist.barrier()  # error: [AC702]
    if trainer.engine.is_last_process:
        dist.barrier()  # error: [AC702]


def first_and_last(trainer: Base) -> None:
    if trainer.global_rank == 0:
        dist.barrier()
    elif trainer.global_rank == dist.get_world_size() - 1:
        dist.barrier()


def in_a_value(trainer: Base) -> None:
    total = dist.reduce(torch.ones(1), 0) if trainer.global_rank == 0 else None  # error: [AC702]
    print(total)


def in_both_values(trainer: Base) -> None:
    got = dist.barrier() if trainer.global_rank == 0 else dist.barrier()
    kept = dist.barrier() if trainer.engine else None
    print(got, kept)


def on_a_fabric(trainer: Base) -> None:
    if trainer.fabric.global_rank == 0:
        trainer.fabric.save("x", {})  # error: [AC702]
    if trainer.trainer.is_global_zero:
        trainer.trainer.strategy.barrier("saved")  # error: [AC702]
        trainer.trainer.save_checkpoint("x")  # error: [AC702]


def on_other_objects(trainer: Base) -> None:
    state = PartialState()
    if state.process_index == 0:
        dist.barrier()  # error: [AC702]
    if trainer.engine.global_rank == 0:
        dist.barrier()  # error: [AC702]


def in_a_helper_that_raises(trainer: Base) -> None:
    helpers.save(trainer, "x")


class OnOtherObjects(Base):
    callbacks = [("post-step", on_other_objects), ("post-step", in_a_helper_that_raises)]


class OnTheLast(Base):
    callbacks = [("post-step", by_the_last), ("pre-step", first_and_last)]


class InValues(Base):
    callbacks = [
        ("post-step", in_a_value),
        ("pre-step", in_both_values),
    ]

    def post_loss_callback(self, loss: float) -> float:
        loss = loss / 2 if self.global_rank == 0 else loss  # error: [AC701]
        return loss


class Stopping(SFTTrainer):
    name = "stopping"

    def post_step_callback(self) -> None:
        self.early_stop = self.early_stop if self.global_rank else True  # error: [AC708]


class OnAFabric(Base):
    callbacks = [("post-step", on_a_fabric)]


# file: app/helpers.py
from __future__ import annotations

import torch.distributed as dist


def save(trainer: object, path: str | None = None) -> None:
    if path is None:
        raise ValueError("no path")
    if dist.get_rank() == 0:
        dist.barrier()  # error: [AC702]

first = dist.get_rank() == 0


def change_first() -> None:
    global first
    first = True


def changed_first() -> bool:
    return first

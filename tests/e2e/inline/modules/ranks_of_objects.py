"""AC702: a method has the name of a collective, and the class of its object is known (R62)."""

from __future__ import annotations

from typing import Any, Protocol

import torch.distributed as dist
from deepspeed import DeepSpeedEngine

from app import helpers
from app.savers import SAVER, Saver, WaitingSaver, make
from arctic_codegen import CallbackMixin, rank_zero
from arctic_codegen.callbacks import Callback


class Simulation:
    def step(self) -> None:
        print("one more")

    def backward(self) -> None:
        print("back")


class LikeAnEngine(Protocol):
    def save_checkpoint(self, path: str) -> None: ...


class Passing:
    def __init__(self, engine: Any) -> None:
        self.engine = engine

    def __getattr__(self, name: str) -> Any:
        return getattr(self.engine, name)


class Base(CallbackMixin):
    global_rank: int
    model: Simulation
    ds_engine: DeepSpeedEngine
    saver: "Saver"
    deepspeed_engine: Passing

    def __init__(self, given: WaitingSaver) -> None:
        self.engine = Saver()
        self.given = given
        self.model_engine: LikeAnEngine = given

    def step(self) -> None:
        print("step")

    def evaluate(self) -> None:
        print("evaluated")


def follows_methods(trainer: Base) -> None:
    saver = Saver()
    waiting = trainer.given
    if trainer.global_rank == 0:
        saver.save_checkpoint("x")
        waiting.save_checkpoint("x")  # error: [AC702]
        waiting.look()
        waiting.show()
        waiting.join()  # error: [AC702]
        waiting.count(trainer)
        make().save_checkpoint("x")


def of_modules(trainer: Base) -> None:
    if trainer.global_rank == 0:
        SAVER.save_checkpoint("x")
        helpers.SAVER.save()


def of_attributes(trainer: Base) -> None:
    if trainer.global_rank == 0:
        trainer.model.step()
        trainer.model.backward()
        trainer.saver.save_checkpoint("x")
        trainer.engine.save()
        trainer.given.wait()  # error: [AC702]
        trainer.model_engine.save_checkpoint("x")  # error: [AC702]
        trainer.ds_engine.save_checkpoint("x")  # error: [AC702]
        trainer.deepspeed_engine.save_checkpoint("x")  # error: [AC702]


def of_parameters(trainer: Base) -> None:
    if trainer.global_rank == 0:
        helpers.saves(trainer.saver, trainer)


def of_the_object(trainer: Base) -> None:
    if trainer.global_rank == 0:
        trainer.evaluate()
    helpers.evaluates(trainer)
    helpers.evaluates_by_keyword(to=3, trainer=trainer)
    helpers.evaluates_another(trainer.ds_engine)


@rank_zero
def of_wrapped(trainer: Base) -> None:
    trainer.saver.save_checkpoint("x")
    trainer.given.wait()  # error: [AC702]


def unknown(trainer: Base) -> None:
    engine = Saver()
    if trainer.model:
        engine = trainer.ds_engine
    saver = engine
    if trainer.global_rank == 0:
        engine.save_checkpoint("x")  # error: [AC702]
        saver.save_checkpoint("x")
        trainer.manager.save_checkpoint("x")
        trainer.teacher.model.step()
        trainer.pair_group.barrier()
        trainer.checkpoint_engine.save(trainer)  # error: [AC702]
        trainer.checkpoint_engine.save({}, "x.pt")  # a file of this rank


class Keeper(Callback):
    def __init__(self, rank: int) -> None:
        self.rank = rank  # of an adapter
        self.global_rank = dist.get_rank()

    def post_step(self, trainer: Base) -> None:
        if self.global_rank == 0:
            dist.barrier()  # error: [AC702]
        if self.rank == 0:
            trainer.ds_engine.save_checkpoint("x")


class Waiting(Base):
    callbacks = [
        *Keeper(3),
        ("post-step", follows_methods),
        ("post-step", of_modules),
        ("post-step", of_attributes),
        ("post-step", of_parameters),
        ("post-step", of_the_object),
        ("post-step", of_wrapped),
        ("post-step", unknown),
    ]


# file: app/helpers.py
from __future__ import annotations

from typing import Any

import torch.distributed as dist

from app.savers import SAVER, Saver


def saves(saver: Saver, trainer: object) -> None:
    saver.save_checkpoint("x")


def evaluates(trainer) -> None:
    if dist.get_rank() == 0:
        trainer.evaluate()


def evaluates_by_keyword(to, trainer) -> None:
    if dist.get_rank() == 0:
        trainer.evaluate()


def evaluates_another(trainer) -> None:
    if dist.get_rank() == 0:
        trainer.evaluate()  # error: [AC702]


# file: app/savers.py
from __future__ import annotations

from typing import Any

import torch.distributed as dist


class Saver:
    def save_checkpoint(self, path: str) -> None:
        print("saved")

    def save(self) -> None:
        self.save_checkpoint("x")

    def wait(self) -> None:
        dist.barrier()


class WaitingSaver(Saver):
    def save_checkpoint(self, path: str) -> None:
        self.wait()

    def look(self) -> None:
        print("looked")

    @staticmethod
    def show() -> None:
        print("shown")

    @staticmethod
    def join() -> None:
        dist.monitored_barrier()

    @staticmethod
    def count(saver: Any) -> None:
        saver.wait()


SAVER = Saver()


def make() -> Any:
    return SAVER

"""AC701 to AC707: valid wrappers, and what a wrapped callback may do (R47, R56 to R58)."""

import asyncio
import os
import threading
from collections.abc import Iterator
from functools import partial, partialmethod

import deepspeed
import torch
import torch.distributed as dist
from deepspeed import comm as ds_comm
from torch.distributed import all_reduce as reduce_all
from torch.distributed.checkpoint import save as save_parts

from app import helpers
from app.helpers import Saver, innocent, leads_there
from arctic_codegen import (
    CallbackMixin,
    always,
    every,
    on_error,
    optional,
    rank_zero,
    unless,
    when,
)

N = 4


class Base(CallbackMixin):
    engine: object
    model: object
    leaders: dist.ProcessGroup

    def step(self, batch: int, rate: float) -> None: ...

    def loss(self, batch: int) -> float:
        return float(batch)

    def write(self) -> None:
        print("writing")

    def sync(self) -> None:
        dist.barrier()

    def deep(self) -> None:
        self.sync()

    def save_checkpoint(self) -> None:
        print("a method of the project's own, which waits for no one")


# What a rank_zero callback gives back.


def looks(trainer: Base, loss: float) -> float:
    print(loss)
    if loss > 1:
        return loss
    return loss


def halves(trainer: Base, loss: float) -> float:
    if loss > 1:
        return loss / 2  # error: [AC701]
    return loss


def rebinds(trainer: Base, loss: float) -> float:
    loss = loss / 2  # error: [AC701]
    return loss


def adds(trainer: Base, loss: float) -> float:
    loss += 1  # error: [AC701]
    return loss


def calls(trainer: Base, loss: float) -> float:
    return round(loss)  # error: [AC701]


def other(trainer: Base, loss: float) -> float:
    kept = loss
    return kept


def in_place(trainer: Base, batch: "list[int]") -> "list[int]":
    batch[0] = 1  # error: [AC701]
    return batch


def both(trainer: Base, batch: int, rate: float) -> tuple[int, float]:
    with open("log", "a") as file:
        file.write(f"{batch} {rate}")
    return batch, rate


def one_of_both(trainer: Base, batch: int, rate: float) -> tuple[int, float]:
    return batch, 0.5  # error: [AC701]


def on_every_rank(trainer: Base, loss: float) -> float:
    return loss / 2


def quiet(trainer: Base, loss: float) -> float:
    return loss / 2  # arctic-codegen: ignore[AC701]


def pops(trainer: Base, batch: "list[int]") -> "list[int]":
    print(batch.index(1), batch.copy().pop())
    batch.pop()  # error: [AC701]
    return batch


class Batches(Base):
    def take(self, batch: list[int]) -> None: ...

    callbacks = [
        ("pre-take", rank_zero(in_place)),
        ("pre-take", rank_zero(pops)),
        ("pre-take", rank_zero(lambda self, batch: batch.reverse() or batch)),  # error: [AC701]
        ("post-weigh", rank_zero(lambda self, loss: (loss.mul_(2), loss)[1])),  # error: [AC701]
        ("post-weigh", rank_zero(lambda self, loss: (print(loss.__len__()), loss)[1])),
    ]

    def weigh(self) -> torch.Tensor:
        return torch.ones(1)


class Rewriting(Base):
    callbacks = [
        ("post-loss", rank_zero(looks)),
        ("post-loss", rank_zero(halves)),
        ("post-loss", every(N, rank_zero(rebinds))),
        ("post-loss", rank_zero(optional(adds))),
        ("post-loss", rank_zero(calls)),
        ("post-loss", rank_zero(other)),
        ("pre-step", rank_zero(both)),
        ("pre-step", rank_zero(one_of_both)),
        ("post-loss", every(2, optional(on_every_rank))),
        ("post-loss", rank_zero(quiet)),
        ("post-loss", rank_zero(lambda self, loss: loss)),
        ("post-loss", rank_zero(lambda self, loss: print(loss) or loss)),
        ("post-loss", rank_zero(lambda self, loss: (print(loss), loss)[1])),
        ("post-loss", rank_zero(lambda self, loss: loss if loss else loss)),
        ("post-loss", rank_zero(lambda self, loss: loss / 2 or loss)),  # error: [AC701]
        ("post-loss", rank_zero(lambda self, loss: loss * 2)),  # error: [AC701]
        ("post-loss", rank_zero(lambda self, loss: loss if loss else 1.0)),  # error: [AC701]
        ("pre-step", rank_zero(lambda self, batch, rate: (batch, rate))),
        ("pre-step", rank_zero(lambda self, batch, rate: (batch, 1.0))),  # error: [AC701]
        ("post-step", rank_zero(lambda self: print("nothing to give back"))),
    ]


# What a rank_zero callback may not lead to.


def waits(trainer: Base) -> None:
    dist.barrier()  # error: [AC702]


def waits_under_a_test(trainer: Base) -> None:
    if os.environ.get("WAIT"):
        torch.distributed.barrier()  # error: [AC702]


def from_the_package(trainer: Base) -> None:
    ds_comm.all_reduce(torch.ones(1))  # error: [AC702]


def imported_by_name(trainer: Base) -> None:
    reduce_all(torch.ones(1))  # error: [AC702]
    save_parts({}, checkpoint_id="x")  # error: [AC702]


def imported_inside(trainer: Base) -> None:
    import torch.distributed as inner
    from deepspeed.comm import barrier

    inner.all_gather_object([], 1)  # error: [AC702]
    barrier()  # error: [AC702]


def in_a_group(trainer: Base) -> None:
    dist.barrier(group=trainer.leaders)
    if dist.get_world_size() == 1:
        dist.barrier()


def by_its_engine(trainer: Base) -> None:
    trainer.engine.save_checkpoint("x")  # error: [AC702]
    trainer.model.step()  # error: [AC702]
    [trainer.engine][0].save_checkpoint("y")
    for engine in [trainer.engine]:
        engine.save(trainer.model)  # error: [AC702]


def gathers(trainer: Base) -> None:
    with deepspeed.zero.GatheredParameters([]):  # error: [AC702]
        print("whole")


def by_a_method(trainer: Base) -> None:
    trainer.write()
    trainer.deep()  # error: [AC702]


def by_a_function(trainer: Base) -> None:
    innocent(trainer)
    leads_there()  # error: [AC702]
    helpers.through_the_module()  # error: [AC702]


def by_an_object(trainer: Base, saver: Saver = Saver()) -> None:
    print(trainer)


def makes_one(trainer: Base) -> None:
    Saver().wait()
    helpers.Waiting()  # error: [AC702]


def by_a_class(trainer: Base) -> None:
    Base.sync(trainer)  # error: [AC702]


def asks(trainer: Base) -> None:
    if dist.is_initialized():
        print(dist.get_rank(), dist.get_world_size())
    threading.Thread(target=print).start()
    os.path.join("a", "b")
    trainer.save_checkpoint()


def recursive(trainer: Base) -> None:
    helpers.round_and_round(3)


def all_of_us(trainer: Base) -> None:
    dist.barrier()


def told_off(trainer: Base) -> None:
    dist.barrier()  # arctic-codegen: ignore[AC702]


async def waits_later(trainer: Base) -> None:
    await asyncio.sleep(0)
    dist.barrier()  # error: [AC702]


def may_fail(trainer: Base) -> None:
    dist.barrier()  # warning: [AC703]


class Noter:
    def __call__(self, trainer: Base) -> None:
        trainer.sync()  # error: [AC702]

    def note(self, trainer: Base, word: str) -> None:
        trainer.sync()  # error: [AC702]


class Syncer:
    def note(self, trainer: Base) -> None:
        self.sync()  # error: [AC702]

    def only_prints(self, trainer: Base) -> None:
        self.show()

    def sync(self) -> None:
        dist.barrier()

    def show(self) -> None:
        print("here")


NOTER = Noter()
SYNCER = Syncer()


class Waiting(Base):
    callbacks = [
        ("post-step", rank_zero(waits)),
        ("post-step", every(10, rank_zero(waits_under_a_test))),
        ("post-step", rank_zero(from_the_package)),
        ("post-step", rank_zero(imported_by_name)),
        ("post-step", rank_zero(imported_inside)),
        ("post-step", rank_zero(in_a_group)),
        ("post-step", rank_zero(by_its_engine)),
        ("post-step", rank_zero(gathers)),
        ("post-step", rank_zero(by_a_method)),
        ("post-step", rank_zero(by_a_function)),
        ("post-step", rank_zero(makes_one)),
        ("post-step", rank_zero(by_a_class)),
        ("post-step", rank_zero(asks)),
        ("post-step", rank_zero(recursive)),
        ("post-step", every(10, all_of_us)),
        ("post-step", rank_zero(told_off)),
        ("post-step", optional(may_fail)),
        ("post-step", rank_zero(NOTER)),
        ("post-step", rank_zero(partial(NOTER.note, word="x"))),
        ("post-step", rank_zero(SYNCER.note)),
        ("post-step", rank_zero(SYNCER.only_prints)),
        ("post-step", rank_zero(lambda self: self.write())),
        ("post-step", rank_zero(lambda self: self.sync())),  # error: [AC702]
        ("post-step", rank_zero(lambda self: dist.barrier())),  # error: [AC702]
        ("post-step", rank_zero(lambda self: self.own())),  # error: [AC702]
        ("post-asynchronous", rank_zero(waits_later)),
    ]

    async def asynchronous(self) -> None: ...

    def own(self) -> None:
        dist.barrier()

    @rank_zero
    def post_loss_callback(self, loss: float) -> float:
        self.deep()  # error: [AC702]
        return loss

    @optional
    @rank_zero
    def pre_write_callback(self) -> None:
        super().sync()  # error: [AC702]


class Overriding(Waiting):
    """The callback of the parent leads somewhere else here, and to nothing new."""

    def deep(self) -> None: ...


# The number of `every`, and where these stand.


def tagged(trainer: Base, tag: str) -> None:
    print(tag)


class Counted:
    @every(3)
    def note(self, trainer: Base) -> None:
        print(trainer)

    @staticmethod
    @every(3)
    def plain(trainer: Base) -> None:
        print(trainer)


COUNTED = Counted()


def chosen() -> int:
    return int(os.environ["N"])


class Counting(Base):
    callbacks = [
        ("post-step", every(N + 1, innocent)),
        ("post-step", every(0, innocent)),  # error: [AC704]
        ("post-step", every(-N, innocent)),  # error: [AC704]
        ("post-step", every(True, innocent)),  # error: [AC704]
        ("post-step", every(2.0, innocent)),  # error: [AC704]
        ("post-step", every("2", innocent)),  # error: [AC704]
        ("post-step", every(chosen(), innocent)),  # error: [AC704]
        ("post-step", every(N if dist.get_rank() else 2, innocent)),  # error: [AC704]
        ("post-step", every(innocent, 10)),  # error: [AC704]
        ("post-step", every(10)),  # error: [AC215]
        ("post-step", rank_zero()),  # error: [AC215]
        ("post-step", rank_zero),  # error: [AC215]
        ("post-step", rank_zero(innocent, innocent)),  # error: [AC215]
        ("post-step", every(n=2, fn=innocent)),
        ("post-step", partial(rank_zero(tagged), tag="x")),  # error: [AC705]
        ("post-step", rank_zero(partial(tagged, tag="x"))),
        ("post-step", COUNTED.note),  # error: [AC705]
        ("post-step", Counted.plain),
    ]

    @every(N - 4)  # error: [AC704]
    def post_loss_callback(self, loss: float) -> float:
        return loss

    @every  # error: [AC704]
    def pre_loss_callback(self) -> None: ...

    @every()  # error: [AC704]
    def post_write_callback(self) -> None: ...


# The condition of `when` and `unless`.


def two(trainer: Base, more: int) -> bool:
    return more > 1


async def later(trainer: Base) -> bool:
    return True


def generator(trainer: Base):
    yield True


def named(trainer: Base, *, more: int) -> bool:
    return more > 1


def defaulted(trainer: Base, more: int = 3, *rest: int, key: int = 1) -> bool:
    return more > 1


def asks_all(trainer: Base) -> bool:
    dist.barrier()  # error: [AC702]
    return True


def asks_first(trainer: Base) -> bool:
    dist.barrier()
    return True


WHERE = "config.trace"


class Asking(Base):
    callbacks = [
        ("post-step", when(WHERE, innocent)),
        ("post-step", when("a" + ".b", innocent)),
        ("post-step", when("config..trace", innocent)),  # error: [AC706]
        ("post-step", when("", innocent)),  # error: [AC706]
        ("post-step", when("config.trace > 1", innocent)),  # error: [AC706]
        ("post-step", when("self.is", innocent)),  # error: [AC706]
        ("post-step", unless("config[0]", innocent)),  # error: [AC706]
        ("post-step", when(two, innocent)),  # error: [AC706]
        ("post-step", when(partial(two, more=1), innocent)),
        ("post-step", when(later, innocent)),  # error: [AC706]
        ("post-step", when(generator, innocent)),  # error: [AC706]
        ("post-step", when(named, innocent)),  # error: [AC706]
        ("post-step", unless(defaulted, innocent)),
        ("post-step", when(lambda: True, innocent)),  # error: [AC706]
        ("post-step", when(lambda a, b: True, innocent)),  # error: [AC706]
        ("post-step", when(lambda *all: True, innocent)),
        ("post-step", when(lambda **all: True, innocent)),  # error: [AC706]
        ("post-step", when(every(2, innocent), innocent)),  # error: [AC706]
        ("post-step", when(True, innocent)),  # error: [AC706]
        ("post-step", when(os.environ["WHEN"], innocent)),  # error: [AC706]
        ("post-step", when(innocent)),  # error: [AC215]
        ("post-step", when(WHERE, innocent, innocent)),  # error: [AC215]
        ("post-step", when(condition="a", fn=innocent)),
        ("pre-init", when("config", innocent)),  # error: [AC706]
        ("pre-init", every(2, unless("config.a", innocent))),  # error: [AC706]
        ("pre-init", when(lambda self: True, innocent)),
        ("post-init", when("config", innocent)),
        ("post-step", partial(when("config", tagged), tag="x")),  # error: [AC705]
        ("post-step", rank_zero(when(asks_all, innocent))),
        ("post-step", when(asks_first, rank_zero(innocent))),
        ("post-step", always(unless(lambda self: self.sync(), innocent))),  # error: [AC702]
        ("post-step", every(10, innocent, by="engine.steps")),
        ("post-step", every(10, innocent, by=WHERE)),
        ("post-step", every(10, by="steps")(innocent)),
        ("post-step", every(10, innocent, by=None)),
        ("post-step", every(10, innocent, by="2 steps")),  # error: [AC706]
        ("post-step", every(10, innocent, by=two)),  # error: [AC706]
        ("post-step", every(10, innocent, by=lambda self: 2)),  # error: [AC706]
        ("post-step", every(0, innocent, by="steps")),  # error: [AC704]
        ("post-step", every(10, innocent, "steps")),  # error: [AC215]
        ("post-step", when("steps", innocent, by="steps")),  # error: [AC215]
        ("pre-init", every(2, innocent, by="steps")),  # error: [AC706]
    ]

    def __init__(self) -> None: ...

    @when("not a path")  # error: [AC706]
    def post_loss_callback(self, loss: float) -> float:
        return loss

    @when
    def pre_loss_callback(self) -> None: ...  # error: [AC215]


# What runs at a failure, or in any case.


def reports(trainer: Base, error: BaseException) -> None:
    print(trainer, error)


def reports_by_name(trainer: Base, *, error: BaseException) -> int:
    return 3


def ends_at_failure(trainer: Base, error: BaseException) -> None:
    dist.destroy_process_group()


def waits_at_failure(trainer: Base, error: BaseException) -> None:
    dist.barrier()  # error: [AC702]


def leads_to_it(trainer: Base) -> None:
    leads_there()  # error: [AC702]


def value_and_error(trainer: Base, loss: float, error: BaseException) -> float:  # error: [AC405]
    return loss


def takes_value(trainer: Base, loss: float) -> float:  # error: [AC405]
    return loss


def without_error(trainer: Base) -> None: ...  # error: [AC405]


async def reports_later(trainer: Base, error: BaseException) -> None: ...


async def too_late(trainer: Base) -> None: ...  # error: [AC411]


class Failing(Base):
    callbacks = [
        ("post-step", on_error(reports)),
        ("post-loss", on_error(reports_by_name)),
        ("post-loss", always(innocent)),
        ("post-loss", rank_zero(on_error(optional(lambda self, error: print(error))))),
        ("post-step", on_error(ends_at_failure)),
        ("post-step", on_error(waits_at_failure)),
        ("post-step", always(leads_to_it)),
        ("post-loss", on_error(value_and_error)),
        ("post-loss", always(takes_value)),
        ("post-loss", on_error(without_error)),
        ("post-loss", always(every(2, lambda self, loss: loss))),  # error: [AC405]
        ("pre-step", on_error(reports)),  # error: [AC707]
        ("pre-step", every(2, always(innocent))),  # error: [AC707]
        ("post-step", on_error(always(reports))),  # error: [AC707]
        ("post-step", on_error(on_error(reports))),
        ("post-batches", always(innocent)),  # error: [AC707]
        ("post-asynchronous", on_error(reports_later)),
        ("post-asynchronous", always(innocent)),
        ("post-step", always(too_late)),
        ("post-init", on_error(reports)),
        ("post-step", partial(on_error(reports), error=None)),  # error: [AC705]
        ("post-step", always()),  # error: [AC215]
        ("post-step", always(2, innocent)),  # error: [AC215]
    ]

    async def asynchronous(self) -> None: ...

    def batches(self) -> "Iterator[int]":
        yield 1

    @always
    def post_write_callback(self) -> None: ...

    @on_error
    def post_loss_callback(self, error: BaseException) -> None: ...

    @on_error
    def pre_write_callback(self, error: BaseException) -> None: ...  # error: [AC707]


# file: app/helpers.py
import torch.distributed as dist

from app import far


def innocent(trainer: object) -> None:
    print(trainer)


def leads_there() -> None:
    far.away()


def through_the_module() -> None:
    far.away()


def round_and_round(times: int) -> None:
    round_and_round(times - 1)


class Saver:
    def wait(self) -> None: ...


class Waiting:
    def __init__(self) -> None:
        dist.barrier()


# file: app/far.py
from torch import distributed


def away() -> None:
    distributed.barrier()

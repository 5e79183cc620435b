"""AC701, AC702, AC708: actions on some ranks only, by tests inside callbacks (R62)."""

import os
from functools import partial
from typing import cast

import torch
import torch.distributed as dist
import torch.distributed.checkpoint as dcp
from torch.distributed import get_rank

from app import helpers
from arctic_codegen import CallbackMixin, every, rank_zero, unless, when
from arctic_training import SFTTrainer

RANK = int(os.environ["RANK"])
IS_MAIN = RANK == 0
LAYERS = 0


class Base(CallbackMixin):
    global_rank: int
    local_rank: int
    world_size: int
    leaders: dist.ProcessGroup
    engine: object

    def step(self, batch: dict) -> None: ...

    def loss(self) -> float:
        return 1.0

    @property
    def is_first(self) -> bool:
        return self.global_rank == 0

    def is_first_too(self) -> bool:
        """Whether it is the first."""
        return not dist.get_rank()

    def wait(self) -> None:
        dist.barrier()


# Collectives.


def by_attribute(trainer: Base) -> None:
    if trainer.global_rank == 0:
        print("saving")
        dist.barrier()  # error: [AC702]
    dist.barrier()


def by_function(trainer: Base) -> None:
    if dist.get_rank() == 0:
        trainer.wait()  # error: [AC702]
    if torch.distributed.get_rank() != 0:
        print("not the first")


def by_imported_function(trainer: Base) -> None:
    if get_rank() == 0 and trainer.engine:
        trainer.engine.save_checkpoint("x")  # error: [AC702]


def by_variable(trainer: Base) -> None:
    rank = int(os.environ.get("RANK", "0"))
    if rank > 0:
        dist.barrier()  # error: [AC702]


def by_text(trainer: Base) -> None:
    if os.getenv("LOCAL_RANK", "0") == "0":
        dist.barrier()  # error: [AC702]


def by_global(trainer: Base) -> None:
    for _ in range(3):
        if 0 == RANK:
            dist.barrier()  # error: [AC702]


def by_truth(trainer: Base) -> None:
    with open("log") as file:
        if not trainer.global_rank:
            print(file)
            dist.all_reduce(torch.ones(1))  # error: [AC702]


def by_property(trainer: Base) -> None:
    if trainer.is_first:
        dist.barrier()  # error: [AC702]


def by_method(trainer: Base) -> None:
    if trainer.is_first_too():
        dist.barrier()  # error: [AC702]


def by_helper(trainer: Base) -> None:
    if helpers.is_main():
        dist.barrier()  # error: [AC702]


def by_a_test_in_a_variable(trainer: Base) -> None:
    is_main = dist.get_rank() == 0
    if is_main:
        dist.barrier()  # error: [AC702]
    other = not is_main and trainer.engine
    if other:
        print("other")


def of_several(trainer: Base) -> None:
    if dist.get_rank() == 0 and dist.get_world_size() > 1:
        dist.barrier()  # error: [AC702]
    if trainer.engine and dist.get_world_size() != 1 and IS_MAIN:
        dist.barrier()  # error: [AC702]
    if dist.get_world_size() > 1:
        if trainer.global_rank == 0:
            dist.barrier()  # error: [AC702]


def leaves_early(trainer: Base) -> None:
    if trainer.global_rank != 0:
        return
    print("saving")
    dist.barrier()  # error: [AC702]


def leaves_early_at_times(trainer: Base) -> None:
    if trainer.global_rank != 0 or not trainer.engine:
        return
    dist.barrier()  # error: [AC702]


def goes_on(trainer: Base) -> None:
    for _ in range(3):
        if trainer.global_rank != 0:
            continue
        dist.barrier()  # error: [AC702]
    while True:
        if trainer.global_rank != 0:
            print("no more")
            break
        dist.barrier()  # error: [AC702]
    dist.barrier()


def fails_on_others(trainer: Base) -> None:
    if trainer.global_rank != 0 and trainer.engine:
        raise RuntimeError("not here")
    if trainer.global_rank != 0:
        raise RuntimeError("not here")
    dist.barrier()


def fails_on_all(trainer: Base) -> None:
    if not trainer.engine:
        raise RuntimeError("no engine")
    dist.barrier()
    if trainer.global_rank == 0:
        dist.barrier()  # error: [AC702]


def without_the_others(trainer: Base) -> None:
    if trainer.global_rank == 0:
        dcp.save({}, checkpoint_id="x", no_dist=True)
        dist.new_group([0, 1], use_local_synchronization=True)
    if trainer.global_rank == 0 and not dist.is_initialized():
        dist.barrier()


def as_it_is_asked_for(trainer: Base) -> None:
    if trainer.global_rank == 0:
        helpers.waits_if_asked(trainer, sync=False)
        helpers.leaves_unless_asked(trainer, False)
        helpers.waits_in_any_case(trainer, False)  # error: [AC702]


def others_leave(trainer: Base) -> None:
    if trainer.global_rank == 0:
        print("saving")
    else:
        return
    dist.barrier()  # error: [AC702]


def leaves_inside(trainer: Base) -> None:
    with open("log"):
        if trainer.global_rank != 0:
            return
    dist.barrier()  # error: [AC702]


def leaves_a_try(trainer: Base) -> None:
    try:
        if trainer.global_rank != 0:
            return
    except OSError:
        print("no")
    dist.barrier()  # error: [AC702]


def in_the_default_group(trainer: Base) -> None:
    if trainer.global_rank == 0:
        dist.all_reduce(torch.ones(1), group=None)  # error: [AC702]
        dist.barrier(dist.group.WORLD)  # error: [AC702]


def with_or_without_ranks(trainer: Base) -> None:
    rank = dist.get_rank() if dist.is_initialized() else 0
    if rank == 0:
        dist.barrier()  # error: [AC702]
    if not dist.is_initialized() or dist.get_rank() == 0:
        dist.barrier()  # error: [AC702]


def in_a_helper(trainer: Base) -> None:
    helpers.save(trainer)


def silenced(trainer: Base) -> None:
    if trainer.global_rank == 0:
        dist.barrier()  # arctic-codegen: ignore[AC702]


# Every rank comes to these, or it is not known.


def both(trainer: Base) -> None:
    if trainer.global_rank == 0:
        print("saving")
        dist.barrier()
    else:
        dist.barrier()


def both_and_more(trainer: Base) -> None:
    if trainer.global_rank == 0 and trainer.engine:
        dist.barrier()
    else:
        dist.barrier()


def first_in_turn(trainer: Base) -> None:
    if trainer.global_rank != 0:
        dist.barrier()
    print("loading")
    if trainer.global_rank == 0:
        dist.barrier()


def wait_for_the_first(trainer: Base) -> None:
    if trainer.global_rank != 0:
        dist.barrier()


def let_others_go_on(trainer: Base) -> None:
    if trainer.global_rank == 0:
        dist.barrier()


def first_in_turn_by_helpers(trainer: Base) -> None:
    wait_for_the_first(trainer)
    print("loading")
    let_others_go_on(trainer)


def goes_on_behind_it(trainer: Base) -> None:
    for _ in range(3):
        if trainer.global_rank != 0:
            dist.barrier()
            continue
        print("saving")
        dist.barrier()


def returns_inside(trainer: Base) -> None:
    with open("log"):
        if trainer.global_rank != 0:
            dist.barrier()
            return
    dist.barrier()


def returns_inside_at_times(trainer: Base) -> None:
    if trainer.engine:
        for _ in range(3):
            if trainer.global_rank != 0:
                dist.barrier()
                return
    dist.barrier()


def returns_at_times(trainer: Base) -> None:
    if trainer.global_rank == 0 and trainer.engine:
        print("saving")
        dist.barrier()
        return
    dist.barrier()


def another_one_s_rank(trainer: Base) -> None:
    for worker in trainer.leaders:
        if worker.global_rank == 0:
            dist.broadcast(torch.ones(1), 0)


def returns_behind_it(trainer: Base) -> None:
    if trainer.global_rank != 0:
        dist.barrier()
        return
    print("saving")
    dist.barrier()


def in_a_group(trainer: Base) -> None:
    if dist.get_rank() == 0:
        dist.barrier(group=trainer.leaders)


def in_a_group_by_position(trainer: Base) -> None:
    if trainer.local_rank == 0:
        dist.all_reduce(torch.ones(1), dist.ReduceOp.SUM, trainer.leaders)
        dist.barrier(trainer.leaders)
        dist.broadcast(torch.ones(1), 0)  # error: [AC702]


def in_a_group_by_a_helper(trainer: Base) -> None:
    if trainer.local_rank == 0:
        helpers.total_of(torch.ones(1), trainer.leaders)
        helpers.wait_for(trainer.leaders)
        helpers.count(torch.ones(1))  # error: [AC702]


def never_reached(trainer: Base) -> None:
    if trainer.global_rank == 0:
        print("saving")
        if trainer.global_rank != 0:
            dist.barrier()
        if dist.get_world_size() < 2:
            dist.barrier()


def one_may_have_left(trainer: Base) -> None:
    for _ in range(3):
        if trainer.global_rank == 0 and trainer.engine:
            return
    if trainer.global_rank == 0:
        dist.barrier()
    else:
        dist.barrier()


def alone_anyway(trainer: Base) -> None:
    if dist.get_rank() == 0 and dist.get_world_size() == 1:
        dist.barrier()


def alone_by_variables(trainer: Base) -> None:
    size = dist.get_world_size()
    alone = dist.get_rank() == 0 and size == 1
    if alone:
        dist.barrier()
    if trainer.global_rank == 0 and size < 2:
        dist.barrier()


def alone_outside(trainer: Base) -> None:
    if dist.get_world_size() == 1:
        if trainer.global_rank == 0:
            dist.barrier()


def alone_by_a_function(trainer: Base) -> None:
    if helpers.is_alone():
        dist.barrier()


def another_variable(trainer: Base) -> None:
    is_main = dist.get_rank() == 0
    is_main = trainer.engine is None
    if is_main or LAYERS:
        dist.barrier()

    def later() -> None:
        main_too = dist.get_rank() == 0
        print(main_too)

    if main_too:  # noqa: F821
        dist.barrier()


def or_something_else(trainer: Base) -> None:
    if trainer.global_rank == 0 or trainer.engine:
        dist.barrier()


def some_time(trainer: Base) -> None:
    if trainer.global_rank != 0 and trainer.engine:
        return
    dist.barrier()


def another_number(trainer: Base) -> None:
    if LAYERS == 0 or trainer.global_rank == trainer.engine:
        dist.barrier()


def later(trainer: Base) -> None:
    if trainer.global_rank == 0:

        def at_the_end() -> None:
            dist.barrier()

        print(at_the_end)


def only_prints(trainer: Base) -> None:
    if trainer.global_rank == 0:
        print("hello", dist.get_world_size())
    dist.barrier()


class Waiting(Base):
    callbacks = [
        ("post-step", by_attribute),
        ("post-step", by_function),
        ("post-step", by_imported_function),
        ("post-step", by_variable),
        ("post-step", by_text),
        ("post-step", by_global),
        ("post-step", by_truth),
        ("post-step", by_property),
        ("post-step", by_method),
        ("post-step", by_helper),
        ("post-step", by_a_test_in_a_variable),
        ("post-step", of_several),
        ("post-step", leaves_early),
        ("post-step", leaves_early_at_times),
        ("post-step", goes_on),
        ("post-step", fails_on_others),
        ("post-step", fails_on_all),
        ("post-step", without_the_others),
        ("post-step", as_it_is_asked_for),
        ("post-step", others_leave),
        ("post-step", leaves_inside),
        ("post-step", leaves_a_try),
        ("post-step", in_the_default_group),
        ("post-step", with_or_without_ranks),
        ("post-step", in_a_helper),
        ("post-step", silenced),
        ("post-step", both),
        ("post-step", both_and_more),
        ("post-step", first_in_turn),
        ("post-step", first_in_turn_by_helpers),
        ("post-step", goes_on_behind_it),
        ("post-step", returns_inside),
        ("post-step", returns_inside_at_times),
        ("post-step", returns_at_times),
        ("post-step", another_one_s_rank),
        ("post-step", returns_behind_it),
        ("post-step", in_a_group),
        ("post-step", in_a_group_by_position),
        ("post-step", in_a_group_by_a_helper),
        ("post-step", never_reached),
        ("post-step", one_may_have_left),
        ("post-step", alone_anyway),
        ("post-step", alone_by_variables),
        ("post-step", alone_outside),
        ("post-step", alone_by_a_function),
        ("post-step", another_variable),
        ("post-step", or_something_else),
        ("post-step", some_time),
        ("post-step", another_number),
        ("post-step", later),
        ("post-step", only_prints),
    ]

    def not_a_callback(self) -> None:
        if self.global_rank == 0:
            dist.barrier()


# By the condition of a wrapper.


def waits(trainer: Base) -> None:
    dist.barrier()  # error: [AC702]


def waits_too(trainer: Base) -> None:
    print("waiting")
    dist.barrier()  # error: [AC702]


def waits_last(trainer: Base) -> None:
    trainer.wait()  # error: [AC702]


def right(trainer: Base) -> None:
    dist.barrier()


def right_loss(trainer: Base, loss: float) -> float:
    dist.barrier()
    return loss


def in_the_group(trainer: Base) -> None:
    dist.barrier(trainer.leaders)


def prints(trainer: Base) -> None:
    print("hello")


def is_first(trainer: Base) -> bool:
    return trainer.global_rank == 0


class ByConditions(Base):
    callbacks = [
        ("post-step", when(lambda t: t.global_rank == 0, waits)),
        ("post-step", every(2, unless("global_rank", waits_too))),
        ("post-loss", when("is_first", lambda t, loss: t.wait())),  # error: [AC702]
        ("pre-step", when(is_first, waits_last)),
    ]


class ByOtherConditions(Base):
    """Every rank waits, or it is not known."""

    callbacks = [
        ("post-step", when("is_first", right)),
        ("post-step", unless("is_first", right)),
        ("pre-step", when("is_first", prints)),
        ("pre-step", when("is_first", in_the_group)),
        ("pre-step", when("engine", right)),
        ("post-loss", when(lambda t: t.global_rank == 0 and t.world_size == 1, right_loss)),
        ("pre-loss", when(lambda t: t.world_size == 1, when("is_first", right))),
    ]


class OnTwoEvents(Base):
    """No other rank waits at the same event."""

    callbacks = [
        ("post-step", when("is_first", lambda t: t.wait())),  # error: [AC702]
        ("post-loss", unless("is_first", lambda t, loss: t.wait() or loss)),  # error: [AC702]
    ]


class InTurn(Base):
    callbacks = [("pre-step", unless("is_first", right)), ("post-step", when("is_first", right))]


# Values.


class Values(Base):
    def post_loss_callback(self, loss: float) -> float:
        if self.global_rank == 0:
            loss = loss / 2  # error: [AC701]
        return loss


class Returned(Base):
    def post_loss_callback(self, loss: float) -> float:
        if self.global_rank != 0:
            return loss
        print(loss)
        return 0.0  # error: [AC701]


class InPlace(Base):
    def pre_step_callback(self, batch: dict) -> dict:
        if dist.get_rank() == 0:
            batch["first"] = True  # error: [AC701]
            batch.pop("meta")
        return batch


class Comprehends(Base):
    def post_loss_callback(self, loss: float) -> float:
        if self.global_rank == 0:
            print([loss for loss in (1, 2)], {loss: 1 for loss in (1, 2)})
        return loss


class ReturnsAtTimes(Base):
    def post_loss_callback(self, loss: float) -> float:
        doubled = loss * 2
        if self.global_rank == 0 and self.engine:
            print(loss)
            return doubled
        return doubled


class BothDiffer(Base):
    def post_loss_callback(self, loss: float) -> float:
        if self.global_rank == 0:
            return loss / 2
        else:
            return loss * 2


class Looks(Base):
    def post_loss_callback(self, loss: float) -> float:
        if self.global_rank == 0:
            shown = loss / 2
            print(shown, loss)
            return loss
        return loss


class GivesBack(Base):
    def post_loss_callback(self, loss: float) -> float:
        if self.global_rank == 0:
            return helpers.shown(cast(float, loss))
        return loss


class GivesSomethingElse(Base):
    def post_loss_callback(self, loss: float) -> float:
        if self.global_rank == 0:
            return helpers.halved(loss)  # error: [AC701]
        return loss


class UnderAnotherName(Base):
    def post_loss_callback(self, loss: torch.Tensor) -> torch.Tensor:
        result = loss
        if self.global_rank == 0:
            loss = loss.detach().cpu()
            print(loss, loss.sort(), loss.add(1))
        return result


class ByMethodsOfTensors(Base):
    def post_loss_callback(self, loss: torch.Tensor) -> torch.Tensor:
        if self.global_rank == 0:
            print(loss.sort(), loss.add(1))
        return loss


class TellsTheOthers(Base):
    def pre_step_callback(self, batch: dict) -> dict:
        if self.global_rank == 0:
            batch["seed"] = 3
        dist.broadcast_object_list([batch])
        return batch


# Values, by the condition of a wrapper.


def halved(trainer: Base, loss: float) -> float:
    loss = loss / 2  # error: [AC701]
    return loss


def doubled(trainer: Base, loss: float) -> float:
    return loss * 2  # error: [AC701]


def on_the_first(trainer: Base, loss: float) -> float:
    return loss / 2


def on_the_others(trainer: Base, loss: float) -> float:
    return loss * 2


def seen(trainer: Base, loss: float) -> float:
    print(loss)
    return loss


class OnSomeRanks(Base):
    callbacks = [
        ("post-loss", when("is_first", halved)),
        ("post-loss", when("is_first", seen)),
        ("post-loss", when("engine", on_the_first)),
    ]


class OnTheFirst(Base):
    callbacks = [
        ("post-loss", rank_zero(lambda it, loss: helpers.shown(loss))),
        ("post-loss", rank_zero(lambda it, loss: helpers.halved(loss))),  # error: [AC701]
        ("post-step", rank_zero(partial(helpers.waits_if_asked, sync=False))),
        ("post-step", rank_zero(lambda it: helpers.leaves_unless_asked(it, False))),
    ]


class WithRankZero(Base):
    callbacks = [("pre-step", rank_zero(right)), ("post-step", unless("is_first", right))]


class OnTheOthers(Base):
    callbacks = [("post-loss", every(2, unless(is_first, doubled)))]


class OnEach(Base):
    callbacks = [
        ("post-loss", when("is_first", on_the_first)),
        ("post-loss", unless("is_first", on_the_others)),
    ]


# What steers ranks.


def stop(trainer: SFTTrainer) -> None:
    trainer.early_stop = True


class Stopping(SFTTrainer):
    name = "stopping"

    def post_step_callback(self) -> None:
        if self.global_rank == 0 and self.global_step > 3:
            self.early_stop = True  # error: [AC708]

    @rank_zero
    def post_epoch_callback(self) -> None:
        self.early_stop = True  # error: [AC708]

    def pre_step_callback(self) -> None:
        if self.global_rank != 0:
            return
        stop(self)  # error: [AC708]


def stop_here(trainer: SFTTrainer) -> None:
    trainer.early_stop = True  # error: [AC708]


class StoppingByACondition(SFTTrainer):
    name = "stopping-by-a-condition"
    callbacks = [
        ("post-step", when(lambda t: t.global_rank == 0, stop_here)),
        ("post-epoch", when(lambda t: t.global_step > 3, stop)),
    ]


class AllStop(SFTTrainer):
    name = "all-stop"

    def post_step_callback(self) -> None:
        flag = torch.zeros(1)
        if self.global_rank == 0:
            flag += 1
            self.early_stop = True
        dist.broadcast(flag, 0)
        self.early_stop = bool(flag)

    def post_epoch_callback(self) -> None:
        if self.global_step > 3:
            self.early_stop = True
        if self.global_rank == 0:
            print("stopped")


def decide(trainer: SFTTrainer) -> None:
    trainer.early_stop = trainer.global_step > 3


def agree(trainer: SFTTrainer) -> None:
    flag = torch.tensor([trainer.early_stop])
    dist.broadcast(flag, 0)
    trainer.early_stop = bool(flag)


class AgreeByAnotherCallback(SFTTrainer):
    name = "agree-by-another-callback"
    callbacks = [("post-step", rank_zero(decide)), ("post-step", agree)]


class AgreeByAHelper(SFTTrainer):
    name = "agree-by-a-helper"

    def post_step_callback(self) -> None:
        self.decide()
        agree(self)

    def post_epoch_callback(self) -> None:
        if self.global_rank == 0:
            self.early_stop = True
        self.early_stop = helpers.told(self.early_stop)

    def post_train_callback(self) -> None:
        if self.global_rank == 0:
            self.early_stop = False

    def decide(self) -> None:
        if self.global_rank == 0:
            self.early_stop = True


class DecideInAHelper(SFTTrainer):
    name = "decide-in-a-helper"

    def post_step_callback(self) -> None:
        self.decide()

    def decide(self) -> None:
        if self.global_rank == 0:
            self.early_stop = True  # error: [AC708]


class OfNoFramework(Base):
    early_stop = False

    def post_step_callback(self) -> None:
        if self.global_rank == 0:
            self.early_stop = True


# file: app/helpers.py
import torch.distributed as dist


def is_main() -> bool:
    return dist.get_rank() == 0


def is_alone() -> bool:
    return dist.get_rank() == 0 and dist.get_world_size() == 1


def save(trainer: object) -> None:
    if is_main():
        print("saving")
        sync()  # error: [AC702]


def sync() -> None:
    dist.barrier()


def waits_if_asked(trainer: object, sync: bool = True) -> None:
    if sync:
        dist.barrier()


def leaves_unless_asked(trainer: object, really: bool) -> None:
    if not really:
        return
    dist.barrier()


def waits_in_any_case(trainer: object, loud: bool) -> None:
    if loud:
        print("waiting")
    dist.barrier()


def shown(loss: float) -> float:
    print(loss)
    return loss


def halved(loss: float) -> float:
    loss = loss / 2
    return loss


def told(value: object) -> bool:
    return bool(value)


def total_of(total: object, leaders: object) -> None:
    dist.all_reduce(total, group=leaders)
    wait_for(leaders)


def wait_for(leaders: object) -> None:
    dist.barrier(leaders)


def count(total: object) -> None:
    dist.all_reduce(total, dist.ReduceOp.SUM)

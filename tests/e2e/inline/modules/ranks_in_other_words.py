"""AC702, AC708: tests of the rank in the forms that training code uses (R62)."""

import functools
import os
from typing import Any

import torch
import torch.distributed as dist

from app import helpers
from arctic_codegen import CallbackMixin
from arctic_training import SFTTrainer

MAIN = 0


class Base(CallbackMixin):
    global_rank: int
    local_rank: int
    is_main: bool
    args: Any
    is_local_process_zero: bool
    node: Any

    def __init__(self) -> None:
        self.rank = dist.get_rank()
        self.is_main = self.rank == 0
        self.is_master: bool = helpers.is_main()
        self.is_alone = dist.get_rank() == 0 and dist.get_world_size() == 1
        self.depth = 0
        self.is_reset = self.rank == 0

    @helpers.agreed
    def is_agreed(self) -> bool:
        return self.global_rank == 0

    def reset(self) -> None:
        self.is_reset = True

    def step(self) -> None: ...

    def is_first(self) -> bool:
        """Whether it is the first."""
        rank = dist.get_rank()
        return rank == 0


def by_method(trainer: Base) -> None:
    if trainer.is_first():
        dist.barrier()  # error: [AC702]


def by_helper(trainer: Base) -> None:
    if helpers.is_main():
        dist.barrier()  # error: [AC702]


def by_another_helper(trainer: Base) -> None:
    if not helpers.is_main_or_alone():
        return
    dist.barrier()  # error: [AC702]


def by_rank_of_a_helper(trainer: Base) -> None:
    if helpers.get_rank() == 0:
        dist.barrier()  # error: [AC702]


@functools.lru_cache(maxsize=None)
def kept_rank() -> int:
    return int(os.environ.get("RANK", "0"))


def by_rank_that_is_kept(trainer: Base) -> None:
    if kept_rank() == 0:
        dist.barrier()  # error: [AC702]


def by_words_of_transformers(trainer: Base) -> None:
    if trainer.args.process_index == 0:
        dist.barrier()  # error: [AC702]
    if trainer.args.is_world_process_zero():
        dist.barrier()  # error: [AC702]
    if not trainer.is_local_process_zero:
        return
    dist.barrier()  # error: [AC702]


def by_constant(trainer: Base) -> None:
    if trainer.global_rank == MAIN:
        dist.barrier()  # error: [AC702]


def by_membership(trainer: Base) -> None:
    if trainer.global_rank in (0,):
        dist.barrier()  # error: [AC702]


def by_membership_with_none(trainer: Base) -> None:
    if trainer.local_rank in [-1, 0]:
        dist.barrier()  # error: [AC702]


def by_arguments(trainer: Base) -> None:
    args = trainer.args
    if args.local_rank == 0:
        dist.barrier()  # error: [AC702]
    if trainer.args.local_rank == 0:
        dist.barrier()  # error: [AC702]
    if trainer.args.rank == 0:
        dist.barrier()  # it may be that of an adapter
    if trainer.node.local_rank == 0:
        dist.barrier()  # it may be another's


def by_walrus(trainer: Base) -> None:
    if (rank := dist.get_rank()) == 0:
        print(rank)
        dist.barrier()  # error: [AC702]


def by_attribute(trainer: Base) -> None:
    if trainer.is_main:
        dist.barrier()  # error: [AC702]


def by_attribute_of_a_helper(trainer: Base) -> None:
    if trainer.is_master:
        dist.barrier()  # error: [AC702]


def by_rank_in_an_attribute(trainer: Base) -> None:
    if trainer.rank == 0:
        dist.barrier()  # error: [AC702]


def without_ranks(trainer: Base) -> None:
    if not dist.is_available() or not dist.is_initialized() or dist.get_rank() == 0:
        dist.barrier()  # error: [AC702]


def by_match_on_all(trainer: Base) -> None:
    match trainer.global_rank:
        case 0:
            print("first")
            dist.barrier()
        case _:
            dist.barrier()
    match trainer.depth:
        case 0:
            dist.barrier()


def other_collectives(trainer: Base) -> None:
    if trainer.global_rank == 0:
        dist.barrier()  # error: [AC702]
    else:
        dist.all_reduce(torch.ones(1))  # error: [AC702]


# Every rank comes to these, or it is not known.


def first_in_turn(trainer: Base) -> None:
    local_rank = trainer.local_rank
    if local_rank not in (-1, 0):
        dist.barrier()
    print("loading")
    if local_rank == 0:
        dist.barrier()


def first_in_turn_as_text(trainer: Base) -> None:
    if os.environ["LOCAL_RANK"] not in ("-1", "0"):
        dist.barrier()
    print("loading")
    if os.environ["LOCAL_RANK"] in ("-1", "0"):
        dist.barrier()


def no_ranks(trainer: Base) -> None:
    if trainer.local_rank != -1:
        dist.barrier()
    if trainer.local_rank == -1:
        print("no group")
    else:
        dist.barrier()


def of_several(trainer: Base) -> None:
    if trainer.global_rank in (0, 1):
        dist.barrier()


def alone(trainer: Base) -> None:
    if trainer.is_alone:
        dist.barrier()


def other_attributes(trainer: Base) -> None:
    if trainer.depth == 0 or helpers.number() == 0:
        dist.barrier()


def set_again(trainer: Base) -> None:
    if trainer.is_reset:
        dist.barrier()


def decorated(trainer: Base) -> None:
    if trainer.is_agreed():
        dist.barrier()


def another_rank(trainer: Base) -> None:
    first, *_ = trainer.peers
    if first.global_rank == 0 or helpers.slowest().global_rank == 0:
        dist.barrier()
    if first.global_rank == 0:
        dist.barrier()


def in_an_expression(trainer: Base) -> None:
    dist.barrier() if trainer.global_rank == 0 else None  # error: [AC702]
    dist.get_rank() == 0 and trainer.is_main and dist.barrier()  # error: [AC702]
    dist.get_rank() != 0 or dist.barrier()  # error: [AC702]
    dist.get_rank() == 0 and print("saving")
    dist.barrier() if trainer.depth else dist.barrier()


class Waiting(Base):
    callbacks = [
        ("post-step", in_an_expression),
        ("post-step", lambda self: dist.barrier() if self.global_rank else None),  # error: [AC702]
        ("post-step", by_method),
        ("post-step", by_helper),
        ("post-step", by_another_helper),
        ("post-step", by_rank_of_a_helper),
        ("post-step", by_rank_that_is_kept),
        ("post-step", by_words_of_transformers),
        ("post-step", by_constant),
        ("post-step", by_membership),
        ("post-step", by_membership_with_none),
        ("post-step", by_arguments),
        ("post-step", by_walrus),
        ("post-step", by_attribute),
        ("post-step", by_attribute_of_a_helper),
        ("post-step", by_rank_in_an_attribute),
        ("post-step", without_ranks),
        ("post-step", by_match_on_all),
        ("post-step", other_collectives),
        ("post-step", first_in_turn),
        ("post-step", first_in_turn_as_text),
        ("post-step", no_ranks),
        ("post-step", of_several),
        ("post-step", alone),
        ("post-step", other_attributes),
        ("post-step", set_again),
        ("post-step", decorated),
        ("post-step", another_rank),
    ]


# By a decorator.


@helpers.on_main
def on_main(trainer: Base) -> None:
    dist.barrier()  # error: [AC702]


@helpers.early
def early(trainer: Base) -> None:
    trainer.step()
    dist.barrier()  # error: [AC702]


@helpers.main_first
def main_first(trainer: Base) -> None:
    dist.barrier()


@helpers.logged
def logged(trainer: Base) -> None:
    dist.barrier()


class Decorated(Base):
    callbacks = [("post-step", on_main), ("post-step", main_first), ("post-step", logged)]

    @helpers.early
    def post_step_callback(self) -> None:
        dist.barrier()  # error: [AC702]


class DecoratedToo(Base):
    callbacks = [("pre-step", early)]

    def loss(self) -> float:
        return 1.0

    @helpers.on_main
    def post_loss_callback(self, loss: float) -> float:
        return loss / 2  # error: [AC701]


class FromMain(SFTTrainer):
    name = "from-main"

    @helpers.loss_from_main
    def post_loss_callback(self, loss: torch.Tensor) -> torch.Tensor:
        return loss.clamp(max=3)

    @helpers.stop_from_main
    def post_step_callback(self) -> None:
        self.early_stop = self.global_step > 3


# What steers ranks.


class Stopping(SFTTrainer):
    name = "stopping"

    def pre_epoch_callback(self) -> None:
        self.early_stop = self.global_rank == 0 and self.global_step > 3  # error: [AC708]

    def pre_step_callback(self) -> None:
        is_last = self.global_rank == 0 and self.global_step > 3
        self.early_stop = is_last  # error: [AC708]

    def post_step_callback(self) -> None:
        dist.barrier()
        if self.global_rank == 0 and self.global_step > 3:
            self.early_stop = True  # error: [AC708]

    def pre_train_callback(self) -> None:
        self.early_stop = self.global_step > 3 or bool(self.global_rank)


def agreed(trainer: SFTTrainer) -> bool:
    flag = torch.tensor([trainer.early_stop])
    dist.broadcast(flag, 0)
    return bool(flag)


class AllStop(SFTTrainer):
    name = "all-stop"

    def post_step_callback(self) -> None:
        self.early_stop = self.global_rank == 0 and self.global_step > 3
        self.early_stop = agreed(self)

    def post_epoch_callback(self) -> None:
        if self.global_rank == 0:
            self.early_stop = True
        helpers.agree(self)


# file: app/helpers.py
from functools import wraps
from typing import Any, Callable, TypeVar

import torch
import torch.distributed as dist


def is_main() -> bool:
    if not dist.is_available():
        return True
    if not dist.is_initialized():
        return True
    return dist.get_rank() == 0


def is_main_or_alone() -> bool:
    return dist.get_rank() == 0 if dist.is_initialized() else True


def get_rank() -> int:
    """The rank."""
    if dist.is_available() and dist.is_initialized():
        return dist.get_rank()
    return 0


def number() -> int:
    print("counted")
    return dist.get_rank()


def agree(trainer: Any) -> None:
    flag = torch.tensor([trainer.early_stop])
    dist.broadcast(flag, 0)
    trainer.early_stop = bool(flag)


F = TypeVar("F", bound=Callable[..., Any])


def agreed(function: F) -> F:
    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        flag = [function(*args, **kwargs)]
        dist.broadcast_object_list(flag)
        return flag[0]

    return wrapped


def on_main(function: F) -> F:
    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if dist.get_rank() == 0:
            return function(*args, **kwargs)

    return wrapped


def early(function: F) -> F:
    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if not is_main():
            return None
        result = function(*args, **kwargs)
        return result

    return wrapped


def loss_from_main(function: F) -> F:
    @wraps(function)
    def wrapped(self: Any, loss: Any) -> Any:
        out = [loss]
        if self.global_rank == 0:
            out = [function(self, loss)]
        dist.broadcast_object_list(out, src=0)
        return out[0]

    return wrapped


def stop_from_main(function: F) -> F:
    @wraps(function)
    def wrapped(self: Any) -> None:
        if self.global_rank == 0:
            function(self)
        flag = [self.early_stop]
        dist.broadcast_object_list(flag, src=0)
        self.early_stop = flag[0]

    return wrapped


def main_first(function: F) -> F:
    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if not is_main():
            dist.barrier()
        result = function(*args, **kwargs)
        if is_main():
            dist.barrier()
        return result

    return wrapped


def logged(function: F) -> F:
    @wraps(function)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        if is_main():
            print("called")
        return function(*args, **kwargs)

    return wrapped

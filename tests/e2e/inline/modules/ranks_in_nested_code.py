"""AC702: ranks that are tested by `match` and `while` (R62)."""

from typing import Any

import torch.distributed as dist

from arctic_codegen import CallbackMixin

LAST = 0


class Base(CallbackMixin):
    global_rank: int
    kind: str
    engine: Any

    def step(self) -> None: ...


# By `match`.


def by_case(trainer: Base) -> None:
    match trainer.global_rank:
        case 0:
            print("first")
            dist.barrier()  # error: [AC702]
    match dist.get_rank():
        case 0:
            trainer.engine.save_checkpoint("x")  # error: [AC702]
        case _:
            print("not the first")


def by_other_cases(trainer: Base) -> None:
    match trainer.global_rank:
        case 0:
            print("first")
        case rank:
            print(rank)
            dist.barrier()  # error: [AC702]
    match trainer.global_rank:
        case 0 | 1:
            print("some")
        case _:
            dist.barrier()  # error: [AC702]
    match trainer.global_rank:
        case 0:
            print("first")
        case 1 as rank:
            print(rank)
            dist.barrier()  # error: [AC702]


def by_case_of_a_test(trainer: Base) -> None:
    match trainer.global_rank == 0:
        case True:
            dist.barrier()  # error: [AC702]
        case False:
            print("not the first")


def by_guard(trainer: Base) -> None:
    match trainer.kind:
        case "full" if trainer.global_rank == 0:
            dist.barrier()  # error: [AC702]
        case "part":
            print("part")


def leaves_in_a_case(trainer: Base) -> None:
    match dist.get_rank():
        case 0:
            print("saving")
        case _:
            return
    dist.barrier()  # error: [AC702]


def all_in_cases(trainer: Base) -> None:
    match trainer.global_rank:
        case 0:
            print("saving")
            dist.barrier()
        case _:
            dist.barrier()
    match trainer.global_rank:
        case 0:
            dist.barrier()
        case 1:
            dist.barrier()
    match trainer.global_rank == 0:
        case True:
            dist.barrier()
        case False:
            dist.barrier()


def of_several(trainer: Base) -> None:
    match trainer.global_rank:
        case 0 | 1:
            dist.barrier()


def fails_on_others(trainer: Base) -> None:
    match trainer.global_rank:
        case 0:
            print("first")
        case _:
            raise RuntimeError("not here")
    dist.barrier()


def by_something_else(trainer: Base) -> None:
    match trainer.kind:
        case "full":
            dist.barrier()
        case "none":
            return
        case LAST if LAST == 0:
            dist.barrier()
    dist.barrier()


# By `while`.


def while_first(trainer: Base) -> None:
    while trainer.global_rank == 0 and trainer.engine.is_behind:
        dist.barrier()  # error: [AC702]
    dist.barrier()


def waits_for_a_file(trainer: Base) -> None:
    while trainer.global_rank != 0 and not trainer.engine.is_there:
        print("waiting")
    dist.barrier()
    while trainer.engine.is_behind:
        dist.barrier()


def counts_down(trainer: Base) -> None:
    rank = dist.get_rank()
    while rank > 0:
        dist.barrier()
        rank -= 1


class Waiting(Base):
    callbacks = [
        ("post-step", by_case),
        ("post-step", by_other_cases),
        ("post-step", by_case_of_a_test),
        ("post-step", by_guard),
        ("post-step", leaves_in_a_case),
        ("post-step", all_in_cases),
        ("post-step", of_several),
        ("post-step", fails_on_others),
        ("post-step", by_something_else),
        ("post-step", while_first),
        ("post-step", waits_for_a_file),
        ("post-step", counts_down),
    ]


# By the number of a rank.


def by_turns(trainer: Base) -> None:
    if trainer.global_rank == 0:
        print("first")
        dist.barrier()
    elif trainer.global_rank == 1:
        dist.barrier()


def second(trainer: Base) -> None:
    if trainer.global_rank == 0:
        print("first")
    elif trainer.global_rank == 1:
        dist.barrier()  # error: [AC702]
    if dist.get_rank() == 1:
        dist.barrier()  # error: [AC702]


class ByNumber(Base):
    callbacks = [("post-step", by_turns), ("pre-step", second)]

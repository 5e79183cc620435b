"""AC701, AC702: `match`, `while`, nested functions, and decorators of libraries (R62)."""

from typing import Any

import torch.distributed as dist
from accelerate import Accelerator, PartialState
from lightning.pytorch.utilities import rank_zero_only
from mmengine.dist import master_only
from pytorch_lightning.utilities.rank_zero import rank_zero_only as only_first

from app import helpers
from arctic_codegen import CallbackMixin, rank_zero

accelerator = Accelerator()
state = PartialState()

LAST = 0


class Base(CallbackMixin):
    global_rank: int
    kind: str
    engine: Any

    def step(self) -> None: ...

    def loss(self) -> float:
        return 1.0

    def wait(self) -> None:
        dist.barrier()

    @rank_zero_only
    def wait_on_the_first(self) -> None:
        print("waiting")
        self.wait()  # error: [AC702]

    @rank_zero_only
    def show(self) -> None:
        print("hello", self.global_rank)


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


# By nested functions.


def in_a_nested_function(trainer: Base) -> None:
    def save() -> None:
        trainer.engine.save_checkpoint("x")

    if trainer.global_rank == 0:
        print("saving")
        save()  # error: [AC702]


def inside_a_nested_function(trainer: Base) -> None:
    def save() -> None:
        def sync() -> None:
            trainer.wait()

        if trainer.global_rank == 0:
            sync()  # error: [AC702]

    save()


def by_a_nested_test(trainer: Base) -> None:
    def is_main() -> bool:
        return trainer.global_rank == 0

    if is_main():
        dist.barrier()  # error: [AC702]


def with_a_parameter(trainer: Base) -> None:
    def save(model: Any, sync: bool = False) -> None:
        if sync:
            model.barrier()

    def of_another(trainer: Any) -> None:
        trainer.wait()

    if trainer.global_rank == 0:
        save(trainer.engine)
        of_another(trainer.engine)


def all_call_it(trainer: Base) -> None:
    def sync() -> None:
        trainer.wait()

    if trainer.global_rank == 0:
        print("saving")
        sync()
    else:
        sync()
    if trainer.global_rank == 0:
        trainer.engine.at_exit = sync


class Nested(Base):
    callbacks = [
        ("post-step", in_a_nested_function),
        ("post-step", inside_a_nested_function),
        ("post-step", by_a_nested_test),
        ("post-step", with_a_parameter),
        ("pre-step", all_call_it),
    ]


# By decorators of libraries.


@rank_zero_only
def by_lightning(trainer: Base) -> None:
    dist.barrier()  # error: [AC702]


@only_first
def by_another_name(trainer: Base) -> None:
    dist.barrier()  # error: [AC702]


@master_only
def shows(trainer: Base) -> None:
    print("waiting")
    trainer.wait()  # error: [AC702]


@accelerator.on_main_process
def by_accelerate(trainer: Base) -> None:
    trainer.wait()  # error: [AC702]


@state.on_process(process_index=1)
def by_number_of_a_process(trainer: Base) -> None:
    trainer.wait()  # error: [AC702]


@accelerator.on_local_main_process
def save(trainer: Base) -> None:
    print("saving")
    trainer.engine.save_checkpoint("x")  # error: [AC702]


def calls_decorated(trainer: Base) -> None:
    save(trainer)
    shows(trainer)
    trainer.wait_on_the_first()


@rank_zero_only
def prints(trainer: Base) -> None:
    print("hello")


@helpers.on_main_process
def by_the_project(trainer: Base) -> None:
    dist.barrier()


def calls_right(trainer: Base) -> None:
    trainer.show()
    prints(trainer)
    by_the_project(trainer)


class Decorated(Base):
    callbacks = [
        ("post-step", by_lightning),
        ("post-step", by_another_name),
        ("post-step", by_accelerate),
        ("post-step", by_number_of_a_process),
        ("post-step", calls_decorated),
        ("pre-step", prints),
        ("pre-step", by_the_project),
        ("pre-step", calls_right),
    ]

    @rank_zero_only
    def post_loss_callback(self, loss: float) -> float:
        return loss / 2  # error: [AC701]


# By `rank_zero` around a lambda.


class Lambdas(Base):
    callbacks = [
        ("post-step", rank_zero(lambda self: dist.barrier())),  # error: [AC702]
        ("post-loss", rank_zero(lambda self, loss: None)),  # error: [AC701]
        ("post-loss", rank_zero(lambda self, loss: (print(loss), loss / 2)[1])),  # error: [AC701]
        ("post-loss", rank_zero(lambda self, loss: (print(loss), loss)[1])),
        ("post-loss", rank_zero(lambda self, loss: [print(loss), loss][-1])),
    ]


class ReturnsNothing(Base):
    def post_loss_callback(self, loss: float) -> Any:
        if self.global_rank == 0:
            return None  # error: [AC701]
        return loss

    def load(self, batch: Any) -> None: ...

    def pre_load_callback(self, batch: Any) -> Any:
        if self.global_rank == 0:
            return None  # error: [AC406]
        return batch


# file: app/helpers.py
from functools import wraps
from typing import Any, Callable


def on_main_process(function: Callable[..., Any]) -> Callable[..., Any]:
    """The name is misleading: it calls the function on each rank."""

    @wraps(function)
    def called(*args: Any) -> Any:
        return function(*args)

    return called

"""AC702: tests of the rank inside expressions, comprehensions and cases of several values."""

from arctic_codegen import CallbackMixin
from torch import distributed as dist


class Trainer(CallbackMixin):
    rank: int
    phase: str
    items: list[int]

    def step(self) -> None: ...


class Passed(Trainer):
    def post_step_callback(self) -> None:
        print("saved", dist.barrier() if self.rank == 0 else None)  # error: [AC702]


class Kept(Trainer):
    def post_step_callback(self) -> None:
        value = self.rank == 0 and dist.all_reduce(3)  # error: [AC702]
        print(value)


class Last(Trainer):
    def post_step_callback(self) -> None:
        if self.phase == "a" and self.rank == 0 and dist.barrier():  # error: [AC702]
            print("waited")


class Or(Trainer):
    def post_step_callback(self) -> object:
        return self.rank == 0 or dist.barrier()  # error: [AC702]


class Listed(Trainer):
    def post_step_callback(self) -> None:
        [dist.all_reduce(each) for each in self.items if self.rank == 0]  # error: [AC702]


class ByKey(Trainer):
    def post_step_callback(self) -> None:
        some = {
            each: dist.all_reduce(each)  # error: [AC702]
            for each in self.items
            if each and self.rank == 0
        }
        print(some)


class Consumed(Trainer):
    def post_step_callback(self) -> None:
        print(sum(dist.all_reduce(each) for each in self.items if not self.rank))  # error: [AC702]


class Case(Trainer):
    def post_step_callback(self) -> None:
        match (self.rank, self.phase):
            case (0, "train"):
                dist.barrier()  # error: [AC702]
            case (0, _):
                print("first")


class OtherCase(Trainer):
    def post_step_callback(self) -> None:
        match self.phase, self.rank:
            case _, 0:
                print("first")
            case _:
                dist.barrier()  # error: [AC702]


class InTheIterable(Trainer):
    def post_step_callback(self) -> None:
        of = [each for each in [dist.barrier() if self.rank == 0 else 1] if each]  # error: [AC702]
        print(of)


class BothSides(Trainer):
    def post_step_callback(self) -> None:
        print(dist.gather(3) if self.rank == 0 else dist.gather(None))
        print(self.rank == 0 and dist.barrier(), self.rank == 0 or dist.barrier())
        match (self.rank, self.phase):
            case (0, _):
                dist.barrier()
            case (_, _):
                dist.barrier()


class EveryRank(Trainer):
    def post_step_callback(self) -> None:
        print(dist.barrier() if self.phase == "train" else None)
        print([dist.all_reduce(each) for each in self.items if each])
        print([each for each in self.items if self.rank == 0 and each])
        print([lambda: dist.barrier() for each in self.items if self.rank == 0])
        match (self.phase, self.rank):
            case ("train", _):
                dist.barrier()
            case ("train", 0, 1):
                dist.barrier()
            case (*_, 0):
                dist.barrier()

"""AC407 and AC410: return values of pre callbacks with several parameters (R55)."""

from typing import Any

from arctic_codegen import CallbackMixin


def to_int(value: int) -> int:
    return value


def pair_of(left: int, right: int) -> tuple[int, int]:
    return left, right


def anything(left, right):
    return left, right


class Plain:
    pass


class Trainer(CallbackMixin):
    seed: int = 3
    pair: tuple[int, int] = (1, 2)
    some = 3

    def step(self, batch: int, scale: int) -> None: ...

    def move(self, batch: Any, pair: Any) -> None: ...

    def pairs(self, batch: Any, pair: tuple[int, int]) -> None: ...


class One(Trainer):
    def pre_step_callback(self, batch: int, scale: int) -> Any:
        return batch  # error: [AC407]


class Untyped(Trainer):
    callbacks = [
        ("pre-step", lambda self, batch, scale: scale),  # error: [AC407]
        ("pre-step", lambda self, batch, scale: [batch]),  # error: [AC407]
        ("pre-step", lambda self, batch, scale: {"batch": batch}),  # error: [AC407]
        ("pre-step", lambda self, batch, scale: len(batch)),
        ("pre-step", lambda self, batch, scale: self.seed),  # error: [AC407]
        ("pre-step", lambda self, batch, scale: self.pair),
        ("pre-step", lambda self, batch, scale: self.some),
        ("pre-step", lambda self, batch, scale: to_int(scale)),  # error: [AC407]
        ("pre-step", lambda self, batch, scale: pair_of(batch, scale)),
        ("pre-step", lambda self, batch, scale: anything(batch, scale)),
        ("pre-step", lambda self, batch, scale: [batch, scale]),
        ("pre-step", lambda self, batch, scale: tuple([batch, scale])),
        ("pre-step", lambda self, batch, scale: (batch, scale) if batch else batch),  # error: [AC407]
    ]


class Local(Trainer):
    def pre_step_callback(self, batch: int, scale: int) -> Any:
        out = (batch, scale, 3)
        return out  # error: [AC407]


class LocalNames(Trainer):
    def pre_step_callback(self, batch, scale):
        out = scale, batch
        return out  # warning: [AC410]

    def pre_move_callback(self, batch, pair):
        batch, pair = pair, batch
        return batch, pair


class Renamed(Trainer):
    def pre_step_callback(self, batch, scale):
        first = scale
        second = batch
        return first, second

    def pre_move_callback(self, batch, pair):
        moved = batch
        return moved  # error: [AC407]


class Annotated(Trainer):
    def pre_step_callback(self, batch: int, scale: int) -> int:
        out = self.work(batch)
        return out  # error: [AC407]

    def pre_move_callback(self, batch: Any, pair: Any) -> "tuple[int, int, int]":
        return self.work(batch)  # error: [AC407]

    def work(self, batch):
        return batch


class AlsoAnnotated(Trainer):
    def pre_step_callback(self, batch: int, scale: int) -> Plain:
        return self.work(batch)  # error: [AC407]

    def pre_move_callback(self, batch: Any, pair: Any) -> Any:
        value: int = self.work(batch)
        return value  # error: [AC407]

    def work(self, batch):
        return batch


class Fine(Trainer):
    def pre_step_callback(self, batch: int, scale: int) -> tuple[int, int]:
        out = (batch, scale)
        if batch:
            out = self.work(out)
        return out

    def pre_move_callback(self, batch, pair):
        if pair:
            batch, pair = pair, batch
        return batch, pair

    def pre_pairs_callback(self, batch, pair: tuple[int, int]) -> tuple[int, ...]:
        pair = self.work((batch, pair))
        return pair

    def work(self, batch):
        return batch


class AlsoFine(Trainer):
    def pre_step_callback(self, batch, scale):
        batch = (batch, scale)
        return batch

    def pre_move_callback(self, batch, pair):
        out = ()
        if batch:
            out = batch, pair
        return out or (batch, pair)

    def pre_pairs_callback(self, batch, pair):
        moved = batch.to("cpu")
        result = None
        result = moved, pair
        return result


class Grown(Trainer):
    def pre_step_callback(self, batch, scale):
        out = [batch]
        out.append(scale)
        return out

    def pre_move_callback(self, batch, pair):
        out = {"batch": batch}
        return out  # error: [AC407]


class Rebound(Trainer):
    def pre_step_callback(self, batch, scale):
        batch = self.work(batch)
        return batch

    def pre_move_callback(self, batch, pair):
        with self.work(batch) as out:
            return out

    def work(self, batch):
        return batch


class Stays(Trainer):
    def pre_step_callback(self, batch: int, scale: int) -> tuple[int, int]:
        old, batch = batch, batch + 1
        print(old)
        return batch, scale

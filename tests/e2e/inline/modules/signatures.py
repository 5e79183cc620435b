"""AC401 to AC410, AC412: the signature of a callback has to fit its method."""

from functools import partial
from typing import Any

from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self, batch: int, *extra: int, rate: float = 0.1, **options: int) -> None: ...

    def loss(self, batch: int, scale: int) -> float:
        return float(batch * scale)


class Right(Trainer):
    callbacks = [
        ("pre-step", lambda trainer, rate, batch: (rate, batch)),
        ("pre-loss", lambda self: None),
        ("post-loss", lambda self, anything: anything + 1),
    ]

    def pre_loss_callback(self, scale: int, batch: int) -> tuple[int, int]:
        if scale > 1:
            return scale - 1, batch
        elif scale:
            raise ValueError
        else:
            return scale, batch

    def post_loss_callback(self, loss: float) -> float:
        while True:
            if loss < 1:
                return loss
            loss /= 2

    def pre_step_callback(self) -> None:
        if self:
            return None
        return


class Parameters(Trainer):
    def pre_step_callback(self, bach: int) -> int:  # error: [AC401]
        return bach

    callbacks = [
        ("pre-loss", lambda self, scal: scal),  # error: [AC401]
        ("pre-step", lambda self, extra: extra),  # error: [AC412]
        ("pre-step", lambda self, options: options),  # error: [AC412]
        ("pre-step", lambda: None),  # error: [AC404]
        ("pre-step", lambda self, batch=1: batch),  # error: [AC402]
        ("pre-step", lambda self, *args: None),  # error: [AC403]
        ("pre-step", lambda self, **kwargs: None),  # error: [AC403]
    ]


class Counts(Trainer):
    callbacks = [
        ("post-step", lambda self, value: value),  # error: [AC405]
        ("post-loss", lambda self: None),  # error: [AC405]
        ("post-loss", lambda self, value, more: value),  # error: [AC405]
    ]


class PrePaths(Trainer):
    def pre_loss_callback(self, batch: int) -> Any:  # error: [AC406]
        if batch:
            return batch

    def pre_step_callback(self, batch: int) -> Any:
        print(batch)
        return  # error: [AC406]


class PreLengths(Trainer):
    def pre_loss_callback(self, batch: int, scale: int) -> Any:
        if batch:
            return batch, scale, 1  # error: [AC407]
        return batch, scale


class PreValue(Trainer):
    def pre_loss_callback(self) -> Any:
        return 3  # error: [AC408]


class PostPaths(Trainer):
    def post_loss_callback(self, value: float) -> Any:  # error: [AC409]
        try:
            return value
        except ValueError:
            pass


class Swapped(Trainer):
    def pre_loss_callback(self, batch: int, scale: int) -> Any:
        return scale, batch  # warning: [AC410]


def with_default(self: Trainer, batch: int, by: int = 1) -> int:  # error: [AC402]
    return batch + by


class Partial(Trainer):
    callbacks = [
        ("pre-loss", partial(with_default, by=2)),
        ("pre-loss", with_default),
    ]

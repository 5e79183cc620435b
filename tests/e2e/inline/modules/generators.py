"""R24: a callback that is a generator function would never run."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from arctic_codegen import CallbackMixin


@contextmanager
def managed(self):  # error: [AC415]
    yield


def doubled(self, batches):
    for batch in batches:
        yield batch * 2


def from_annotation(self, loader: "Iterable[int]"):
    yield from map(str, loader)


class Trainer(CallbackMixin):
    callbacks = [
        ("pre-step", lambda self: (yield)),  # error: [AC415]
        ("post-step", managed),
        ("pre-fit", doubled),
        ("post-loader", doubled),
        ("post-loader", from_annotation),
    ]

    def step(self) -> None: ...

    def fit(self, batches):
        return list(batches)

    def loader(self):
        return [1, 2]

    def stream(self) -> Iterator[int]:
        yield 1

    def post_stream_callback(self, numbers):
        yield from numbers
        yield 5

    def named(self) -> Iterator[int]:
        return iter([1])

    def post_named_callback(self, numbers: Iterator[int]) -> Iterator[int]:
        yield from numbers

    def pre_named_callback(self):  # error: [AC415]
        yield

    def loss(self, batch):
        return batch

    def post_loss_callback(self, loss):  # error: [AC415]
        yield loss

    def pre_loss_callback(self, batch):  # error: [AC415]
        yield batch

    async def go(self) -> int:
        return 1

    async def pre_go_callback(self):  # error: [AC415]
        yield

    async def post_go_callback(self, result):  # error: [AC415]
        yield result

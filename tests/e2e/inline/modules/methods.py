"""AC209 and AC411: requirements for callback methods."""

from typing import AsyncIterator

from arctic_codegen import CallbackMixin, every


class Trainer(CallbackMixin):
    def step(self) -> None: ...

    async def fetch(self) -> int:
        return 1

    async def stream(self) -> AsyncIterator[int]:
        yield 1


class Right(Trainer):
    def pre_step_callback(self) -> None: ...

    async def pre_fetch_callback(self) -> None: ...

    def post_fetch_callback(self, value: int) -> int:
        return value

    post_step_callback = pre_step_callback


class Kinds(Trainer):
    @staticmethod
    def pre_step_callback() -> None: ...  # error: [AC209]

    @classmethod
    def post_step_callback(cls) -> None: ...  # error: [AC209]

    @property
    def pre_fetch_callback(self) -> int:  # error: [AC209]
        return 1


class Note:
    def __call__(self, trainer: Trainer) -> None:
        print(trainer)


class Objects(Trainer):
    pre_step_callback = Note()  # error: [AC209]
    post_step_callback = every(2, Note())


class Awaited(Trainer):
    async def pre_step_callback(self) -> None: ...  # error: [AC411]

    async def pre_stream_callback(self) -> None: ...  # error: [AC411]

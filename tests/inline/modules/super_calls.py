"""AC304: super() of another event reaches the plain method."""

from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    callbacks = [("pre-step", lambda self: None)]

    def step(self) -> None: ...

    def epoch(self) -> None: ...


class Right(Trainer):
    def step(self) -> None:
        super().step()

    def epoch(self) -> None:
        self.step()
        super().epoch()


class Wrong(Trainer):
    def epoch(self) -> None:
        super().step()  # warning: [AC304]

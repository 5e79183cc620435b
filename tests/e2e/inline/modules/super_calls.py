"""AC304: super() of another event calls the plain method (R54)."""

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
        Trainer.step(self)  # warning: [AC304]
        self.step()

    def fit(self) -> None:
        helpers = [Wrong.step(self) for _ in range(2)]  # warning: [AC304]
        type(self).step(self)
        Other.step(self)
        print(helpers)


class Other:
    def step(self) -> None: ...


def evaluates(trainer: "Trainer") -> None:
    Trainer.step(trainer)  # warning: [AC304]


def right(trainer: "Trainer") -> None:
    trainer.step()


class Entries(Trainer):
    callbacks = [
        ("post-epoch", Trainer.step),  # warning: [AC304]
        ("post-epoch", evaluates),
        ("post-epoch", lambda self: Trainer.step(self)),  # warning: [AC304]
        ("post-epoch", lambda self: self.step()),
        ("post-epoch", right),
        ("post-epoch", Other.step),
    ]

"""AC214: classes in functions cannot be imported."""

from arctic_codegen import CallbackMixin


def make() -> None:
    class Trainer(CallbackMixin):  # warning: [AC214]
        callbacks = [("pre-step", print)]

        def step(self) -> None: ...

    class Silent(CallbackMixin):
        def step(self) -> None: ...

"""AC414: a signature that cannot be determined statically."""

from functools import singledispatch

from arctic_codegen import CallbackMixin


@singledispatch
def note(self: object) -> None:
    print("note")


class Trainer(CallbackMixin):
    callbacks = [
        ("pre-step", note),  # error: [AC414]
        ("pre-step", lambda self: note(self)),
    ]

    def step(self) -> None: ...

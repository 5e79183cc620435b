"""AC013: an ignore comment suppresses findings on its line, and is reported if unused."""

from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    callbacks = [
        ("pre-stp", lambda self: None),  # arctic-codegen: ignore[AC201]
        ("pre-step", lambda self: None),  # arctic-codegen: ignore[AC201]  # warning: [AC013]
    ]

    def step(self) -> None: ...

"""AC013: beside an error, which may hide what a comment silences, only unknown codes are reported."""

from arctic_codegen import CallbackMixin
from not_installed import Base


class Trainer(Base, CallbackMixin):  # error: [AC101]
    callbacks = [
        ("pre-stp", lambda self: None),  # arctic-codegen: ignore[AC201]
        ("pre-step", lambda self: None),  # arctic-codegen: ignore[AC201]
        ("pre-step", lambda self: None),  # arctic-codegen: ignore[AC999]  # warning: [AC013]
    ]

    def step(self) -> None: ...

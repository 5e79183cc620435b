"""AC001: a file that Python cannot read does not hide what is wrong elsewhere."""

from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin:  # error: [AC001]
    pass


# file: app/fine.py
from arctic_codegen import CallbackMixin


class Other(CallbackMixin):
    callbacks = [("pre-stp", lambda self: None)]  # error: [AC201]

    def step(self) -> None: ...

# file: app/refused.py
from app.fine import Other


class Third(Other):
    def step(self) -> None:
        print("step", end="", end="")  # error: [AC001]

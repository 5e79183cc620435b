"""AC212: callbacks of objects of one class are changed in two modules."""

from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self) -> None: ...


# file: app/train_a.py
from generated.app.changes_of_objects import Trainer


def note_a(self: Trainer) -> None: ...


trainer = Trainer()
trainer.callbacks.append(("pre-step", note_a))  # warning: [AC211]

# file: app/train_b.py
from generated.app.changes_of_objects import Trainer


def note_b(self: Trainer) -> None: ...


trainer = Trainer()
trainer.callbacks.append(("pre-step", note_b))  # error: [AC212]  # warning: [AC211]

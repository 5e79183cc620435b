"""AC210 to AC213: statements that change a list."""

from arctic_codegen import CallbackMixin


def note(self) -> None:
    print("note")


class Trainer(CallbackMixin):
    callbacks = [("pre-step", note)]

    def step(self) -> None: ...


class Other(Trainer):
    pass


Trainer.callbacks.append(("post-step", note))  # warning: [AC218]
Trainer.callbacks.extend([("post-step", note)])
Trainer.callbacks.insert(0, ("post-step", note))
Trainer.callbacks += [("post-step", note)]
Other.callbacks = [("post-step", note)]  # warning: [AC219]

if __name__ == "__main__":
    Trainer.callbacks.append(("post-step", note))


def main() -> None:
    Trainer.callbacks.append(("post-step", note))  # error: [AC210]


for _ in range(3):
    Trainer.callbacks.append(("post-step", note))  # error: [AC210]

try:
    Trainer.callbacks.append(("post-step", note))  # error: [AC210]
except ValueError:
    pass

Trainer.callbacks.clear()  # error: [AC213]
Trainer.callbacks.remove(("pre-step", note))  # error: [AC213]
Trainer.callbacks[0] = ("pre-step", note)  # error: [AC213]
setattr(Trainer, "callbacks", [])  # error: [AC213]
del Trainer.callbacks  # error: [AC213]
Trainer.callbacks.append(("pre-stp", note))  # error: [AC201]
unrelated = [3]
unrelated.append(4)

# file: app/far.py
from app.changes import Trainer, note

Trainer.callbacks.append(("post-step", note))  # warning: [AC211]

"""AC217: code that looks like a declaration of callbacks, but is not one (R50)."""

import signal
from typing import Any

from arctic_codegen import CallbackMixin
from arctic_codegen.callbacks import Callback


def note(self) -> None:
    print("note")


def also(self) -> None:
    print("also")


class Base:
    """No host class itself."""

    def before_step_callback(self) -> None:  # warning: [AC217]
        print("before")


class Trainer(Base, CallbackMixin):
    def step(self) -> None: ...

    def loss(self, batch: int) -> int:
        return batch

    def data_load(self) -> None: ...


class Methods(Trainer):
    def post_loss_calback(self, value: int) -> int:  # warning: [AC217]
        return value

    def pre_step_call_back(self) -> None: ...  # warning: [AC217]

    def on_loss_callback(self) -> None: ...  # warning: [AC217]

    def after_step_callback(self) -> None: ...  # warning: [AC217]

    def post_data_load_callbacks(self) -> None: ...  # warning: [AC217]

    def pots_step_callback(self) -> None: ...  # warning: [AC217]

    def postStepCallback(self) -> None: ...  # warning: [AC217]

    pre_step_callbak = note  # warning: [AC217]


class Lists(Trainer):
    callback = [("post-step", note)]  # warning: [AC217]


class Others(Trainer):
    call_backs: list[Any] = [*Trainer.callbacks, ("pre-step", note)]  # warning: [AC217]
    CALLBACKS = (("pre-step", also),)  # warning: [AC217]


class Fine(Trainer):
    """Names that are no declarations and do not look like one, or that have a use."""

    callback = note
    callback_list = [("post-step", note)]
    _callbacks = [("post-step", also)]
    call_backs = [("post-loss", lambda self, value: value)]
    callbacks = [*call_backs, ("pre-step", note)]

    # Helpers.
    def pre_step_callback_helper(self) -> None: ...

    def _pre_step_callback(self) -> None: ...

    # No event of the class.
    def on_epoch_end_callback(self) -> None: ...

    def before_save_callback(self) -> None: ...

    def on_callback(self) -> None: ...

    # Called by itself, or the function of an entry.
    def after_loss_callback(self, value: int) -> int:
        return value

    def loss(self, batch: int) -> int:
        return self.after_loss_callback(super().loss(batch))

    # Something else.
    def post_loss_fallback(self) -> None: ...

    def on_step_callback_fn(self) -> None: ...

    def post_step_rollback(self) -> None: ...

    def post_step_callable(self) -> None: ...

    def step_callback(self) -> None: ...

    def add_step_callback(self) -> None: ...

    on_step_callback = None

    @property
    def post_step_callbacks(self) -> list[str]:
        return []


class Hooks(Trainer):
    """Named as in the class of a `Callback` object, and called by anyone."""

    def post_step(self) -> None: ...

    def pre_loss(self, batch: int) -> int:
        return batch


class Named(Trainer):
    def after_step_callback(self) -> None: ...

    callbacks = [("post-step", after_step_callback)]


class Ported(Callback):
    """With methods that another framework would have called."""

    def on_step_end(self, trainer: Trainer) -> None: ...  # warning: [AC217]

    def after_loss(self, trainer: Trainer) -> None: ...

    def post_step(self, trainer: Trainer) -> None:
        self.on_logged()

    def on_logged(self) -> None: ...

    def pre_step(self, trainer: Trainer) -> None:
        signal.signal(signal.SIGTERM, self.on_train_end)

    def on_train_end(self, *args: Any) -> None: ...

    @property
    def on(self) -> bool:
        return True

    @property
    def on_gpu(self) -> bool:
        return True


class Interface:
    def on_step_end(self, trainer: Trainer) -> None: ...


class OfBoth(Callback, Interface):
    """Another framework calls it, too."""

    def on_step_end(self, trainer: Trainer) -> None: ...

    def post_step(self, trainer: Trainer) -> None: ...


class Child(Ported):
    def on_epoch_end(self, trainer: Trainer) -> None: ...  # warning: [AC217]

    def post_loss(self, trainer: Trainer, value: int) -> int:
        super().on_best_end(trainer)
        return value


class Grandparent(Callback):
    def on_best_end(self, trainer: Trainer) -> None: ...


class Grandchild(Child, Grandparent): ...


class Nothing(Callback):
    def on_device(self) -> None: ...


class Logger:
    """No `Callback`."""

    def on_epoch_end(self, trainer: Trainer) -> None: ...

    def on_fit_end(self, trainer: Trainer) -> None: ...


class Taken(Callback):
    def on_step_end(self, trainer: Trainer) -> None: ...

    def post_step(self, trainer: Trainer) -> None: ...


logger = Logger()
taken = Taken()


class WithObjects(Trainer):
    callbacks = [*Ported(), *OfBoth(), *Grandchild(), *Nothing(), ("post-step", logger.on_epoch_end)]


class WithMethods(Trainer):
    callbacks = [*taken, ("post-step", taken.on_step_end)]

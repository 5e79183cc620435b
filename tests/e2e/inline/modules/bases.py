"""AC101, AC102, AC104, AC301: bases and their order."""

import random

from nowhere import Lost

from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self) -> None: ...


class WithLost(Trainer, Lost):  # error: [AC101]
    pass


class NoMixin(Lost):  # warning: [AC102]
    callbacks = [("pre-step", print)]


class NobodysConcern(Lost):
    pass


class Random(random.choice([Trainer]), Trainer):  # error: [AC104]
    pass


class Parent(Trainer):
    pass


class Unordered(Trainer, Parent):  # error: [AC301]
    pass


class BuiltIn(dict, Trainer):
    pass

"""AC216: two classes of the same kind have the same name."""

from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self) -> None: ...


class DataFactory(CallbackMixin):
    def load(self) -> None: ...


class Small(Trainer):
    name = "small"


class AlsoSmall(Trainer):
    name = "small"  # error: [AC216]


class SmallData(DataFactory):
    name = "small"

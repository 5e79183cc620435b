"""AC303: compiled classes are made from sources, and are no base for them."""

from arctic_codegen import CallbackMixin
from generated.app.compiled_bases import Trainer as Compiled


class Trainer(CallbackMixin):
    def step(self) -> None: ...


class Wrong(Compiled):  # error: [AC303]
    pass

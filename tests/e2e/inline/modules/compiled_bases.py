"""AC303: compiled classes cannot be bases of source classes."""

from arctic_codegen import CallbackMixin
from generated.app.compiled_bases import Trainer as Compiled


class Trainer(CallbackMixin):
    def step(self) -> None: ...


class Wrong(Compiled):  # error: [AC303]
    pass

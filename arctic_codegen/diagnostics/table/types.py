"""5xx: what a type checker finds, told by ``check``."""

from __future__ import annotations

from arctic_codegen.diagnostics.table.entry import Code

_HEAD = """from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self, batch: int) -> None:
        print(batch)

"""

TYPES = (
    Code(
        "AC501",
        "callback-type",
        "The types of a callback do not fit the method.",
        "A callback is called with the object and with what the method receives or returns, and "
        "what it gives back takes the place of that: all of these types have to agree. The words "
        "are those of the type checker, and so is the code in brackets. Only `check` reports this.",
        f"""{_HEAD}    def pre_step_callback(self, batch: int) -> str:
        return str(batch)
""",
        f"""{_HEAD}    def pre_step_callback(self, batch: int) -> int:
        return batch + 1
""",
        runnable=False,
    ),
    Code(
        "AC502",
        "source-type",
        "The type checker finds an error in a source.",
        "`check` passes on what the type checker says of a callback's signature, of what it "
        "returns, and of the arguments of a call that makes one. Errors that have nothing to do "
        "with callbacks are reported by `check --sources` only. The checker's own settings and its "
        "own `# type: ignore` count as always.",
        f"""{_HEAD}    def loss(self) -> int:
        return "low"
""",
        f"""{_HEAD}    def loss(self) -> int:
        return 0
""",
        runnable=False,
    ),
    Code(
        "AC503",
        "compiled-type",
        "A compiled class has a type error that no callback causes.",
        "Where the sources are without a type error, what is compiled from them should be too. "
        "If the method or class named here is right, this is a mistake of the tool: please "
        "report it with that class.",
        "",
        "",
        runnable=False,
    ),
)

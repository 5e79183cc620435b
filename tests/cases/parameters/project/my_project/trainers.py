"""Every kind of parameter survives, and a callback may rewrite any of them in any order."""

from typing import Any

from arctic_codegen import CallbackMixin

UNSET = object()
LIMIT = 4


class Runner(CallbackMixin):
    def run(
        self,
        first: int,
        second: Any = UNSET,
        /,
        third: int = LIMIT,
        *rest: int,
        named: bool,
        box: list[int] = [],
        **options: str,
    ) -> str:
        return f"{first} {second is UNSET} {third} {rest} {named} {box} {options}"

    def print(self, value: int, result: int, self_: int, super: int) -> int:
        return value + result + self_ + super


class Loud(Runner):
    callbacks = [
        ("pre-run", lambda self, third, first: (third + 1, first + 1)),
        ("post-run", lambda it, text: text.upper()),
        ("pre-print", lambda value_, super, value: (super * 2, value * 3)),
        ("post-print", lambda self, result: result + 1),
    ]

    def pre_run_callback(self, *, named: bool) -> bool:
        return not named

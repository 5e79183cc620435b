"""Whether the end of a function is reachable: random bodies, compared with Python's compiler."""

from __future__ import annotations

import dis
import random
import types

import pytest

from tests.unit.scan.scan_support import only


def block(rng: random.Random, depth: int, jump: str) -> list[str]:
    found = []
    for _ in range(rng.choice([1, 1, 2])):
        found += statement(rng, depth, jump)
    return ["    " + line for line in found]


def statement(rng: random.Random, depth: int, jump: str) -> list[str]:
    """Lines of one statement; ``jump`` are the statements that may leave the innermost loop."""
    kind = rng.choice(
        ["plain", *["if", "loop", "loop", "try", "try", "match", "def"] * (depth > 0)]
    )
    if kind == "plain":
        return [rng.choice(["x = a", "call(a)", "return 1", "raise E", jump])]

    def of(header: str, jump: str = jump, share: float = 1) -> list[str]:
        return [header, *block(rng, depth - 1, jump)] if rng.random() < share else []

    if kind == "if":
        orelse = of("else:", share=0.6)
        return [*of("if a:"), *(of("elif b:", share=0.3) if orelse else ()), *orelse]
    if kind == "loop":
        headers = ["while True:", "while a:", "for i in a:"]
        left = rng.choice(["break", "continue", "continue"])
        return [*of(rng.choice(headers), left), *of("else:", share=0.4)]
    if kind == "try":
        handlers = [*of("except E:", share=0.7), *of("except F as e:", share=0.3)]
        orelse = of("else:", share=0.3) if handlers else []
        return [*of("try:"), *handlers, *orelse, *of("finally:", share=0.4 if handlers else 1)]
    if kind == "match":
        cases = of("case 1:") + of(f"case {rng.choice(['_', 'y', '[z]', '_ if b'])}:")
        return ["match a:", *("    " + line for line in cases)]
    return of("def inner():", "pass")


def returns_nothing(text: str) -> bool:
    """Whether the compiled function returns None, which its text never does explicitly."""
    constants = compile(text, "f", "exec").co_consts
    code = next(one for one in constants if isinstance(one, types.CodeType))
    before = None
    for one in dis.get_instructions(code):
        if one.opname == "RETURN_CONST" and one.argval is None:
            return True
        if one.opname == "RETURN_VALUE" and before == ("LOAD_CONST", None):
            return True
        before = (one.opname, one.argval)
    return False


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_the_compiler_finds_the_same(first):
    different = []
    for seed in range(first, first + 100):
        text = "\n".join(["def f(a, b, E, F):", *block(random.Random(seed), 3, "pass"), ""])
        reached, read = returns_nothing(text), only(text).falls_through
        # An unreachable `break` counts as reachable.
        if read != reached and not (read and "break" in text):
            different.append((seed, reached, read))
    assert different == []

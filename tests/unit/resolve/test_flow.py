"""R62: which ranks reach a statement, compared with runs of random functions on two ranks."""

from __future__ import annotations

import ast
import random
from contextlib import nullcontext
from itertools import chain, product, repeat

import pytest

from arctic_codegen.resolve.effects.flow import EVERY, ONE, OTHERS, UNKNOWN, Sides, parts_of

TESTS: dict[str, Sides] = {
    "first": (ONE, OTHERS),
    "not first": (OTHERS, ONE),
    "it": UNKNOWN,
    "other": UNKNOWN,
    "first and it": (ONE, EVERY),
    "first or other": (EVERY, OTHERS),
    "not first and other": (OTHERS, EVERY),
    "not first or it": (EVERY, ONE),
}
PATTERNS = [
    "True",
    "False as it",
    "True if it",
    "_ if first",
    "False | True",
    "None | True",
    "bool()",
]


def sides(test: ast.expr) -> Sides:
    text = ast.unparse(test)
    if text.endswith(" and more()"):
        holds, _ = TESTS[text.removesuffix(" and more()").strip("()")]
        return holds, EVERY
    return TESTS[text]


class Function:
    """A function that records the numbers of the statements that it reaches."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.numbers = 0
        self.text = "\n".join(
            ["def f(first, it, other, hit, around, more):", *self._block(3, " ", ())]
        )

    def _block(self, depth: int, indent: str, leaving: tuple[str, ...]) -> list[str]:
        lines: list[str] = []
        for _ in range(self._random.randint(1, 3)):
            kinds = ["hit"] * 4 + ["if"] * 3 + ["for", "while", "match", "with", "try", "leave"]
            kind = self._random.choice(kinds)
            inner = (*leaving, "continue", "break") if kind in ("for", "while") else leaving
            if kind == "leave":
                lines.append(indent + self._random.choice(["return", "raise KeyError", *leaving]))
                break
            if kind == "hit" or not depth:
                lines.append(f"{indent}hit({self.numbers})")
                self.numbers += 1
                continue
            test = self._random.choice(list(TESTS))
            if kind == "match":
                lines.append(f"{indent}match {test}:")
                for pattern in self._random.sample(PATTERNS, self._random.randint(1, 3)):
                    lines.append(f"{indent} case {pattern}:")
                    lines += self._block(depth - 1, indent + "  ", inner)
                if self._random.random() < 0.5:
                    lines.append(f"{indent} case {self._random.choice(['_', 'kind'])}:")
                    lines += self._block(depth - 1, indent + "  ", inner)
                continue
            heads = {"if": f"if {test}:", "for": "for _ in (1, 2):", "with": "with around:"}
            heads["while"] = f"while ({test}) and more():"
            lines.append(indent + heads.get(kind, "try:"))
            lines += self._block(depth - 1, indent + " ", inner)
            other = {"if": "else:", "try": "except ValueError:"}.get(kind)
            if other and (kind == "try" or self._random.random() < 0.5):
                lines += [indent + other, *self._block(depth - 1, indent + " ", inner)]
        return lines


@pytest.mark.parametrize("start", [0, 200, 400])
def test_R62_only_the_ranks_that_may_come_do_and_what_is_certain_always_runs(start):
    for seed in range(start, start + 200):
        function = Function(seed)
        (node,) = ast.parse(function.text).body
        hits = {}
        for part in parts_of(node, sides, "m.py"):
            if isinstance(getattr(part.node, "value", None), ast.Call):
                hits[part.node.value.args[0].value] = part
        names: dict = {}
        exec(function.text, names)
        for first, it, other in product((True, False), repeat=3):
            came: list[int] = []
            more = chain([True] * 3, repeat(False)).__next__
            try:
                names["f"](first, it, other, came.append, nullcontext(), more)
            except KeyError:
                came.append(-1)
            side = "one" if first else "others"
            for number in range(function.numbers):
                part = hits.get(number)
                may = part is not None and side in part.present.ranks
                assert may or number not in came, (seed, number, function.text)
                if may and part.certain and -1 not in came:
                    assert number in came, (seed, number, function.text)

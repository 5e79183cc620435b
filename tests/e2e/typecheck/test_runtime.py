"""Correct training code passes ``mypy --strict`` (R34), and wrong code does not."""

from __future__ import annotations

from mypy import api

RIGHT = """
from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from arctic_codegen import CallbackMixin, every, optional, rank_zero, replaces_inherited
from arctic_codegen.runtime import closed, default_of, listed, prove, script, stated, verify

B = TypeVar("B")


def log(self: object) -> None: ...


def rewrite(self: object, batch: int) -> int:
    return batch


entry = ("pre-init", log)


class A(CallbackMixin):
    callbacks = [("post-step", log), ("pre-step", rewrite), ("post-x", lambda self: 1), entry]

    def step(self, batch: int) -> int:
        return batch


class Empty(CallbackMixin):
    callbacks = []


class Plus(A):
    callbacks = A.callbacks + [("post-step", log)]


class Annotated(A):
    callbacks: list[tuple[str, Callable[..., Any]]] = [*A.callbacks, ("post-step", every(9, log))]


class G(CallbackMixin, Generic[B]):
    callbacks = [("post-step", optional(log)), ("post-step", rank_zero(rewrite))]

    @replaces_inherited
    def post_step_callback(self, value: B) -> B:
        return value


class Keyword(A, key="x"): ...


number: int = G[int]().post_step_callback(3)
A.callbacks.append(entry)
A.callbacks += [entry]
A.callbacks = [entry]
value: int = rank_zero(rewrite)(A(), 3)
verify("file", "module")
prove(globals(), sys, "")


class Compiled(A):
    __arctic_source__ = A
    callbacks: list[tuple[str, Callable[..., Any]]] = closed(
        ("post-step", log),
        ("x", listed(A, "post-x", "m.A.<lambda>")),
        ("y", script("m", "m.py", "f")),
    )
    second: Any = listed(A, "post-x", "m.A.<lambda>", 1, of=2, by="m")
    other: Any = stated(A, "m", "m.py", "A.callbacks", "post-x", "m.<lambda>", 0, inside=True)

    def step(self, batch: int = default_of(A.step, "batch")) -> int:
        return A.step(self, batch)


Compiled().callbacks.append(entry)


class Short(A):
    __arctic_source__ = A
    callbacks = closed(A)


Short().callbacks.append(entry)
"""

WRONG = """
from arctic_codegen import CallbackMixin, every, rank_zero


def log(self: object) -> None: ...


class A(CallbackMixin):
    callbacks = ["post-step"]  # wrong


class B(CallbackMixin):
    callbacks = [("post-step", 3)]  # wrong


A.callbacks.append(log)  # wrong
every("3", log)  # wrong
rank_zero(log)(1, 2)  # wrong
"""


def check(tmp_path, text):
    path = tmp_path / "sample.py"
    path.write_text(text, encoding="utf-8")
    out, err, _ = api.run(
        ["--strict", "--config-file=", f"--cache-dir={tmp_path / 'cache'}", str(path)]
    )
    assert not err
    return [line for line in out.splitlines() if ": error:" in line]


def test_R34_sources_and_compiled_classes_pass_the_type_checker(tmp_path):
    assert check(tmp_path, RIGHT) == []


def test_R34_mistakes_do_not(tmp_path):
    wrong = [n for n, line in enumerate(WRONG.splitlines(), 1) if line.endswith("# wrong")]
    assert sorted({int(line.split(":")[1]) for line in check(tmp_path, WRONG)}) == wrong

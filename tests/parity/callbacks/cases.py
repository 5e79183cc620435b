"""The form of a case, and the number of cases per process."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tests.harness import Project, forked

Mode = Literal["uncompiled", "documented", "runtime"]
"""ArcticTraining's own runtime, or classes compiled with one of the semantics."""

BASE = """
from abc import ABC, abstractmethod
from typing import Any

from arctic_training.callback.mixin import CallbackMixin, callback_wrapper

SAID: list[Any] = []


def say(*words: Any) -> None:
    SAID.append(" ".join(map(str, words)))


class Block(ABC, CallbackMixin):
    \"""Methods of every shape that callbacks may surround.\"""

    size = 5

    @callback_wrapper("nothing")
    def nothing(self) -> int:
        say("nothing")
        return self.size

    @callback_wrapper("one")
    def one(self, a: int) -> int:
        say("one", a)
        return a * 10

    @callback_wrapper("two")
    def two(self, a: int, b: int = 3) -> int:
        say("two", a, b)
        return a * b

    @callback_wrapper("silent")
    def silent(self, a: int) -> None:
        say("silent", a)
        self.size += a

    @callback_wrapper("outer")
    def outer(self, a: int) -> int:
        say("outer", a)
        return self.one(a) + 1

    @callback_wrapper("untold")
    def untold(self, a):
        say("untold", a)
        return a + 1

    @callback_wrapper("halves")
    def split_halves(self, a: int) -> int:
        say("halves", a)
        return a // 2

    @callback_wrapper("make_it")
    def make_it(self, a: int) -> int:
        say("make it", a)
        return a

    @callback_wrapper("fails")
    def fails(self, a: int) -> int:
        say("fails", a)
        raise KeyError(a)
"""

HEADER = "from app.base import Block, CallbackMixin, callback_wrapper, say\n"


@dataclass(frozen=True)
class Case:
    """A module, the calls to make, and the expected results.

    ``calls`` are expressions in the namespace of the module. The results are all arguments of
    ``say``, the value of each call after ``=``, and for an exception ``!`` and its type.
    ``uncompiled`` and ``runtime`` are given if ArcticTraining's runtime, or classes compiled with
    its semantics, differ from the documentation.
    """

    name: str
    source: str
    calls: tuple[str, ...]
    wanted: tuple[str, ...]
    uncompiled: tuple[str, ...] | None = None
    runtime: tuple[str, ...] | None = None
    future: bool = False
    """Whether the module begins with ``from __future__ import annotations``."""
    warned: tuple[str, ...] = ()
    """The codes of the warnings that a build reports."""

    def expected(self, mode: Mode) -> list[str]:
        if mode == "uncompiled" and self.uncompiled is not None:
            return list(self.uncompiled)
        if mode == "runtime" and self.runtime is not None:
            return list(self.runtime)
        return list(self.wanted)

    @property
    def module(self) -> str:
        future = "from __future__ import annotations\n" if self.future else ""
        return future + HEADER + "\n" + self.source.strip() + "\n"


RUNNER = """
import importlib, json, sys

package, asked = sys.argv[1], json.loads(sys.argv[2])
from app.base import SAID

told = {}
for name, calls in asked:
    SAID.clear()
    try:
        names = vars(importlib.import_module(f"app.{name}")).copy()
        names.update(vars(importlib.import_module(f"{package}.{name}")))
    except Exception as error:
        SAID.append(f"! import {type(error).__name__}: {error}")
    else:
        for call in calls:
            try:
                value = eval(call, names)
            except Exception as error:
                SAID.append(f"! {type(error).__name__}")
            else:
                if value is None or isinstance(value, (int, float, str, bool, tuple, list)):
                    SAID.append(f"= {value!r}")
    told[name] = list(SAID)
print("TOLD" + json.dumps(told))
"""


def config(mode: Mode, more: str = "") -> str:
    semantics = "documented" if mode == "uncompiled" else mode
    return f'[tool.arctic-codegen]\nsources = ["app"]\nsemantics = "{semantics}"\n{more}'


def project_of(root: Path, cases: Sequence[Case], mode: Mode, more: str = "") -> Project:
    """A project with a module for each case."""
    files = {"app/__init__.py": "", "app/base.py": BASE}
    files |= {f"app/{case.name}.py": case.module for case in cases}
    return Project(root, files, config(mode, more))


def run_cases(project: Project, cases: Sequence[Case], mode: Mode) -> dict[str, list[str]]:
    """Run all cases in one fresh process, after a build for compiled modes; returns their
    output."""
    if mode != "uncompiled":
        ran = project.build()
        assert ran.code == 0, ran.stdout + ran.stderr
        assert [(path, code) for path, _, code in ran.codes] == sorted(
            (f"app/{case.name}.py", code) for case in cases for code in case.warned
        ), ran.stdout
    package = "app" if mode == "uncompiled" else "generated.app"
    asked = json.dumps([(case.name, case.calls) for case in cases])
    done = forked("blocks", ["-c", RUNNER, package, asked], project.root)
    assert done.returncode == 0, done.stdout + done.stderr
    told: dict[str, list[str]] = json.loads(done.stdout.rpartition("TOLD")[2])
    return told

"""Random projects whose modules bind names in every statically known way."""

from __future__ import annotations

import random

NAMES = ("A", "B", "C", "D", "E", "F", "_G")
FILES = {
    "m0": "m0.py",
    "pkg": "pkg/__init__.py",
    "m1": "m1.py",
    "pkg.sub": "pkg/sub/__init__.py",
    "pkg.x": "pkg/x.py",
    "pkg.sub.z": "pkg/sub/z.py",
    "pkg.y": "pkg/y.py",
    "m2": "m2.py",
}
"""In order of creation: each imports from those before it."""
_TESTS = (
    "True", "0", "not 0", "__name__ == '__main__'", "__debug__", "True and not False", "0 or 1",
)  # fmt: skip
_VIEWS = ("sys.version_info >= (3, 8)", "sys.platform == 'nowhere'", "not TYPE_CHECKING")
_IMPORTS = (
    "import nothing_here", "from nothing import X", "from m0 import no_such_name", "import json",
    "import m0",
)  # fmt: skip
_CAUGHT = (" ImportError", " Exception", " (ImportError, OSError)", "")


class Generator:
    """Writes one project for each seed; every module of it can be imported."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._known: dict[str, set[str]] = {}
        self._bound: set[str] = set()
        self._here = ""
        self._earlier: list[str] = []

    def project(self) -> dict[str, str]:
        """The text of each module."""
        texts: dict[str, str] = {}
        for module in FILES:
            self._here = module
            self._earlier = list(texts)
            self._bound = set()
            lines = ["from typing import TYPE_CHECKING", "import sys"]
            for _ in range(self._random.randint(2, 9)):
                lines += self._statement(0)
            if self._random.random() < 0.4:
                lines += self._all()
            texts[module] = "\n".join(lines) + "\n"
            self._known[module] = set(self._bound)
        return texts

    def _all(self) -> list[str]:
        names = [name for name in NAMES if name in self._bound and self._random.random() < 0.7]
        half = len(names) // 2
        change = self._random.choice(
            ["__all__.append('{}')", "__all__ += ['{}']", "__all__.extend(('{}',))"]
        )
        return self._random.choice(
            [
                [f"__all__ = {names!r}"],
                [f"__all__ = {tuple(names)!r}"],
                [f"__all__ = {names[:half]!r} + {names[half:]!r}"],
                ["__all__ = []", *(change.format(name) for name in names)],
            ]
        )

    def _name(self) -> str:
        name = self._random.choice(NAMES)
        self._bound.add(name)
        return name

    def _value(self) -> str:
        bound = sorted(self._bound)
        choices = ["lambda: 0", str(self._random.randint(0, 3))]
        if bound:
            one, other = self._random.choice(bound), self._random.choice(bound)
            test = self._random.choice(_TESTS)
            choices += [one, other, one, f"({one} if {test} else {other})"]
        return self._random.choice(choices)

    def _from(self, target: str) -> str:
        """The name of another module after ``from`` in this module."""
        is_package = FILES[self._here].endswith("__init__.py")
        parts = self._here.split(".") if is_package else self._here.split(".")[:-1]
        for up in range(len(parts)):
            base = parts[: len(parts) - up]
            if target.split(".")[: len(base)] == base and self._random.random() < 0.7:
                return "." * (up + 1) + ".".join(target.split(".")[len(base) :])
        return target

    def _statement(self, depth: int) -> list[str]:
        kinds = [self._function, self._class, self._assign, self._assign, self._with, self._loop]
        if self._bound:
            kinds.append(self._delete)
        if self._earlier:
            kinds += [self._from_import, self._from_import, self._import]
            if depth == 0:
                kinds.append(self._star)
        if depth < 2:
            return self._random.choice([*kinds, lambda: self._branch(depth)])()
        return self._random.choice(kinds)()

    def _function(self) -> list[str]:
        return [f"def {self._name()}(): pass"]

    def _class(self) -> list[str]:
        body = ["    def method(self): pass", "    alias = method"]
        if self._bound:
            other = self._random.choice(sorted(self._bound))
            body += [f"    attribute = {other}", f"    {other} = {other}"]
            body += [f"    class Inner: {other} = {other}"]
        return [f"class {self._name()}:", *body]

    def _assign(self) -> list[str]:
        one, other = self._value(), self._value()
        form = self._random.choice(
            ["{0} = {2}", "{0} = {1} = {2}", "{0}, {1} = {2}, {3}", "{0}: object = {2}"]
        )
        first = self._name()
        second = self._name() if "{1}" in form else ""
        return [form.format(first, second, one, other)]

    def _with(self) -> list[str]:
        value = self._value()
        return ["with __import__('contextlib').nullcontext():", f"    {self._name()} = {value}"]

    def _loop(self) -> list[str]:
        value = self._value()
        return ["for _i in range(1):", f"    {self._name()} = {value}"]

    def _delete(self) -> list[str]:
        name = self._random.choice(sorted(self._bound))
        self._bound.discard(name)
        return [f"del {name}"]

    def _from_import(self) -> list[str]:
        target = self._random.choice(self._earlier)
        if not self._known[target]:
            return []
        name = self._random.choice(sorted(self._known[target]))
        if self._random.random() < 0.5:
            return [f"from {self._from(target)} import {name} as {self._name()}"]
        self._bound.add(name)
        return [f"from {self._from(target)} import {name}"]

    def _star(self) -> list[str]:
        return [f"from {self._from(self._random.choice(self._earlier))} import *"]

    def _import(self) -> list[str]:
        target = self._random.choice(self._earlier)
        if "." in target and self._random.random() < 0.5:
            parent, _, last = target.rpartition(".")
            return [f"from {self._from(parent)} import {last}"]
        return [f"import {target} as module"]

    def _branch(self, depth: int) -> list[str]:
        before = set(self._bound)
        first = [line for _ in range(2) for line in self._statement(depth + 1)] or ["pass"]
        after, self._bound = self._bound, before
        second = [line for _ in range(2) for line in self._statement(depth + 1)] or ["pass"]
        self._bound &= after
        one, other = (["    " + line for line in part] for part in (first, second))
        if self._random.random() < 0.5:
            test = self._random.choice([*_TESTS, *_VIEWS])
            return [f"if {test}:", *one, "else:", *other]
        tried, caught = self._random.choice(_IMPORTS), self._random.choice(_CAUGHT)
        return ["try:", f"    {tried}", *one, f"except{caught}:", *other]

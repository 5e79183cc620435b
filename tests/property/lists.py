"""Random programs that create lists of callbacks in every way that Python has.

A build may read a program, or reject it with a finding. If it reads the program, the result is
right, or the import of the compiled module reports the difference (R48). There is no other outcome.
"""

from __future__ import annotations

import random
from collections.abc import Callable

HEAD = """
import functools, random
from arctic_codegen import CallbackMixin

LOG = []

class Base(CallbackMixin):
    def step(self): LOG.append("step")
    def done(self): LOG.append("done")

def make(text):
    def inner(self): LOG.append(text)
    return inner

class Note:
    def __init__(self, text): self.text = text
    def __call__(self, trainer): LOG.append(self.text)

def say(text, self): LOG.append(text)
def append(where, entry): where.append(entry)
def extend(where, *entries):
    for entry in entries: where.append(entry)
def put(where, at=0):
    def wrap(fn):
        where.insert(at, ("post-step", fn))
        return fn
    return wrap
def turn(where): where[:] = where[::-1]
def drop(where): where.pop(random.Random(len(where)).randrange(len(where))) if where else None

class Holder:
    items = []
    @classmethod
    def add(cls, entry): cls.items.append(entry)
    def put(self, entry): self.items.append(entry)
"""


class ListProgram:
    """One program, made from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._count = 0
        self._lists: list[str] = []
        self.lines: list[str] = [HEAD]
        self._classes = 0
        for _ in range(self._random.randrange(1, 4)):
            self._new_list()
        for _ in range(self._random.randrange(2, 9)):
            self._random.choice(self._statements())()
        for _ in range(self._random.randrange(1, 4)):
            self._class()
            for _ in range(self._random.randrange(0, 3)):
                self._random.choice(self._statements())()

    @property
    def text(self) -> str:
        return "\n".join(self.lines) + "\n"

    @property
    def classes(self) -> list[str]:
        return [f"T{number}" for number in range(self._classes)]

    def _statements(self) -> list[Callable[[], None]]:
        plain = [self._append, self._extend, self._insert, self._new_list, self._plus]
        hidden = [self._hidden, self._alias, self._loop, self._holder, self._decorated]
        return plain * 3 + hidden

    def _name(self) -> str:
        self._count += 1
        return f"n{self._count}"

    def _callable(self) -> str:
        name = self._name()
        kind = self._random.randrange(6)
        if kind == 0:
            self.lines.append(f"def {name}(self): LOG.append({name!r})")
            return name
        return [
            f"lambda self: LOG.append({name!r})",
            f"make({name!r})",
            f"functools.partial(say, {name!r})",
            f"Note({name!r})",
            f"lambda self: LOG.append({name!r})",
        ][kind - 1]

    def _entry(self) -> str:
        event = self._random.choice(("pre-step", "post-step", "post-done"))
        return f'("{event}", {self._callable()})'

    def _some(self) -> str:
        return ", ".join(self._entry() for _ in range(self._random.randrange(1, 4)))

    def _list(self) -> str:
        return self._random.choice(self._lists)

    def _new_list(self) -> None:
        name = f"L{len(self._lists)}"
        entries = self._some()
        value = self._random.choice((f"[{entries}]", f"list(({entries},))", "[]"))
        if self._lists and self._random.random() < 0.3:
            other = self._list()
            forms = ("[*{0}, {1}]", "{0} + [{1}]", "{0}[:]", "{0}.copy()", "list({0})", "{0}")
            value = self._random.choice(forms).format(other, self._entry())
        self.lines.append(f"{name} = {value}")
        self._lists.append(name)

    def _append(self) -> None:
        self.lines.append(f"{self._list()}.append({self._entry()})")

    def _extend(self) -> None:
        self.lines.append(f"{self._list()}.extend([{self._some()}])")

    def _insert(self) -> None:
        self.lines.append(
            f"{self._list()}.insert({self._random.randrange(-2, 3)}, {self._entry()})"
        )

    def _plus(self) -> None:
        self.lines.append(f"{self._list()} += [{self._some()}]")

    def _hidden(self) -> None:
        name, entry = self._list(), self._entry()
        forms = (
            "append({0}, {1})",
            "extend({0}, {1})",
            "turn({0})",
            "drop({0})",
            "list(map({0}.append, [{1}]))",
            "getattr({0}, 'app' + 'end')({1})",
            "globals()[{0!r}].append({1})",
            "(lambda where: where.append({1}))({0})",
            "random.Random(1).shuffle({0})",
        )
        self.lines.append(self._random.choice(forms).format(name, entry))

    def _alias(self) -> None:
        alias = self._name()
        self.lines.append(f"{alias} = {self._list()}")
        form = self._random.choice(("{0}.append({1})", "{0} += [{1}]", "add_{0} = {0}.append"))
        line = form.format(alias, self._entry())
        self.lines.append(line)
        if line.startswith("add_"):
            self.lines.append(f"add_{alias}({self._entry()})")

    def _loop(self) -> None:
        self.lines.append(f"for fn in [{self._callable()}, {self._callable()}]:")
        self.lines.append(f"    {self._list()}.append(('post-step', fn))")

    def _holder(self) -> None:
        name = self._list()
        form = self._random.choice(
            ("Holder.add({0})", "Holder().put({0})", "Holder.items.append({0})")
        )
        self.lines.append(form.format(self._entry()))
        if self._random.random() < 0.5:
            self.lines.append(f"{name}.extend(Holder.items)")

    def _decorated(self) -> None:
        name = self._name()
        self.lines.append(f"@put({self._list()}, {self._random.randrange(2)})")
        self.lines.append(f"def {name}(self): LOG.append({name!r})")

    def _class(self) -> None:
        name = f"T{self._classes}"
        base = "Base"
        if self._classes and self._random.random() < 0.5:
            base = f"T{self._random.randrange(self._classes)}"
        other = self._list()
        forms = ["{0}", "list({0})", "[*{0}, {1}]", "{0} + [{1}]", "Holder.items", "[{1}, {1}]"]
        value = self._random.choice(forms).format(other, self._entry())
        self.lines.append(f"class {name}({base}):\n    callbacks = {value}")
        self._classes += 1
        if self._random.random() < 0.4:
            change = self._random.choice(
                (
                    "{0}.callbacks.append({1})",
                    "{0}.callbacks.insert(0, {1})",
                    "append({0}.callbacks, {1})",
                )
            )
            self.lines.append(change.format(name, self._entry()))

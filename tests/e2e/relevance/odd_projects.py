"""Random projects whose modules import each other, and host classes, in unusual ways."""

from __future__ import annotations

import random
from collections.abc import Mapping

MODULES = {
    "pkg": "src/pkg/__init__.py",
    "pkg.a": "src/pkg/a.py",
    "pkg.b": "src/pkg/b.py",
    "pkg.sub": "src/pkg/sub/__init__.py",
    "pkg.sub.c": "src/pkg/sub/c.py",
    "pkg.sub.d": "src/pkg/sub/d.py",
    "pkg.space.e": "src/pkg/space/e.py",
    "other": "src/other/__init__.py",
    "other.f": "src/other/f.py",
    "other.g": "src/other/g.py",
    "lone": "src/lone.py",
    "beside": "src/beside.py",
    "beside_pkg.h": "src/beside_pkg/h.py",
}
NAMES = ("Root", "Root", "Root", "Base", "Base", "T", "U", "NS", "LIST", "make")
BASES = ("CallbackMixin", "object", "Exception", "Generic[V]", "Protocol")


def odd_project(seed: int) -> dict[str, str]:
    """The files of a project by path, including ``pyproject.toml``."""
    return _Maker(random.Random(seed)).project()


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.module = ""
        self.tidy = chance.random() < 0.6
        """The sources contain only the chains, so that there is usually output."""

    def project(self) -> dict[str, str]:
        chosen = {name: path for name, path in MODULES.items() if self.chance.random() < 0.8}
        chosen.setdefault("lone", MODULES["lone"])
        self.modules = [*chosen]
        files = {path: self.text(name) for name, path in chosen.items()}
        for number in range(self.chance.randrange(4)):
            for name, lines in self.chain(number).items():
                path = MODULES[name]
                files[path] = files.get(path, "") + lines
        if self.chance.random() < 0.2:
            files["src/broken.py"] = self.chance.choice(
                ["x = (\n", "def f(:\n", 'x = "\n', "class A(Root: pass\n", "if 1:\nx\n"]
            )
        sources = ["src/pkg", "src/other", "src/lone.py"]
        if "src/broken.py" in files:
            sources.append("src/broken.py")
        if self.chance.random() < 0.15:
            sources[0] = "src/pkg/sub"
        if self.tidy or self.chance.random() < 0.7:
            files["src/lone.py"] = f"{_MIXIN[0]}\n{_ROOT}" + files["src/lone.py"]
        kept = [source for source in sources if any(path.startswith(source) for path in files)]
        files["pyproject.toml"] = (
            f'[tool.arctic-codegen]\nsources = {kept!r}\nsrc = ["src"]\n'
            'output = "src/generated"\nlate-callbacks = false\n'
        ).replace("'", '"')
        return files

    def chain(self, number: int) -> dict[str, str]:
        """Modules in which one passes a host class to the next, or changes one."""
        first, second, third = self.chance.sample([*self.modules], 3)
        hidden = f"Hidden{number}"
        bound = self.chance.choice(
            [
                f"{hidden} = Start",
                f"{hidden}: type = Start",
                f"if ({hidden} := Start): pass",
                f"class {hidden}(Start): pass",
                f"_x, {hidden} = 1, Start",
                f"class Inside{number}:\n    {hidden} = Start",
                f"def way(): return Start\n{hidden} = Start",
            ]
        )
        start = self.chance.choice(
            [
                "from lone import Root as Start",
                "import lone as start\nStart = start.Root",
                "from arctic_codegen import CallbackMixin as Start",
                "import arctic_codegen.runtime as r\nStart = r.CallbackMixin",
            ]
        )
        inside = f"Inside{number}.{hidden}" if bound.startswith("class Inside") else hidden
        top = inside.partition(".")[0]
        got, used = self.chance.choice(
            [
                (f"from {first} import {top}", inside),
                (f"from {first} import {top} as q", inside.replace(top, "q")),
                (f"import {first}", f"{first}.{inside}"),
                (f"import {first} as q", f"q.{inside}"),
                (f"from {first} import *", inside),
            ]
        )
        entry = "('pre-step', lambda self, x: x)"
        if self.chance.random() < 0.2:
            change = self.chance.choice(["append({})", "extend([{}])", "insert(0, {})"])
            return {
                first: f"{start}\n{bound}\n",
                second: f"{got}\n{used}.callbacks.{change.format(entry)}\n",
            }
        body = self.chance.choice(["pass", "def step(self, x: int) -> int: return x", "name = 'n'"])
        again = self.chance.choice([f"import {second}", f"from {second} import Found{number}"])
        return {
            first: f"{start}\n{bound}\n",
            second: f"{got}\nclass Found{number}({used}):\n    {body}\n",
            third: f"{again}\n",
        }

    def text(self, module: str) -> str:
        self.module = module
        lines = ["from typing import Generic, Protocol, TypeVar", "V = TypeVar('V')"]
        if not self.tidy and self.chance.random() < 0.4:
            lines += [_MIXIN[0], _ROOT] if self.chance.random() < 0.6 else [self.a_mixin()]
        for _ in range(0 if self.tidy else self.chance.randrange(1, 8)):
            lines.append(self.chance.choice(self.KINDS)(self))
        if not self.tidy and self.chance.random() < 0.05:
            lines.append("x = 1  # arctic-codegen: ignore[AC102]")
        return "\n".join(lines) + "\n"

    def a_mixin(self) -> str:
        return self.chance.choice(_MIXIN)

    def name(self) -> str:
        return self.chance.choice(NAMES)

    def an_import(self) -> str:
        other = self.chance.choice([*self.modules, "lone", "lone"])
        package, _, last = other.rpartition(".")
        name, new = self.name(), self.name()
        forms = [
            f"from {other} import {name}",
            f"from {other} import {name}",
            f"from {other} import {name} as {new}",
            f"from {other} import {name}, {self.name()} as {new}, {self.name()}",
            f"from {other} import (  # all of ) it\n    {name},\n    {self.name()} as {new},\n)",
            f"from {other} \\\n    import \\\n    {name}",
            f"import {other}",
            f"import {other} as {new}",
            f"import os, {other} as {new}",
            f"import os, \\\n    {other}",
            f"from {other} import *",
            f"try:\n    from {other} import {name}\nexcept ImportError:\n    {name} = None",
            f"if 1: from {other} import {name}; y = 1",
            f"def load():\n    from {other} import {name}\n    class Inner({name}): callbacks = []",
            f"from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from {other} import {name}",
        ]
        if package:
            forms += [f"from {package} import {last}", f"from {package} import {last} as {new}"]
        if other.partition(".")[0] == self.module.partition(".")[0] and "." in self.module:
            dots = "." * self.module.count(".")
            tail = other.partition(".")[2]
            forms += [f"from {dots}{tail} import {name}", f"from {dots} import {tail or name}"] * 2
            forms += [f"from {dots}  import {name}", f"from{dots}{tail} import *"]
        text = self.chance.choice(forms)
        return text.replace(" import ...", " import ")

    def base(self) -> str:
        other = self.chance.choice(self.modules)
        last = other.rpartition(".")[2]
        return self.chance.choice(
            [self.name()] * 12
            + [f"{other}.{self.name()}", f"{last}.{self.name()}", f"NS.{self.name()}"]
            + [f"{self.name()}.{self.name()}", f"{self.name()}[int]", f"make({self.name()})"]
            + [*BASES, "arctic_codegen.CallbackMixin", "ac.CallbackMixin"]
        )

    def a_class(self) -> str:
        bases = ", ".join({self.base(): None for _ in range(self.chance.randrange(3))})
        name = self.name()
        header = self.chance.choice(
            [
                f"class {name}({bases}):",
                f"class {name}({bases}):",
                f"class {name}(\n    {bases}  # of it )\n):",
                f"class {name}\\\n    ({bases})  :",
                f"class\t{name} ( {bases} ) :",
            ]
        )
        bodies = [
            "    pass",
            "    def step(self, x: int) -> int:\n        return x",
            "    callbacks = [('pre-step', note)]\n    def step(self, x): return x",
            "    callbacks = [*LIST]",
            "    callbacks = LIST + MORE",
            "    callbacks = NS.LIST",
            "    def post_step_callback(self): pass",
            "    for callbacks in [[]]: pass",
            f"    T = {self.name()}\n    LIST = []",
            f"    class U({self.name()}): pass",
            f"    {self.name()} = {self.name()}",
        ]
        text = f"def note(self, x): return None\n{header}\n{self.chance.choice(bodies)}"
        if self.chance.random() < 0.15:
            text = "def outer():\n" + "\n".join("    " + line for line in text.splitlines())
        return text

    def an_alias(self) -> str:
        new, name = self.name(), self.name()
        return self.chance.choice(
            [
                f"{new} = {name}",
                f"{new}: type = {name}",
                f"{new}, {self.name()} = {name}, {self.name()}",
                f"{new} = {self.name()} = {name}",
                f"if ({new} := {name}): pass",
                f"for {new} in ({name}, {self.name()}): pass",
                f"with open({name}) as {new}: pass",
                f"class NS:\n    {new} = {name}",
                f"NS.{new} = {name}",
                f"{new} = {name}.{self.name()}",
                f"{new} = {self.chance.choice(self.modules)}.{name}",
                f"{new} = {{1: {name}}}[1]",
                f"{new} = {name} if x else {self.name()}",
                f"\N{FULLWIDTH LATIN CAPITAL LETTER T} = {name}",
                f"def make(x): return {name}",
                "LIST = []",
                "LIST = [('pre-step', make)]",
                f"LIST = {name}.callbacks",
                f"{new} = LIST",
                f"__all__ = ['{name}', '{new}']",
                f"globals()['{new}'] = {name}",
            ]
        )

    def a_change(self) -> str:
        name = self.name()
        other = self.chance.choice(self.modules)
        entry = "('pre-step', make)"
        text = self.chance.choice(
            [
                f"{name}.callbacks.append({entry})",
                f"{other}.{name}.callbacks.append({entry})",
                f"{name}.callbacks += [{entry}]",
                f"{name}.callbacks = [{entry}]",
                f"LIST.append({entry})",
                f"{other}.LIST.append({entry})",
                f"LIST += [{entry}]",
                "del LIST[0]",
                f"LIST[0] = {entry}",
                f"LIST, x = [], {entry}",
                f"x = {name}.callbacks\nx.append({entry})",
                f"list.append({name}.callbacks, {entry})",
                f"{name}.callbacks.append({entry}) if x else None",
                f"setattr({name}, 'callbacks', [])",
                f"setattr({name}, 'call\\x62acks', [])",
                f"setattr({name}, 'post_step_call\\142ack', make)",
                f"{name}.post_step_callback = make",
                f"del {name}.post_step_callback",
                f"obj = {name}()\nobj.callbacks.append({entry})",
                f"for c in ({name}, {self.name()}): c.callbacks.append({entry})",
                f"def later():\n    LIST.append({entry})\n    {name}.callbacks.append({entry})",
                f"await_ = lambda: LIST.append({entry})",
            ]
        )
        if self.chance.random() < 0.2:
            text = "if True:\n" + "\n".join("    " + line for line in text.splitlines())
        return text

    KINDS = (an_import, an_import, an_import, a_class, a_class, an_alias, a_change)


_ROOT = """\
LIST = [("pre-step", lambda self, x: x)]
def make(self, x: int) -> int: return x
class Root(CallbackMixin):
    callbacks = [*LIST]
    def step(self, x: int) -> int:
        return x
"""
_MIXIN = (
    "from arctic_codegen import CallbackMixin",
    "from arctic_codegen import CallbackMixin as Root",
    "import arctic_codegen",
    "import arctic_codegen as ac",
    "import arctic_codegen.runtime as NS",
    "from arctic_codegen import *",
    "from arctic_codegen.runtime import *",
    "from arctic_codegen import \\\n    CallbackMixin",
    "from generated.pkg.a import Base",
    "import generated.pkg.a as T",
    "from src import generated",
)


def written(files: Mapping[str, str]) -> str:
    """A project as a single text, for a message."""
    return "\n".join(f"# ---- {path}\n{text}" for path, text in sorted(files.items()))

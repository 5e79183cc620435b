"""Random projects: modules, classes, and callbacks declared in every way."""

from __future__ import annotations

import abc as abc_module
import random
import types
from dataclasses import dataclass, field

from tests.property.entries import EntryWriter, Module
from tests.property.methods import TRACE, Event, callback, calls, method, random_event

EVENT_NAMES = ["step", "epoch", "load_batch", "run_all", "evaluate"]


class Mixin:
    """Stands for the mixin among the bases of shapes."""


@dataclass
class RandomProject:
    name: str
    files: dict[str, str]
    modules: list[str]
    """Dotted names, in order of import."""
    calls: dict[str, dict]
    """For each method: its kind, and the ways to call it."""
    warnings: bool = False
    """Whether it changes a list from another module, which is a warning."""


@dataclass
class Cls:
    """A class so far: everything that the generator needs to derive from it."""

    name: str
    module: Module
    shape: type
    """An empty class with the same bases: Python itself decides what can be ordered."""
    host: bool
    abc: bool
    own: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    """Names of its own callback methods."""
    declared: bool = False
    changed_elsewhere: bool = False
    plain_methods: set[str] = field(default_factory=set)
    """Names of its own methods that do not call the parent's."""
    root: bool = False
    """The nearest host class among its ancestors."""
    list_is_read: bool = False
    """Whether another class's list contains ``Class.callbacks``."""


class Generator:
    def __init__(self, seed: int, typed: bool = False) -> None:
        self.rng = random.Random(seed)
        self.typed = typed
        self.package = f"proj{seed}{'t' if typed else ''}"
        names = self.rng.sample(EVENT_NAMES, self.rng.randint(2, 4))
        self.events = [
            random_event(self.rng, n, i, typed) for i, n in enumerate(["__init__", *names])
        ]
        self.modules: list[Module] = []
        self.classes: list[Cls] = []
        self.by_shape: dict[type, Cls] = {}
        self.entries = EntryWriter(self.rng, self.package, typed)
        self.warnings = False

    def project(self) -> RandomProject:
        count = self.rng.randint(2, 4)
        for i in range(count):
            module = Module(self.package, self.rng.choice(["", "z_", "a_"]) + f"m{i}")
            self.modules.append(module)
            for _ in range(self.rng.randint(1, 3)):
                self.add_class(module)
        files = {f"{self.package}/__init__.py": self.entries.reexports()}
        files[f"{self.package}/trace.py"] = TRACE
        for module in [*self.entries.modules, *self.modules]:
            files[f"{self.package}/{module.name}.py"] = module.text(self.rng, self.typed)
        order = [f"{self.package}.{m.name}" for m in self.modules]
        flavours = {e.name: {"flavour": e.flavour, "ways": calls(e)} for e in self.events}
        return RandomProject(self.package, files, order, flavours, self.warnings)

    # -- classes ------------------------------------------------------------------------------

    def add_class(self, module: Module) -> None:
        rng = self.rng
        hosts = [c for c in self.classes if c.host]
        plain = (not hosts and rng.random() < 0.3) or rng.random() < 0.12
        cls = None
        while cls is None:
            cls = self.shape(module, plain, hosts)
        self.classes.append(cls)
        self.by_shape[cls.shape] = cls
        module.body += ["", ""]
        module.body.append(
            f"class {cls.name}({', '.join(cls.bases)}):" if cls.bases else f"class {cls.name}:"
        )
        body = self.class_body(cls, module)
        module.body += ["    " + line if line else "" for line in body or ["pass"]]
        if cls.host:
            self.later_changes(cls, module)
        module.defined.add(cls.name)

    def shape(self, module: Module, plain: bool, hosts: list[Cls]) -> Cls | None:
        rng = self.rng
        pool = [c for c in self.classes if not c.host] if plain else self.classes
        chosen = rng.sample(pool, min(len(pool), rng.choices([0, 1, 2, 3], [1, 6, 3, 1])[0]))
        name = f"{rng.choice(['Trainer', 'Runner', 'Loop'])}{chr(65 + len(self.classes))}"
        host = not plain
        root = host and not any(c.host for c in chosen)
        abc = root and rng.random() < 0.3
        shapes = tuple(c.shape for c in chosen)
        if root:
            shapes += (Mixin,)
        if abc:
            shapes += (abc_module.ABC,)
        try:
            shape = types.new_class("S", shapes)
        except TypeError:
            return None
        cls = Cls(name, module, shape, host, abc or any(c.abc for c in chosen), root=root)
        cls.bases = [module.reach(rng, c.module, c.name) for c in chosen]
        if root:
            cls.bases.append(module.reach_mixin(rng))
        if abc:
            module.imports["from abc import ABC, abstractmethod"] = None
            cls.bases.append("ABC")
        return cls

    def ancestors(self, cls: Cls) -> list[Cls]:
        return [self.by_shape[s] for s in cls.shape.__mro__[1:] if s in self.by_shape]

    def class_body(self, cls: Cls, module: Module) -> list[str]:
        rng = self.rng
        above = self.ancestors(cls)
        inherited = set().union(*(c.own for c in above))
        chunks: list[list[str]] = []
        root = not inherited
        for event in self.events:
            if rng.random() < (0.7 if root else 0.3):
                others = [
                    e
                    for e in self.events[1 : max(event.index, 1)]
                    if e.name in inherited and rng.random() < 0.2
                ]
                up = event.name in inherited and rng.random() < 0.7
                lines = method(rng, f"{cls.name}.{event.name}", event, others, up, self.typed)
                if (
                    "abstractmethod" in "".join(module.imports)
                    and cls.abc
                    and not above
                    and rng.random() < 0.3
                ):
                    lines.insert(0, "@abstractmethod")
                elif event.flavour in ("plain", "async") and not self.typed and rng.random() < 0.1:
                    decorators = ["@by_kind", "@either", '@either(say="said")']
                    if event.flavour == "plain":
                        decorators += ["@kept"] * 3
                    lines.insert(0, rng.choice(decorators))
                if not up:
                    cls.plain_methods.add(event.name)
                chunks.append(lines)
                cls.own.add(event.name)
            elif event.name != "__init__" and rng.random() < 0.05:
                chunks += self.borrowed(cls, module, event, above)
        visible = [e for e in self.events if e.name in inherited | cls.own]
        for event in visible:
            for phase in ("pre", "post"):
                if rng.random() < 0.25:
                    chunks.append(self.callback_method(cls, module, event, phase, above))
        entries: list[str] = []
        if visible and rng.random() < 0.65:
            cls.declared = True
            listing = self.entries.listing(module, self.base_with_list(cls, above, module), visible)
            hint = module.hint_callbacks() if self.typed or rng.random() < 0.2 else ""
            entries = [*self.entries.own_lines, f"callbacks{hint} = {listing}"]
            self.entries.own_lines.clear()
        rng.shuffle(chunks)
        for chunk in chunks:
            entries += ["", *chunk] if entries else chunk
        return [*entries, "", "tick = TICK"] if cls.root else entries

    def borrowed(self, cls: Cls, module: Module, event: Event, above: list[Cls]) -> list[list[str]]:
        """A name bound to another class's method, if one can be borrowed."""
        others = [c for c in self.classes if c not in above and event.name in c.plain_methods]
        if not others or self.typed:
            return []
        other = self.rng.choice(others)
        cls.own.add(event.name)
        return [[f"{event.name} = {module.reach(self.rng, other.module, other.name)}.{event.name}"]]

    def base_with_list(self, cls: Cls, above: list[Cls], module: Module) -> str | None:
        # The contents of a list that another module changes depend on the import order: a build
        # error.
        known = [
            c
            for c in above
            if c.host and not any(one.changed_elsewhere for one in [c, *self.ancestors(c)])
        ]
        if not known or not cls.host:
            return None
        chosen = self.rng.choice(known)
        for one in [chosen, *self.ancestors(chosen)]:
            one.list_is_read = True
        return module.reach(self.rng, chosen.module, chosen.name)

    def callback_method(
        self, cls: Cls, module: Module, event: Event, phase: str, above: list[Cls]
    ) -> list[str]:
        rng = self.rng
        name = f"{phase}_{event.label}_callback"
        parents = [c for c in above if name in c.methods]
        takes, is_async = event.takes[phase], event.asyncs[phase]
        if parents and not self.typed and rng.random() < 0.1:
            # If the next class in the MRO sets the name to None, calls fail: no subclass has any.
            self.dropped = getattr(self, "dropped", set()) | {name}
            return [f"{name} = None"]
        up: list[str] = []
        if parents and name not in getattr(self, "dropped", ()) and "super" not in takes:
            if rng.random() < 0.35:
                up = [f"super().{name}"]
            elif rng.random() < 0.2:
                chosen = rng.choice(parents)
                target = module.reach(rng, chosen.module, chosen.name, dotted=False)
                up = [f"{target}.{name}"]
        cls.methods.add(name)
        if not up and not parents and not self.typed and rng.random() < 0.1:
            function = self.entries.function(module, event, phase, takes, is_async, plain=True)
            return [f"{name} = {function}"]
        lines = callback(
            rng,
            f"{cls.name}.{name}",
            name,
            event,
            phase,
            takes,
            is_async,
            self.typed,
            up=up,
            plain=True,
        )
        if up and not up[0].startswith("super"):
            lines = [
                line.replace(f"{up[0]}(", f"{up[0]}(self, ").replace("(self, )", "(self)")
                for line in lines
            ]
        if up and rng.random() < 0.2:
            at = next(i for i, line in enumerate(lines) if up[0] in line)
            lines[at : at + 1] = [f"    if LIMIT > {rng.choice([2, 5])}:", "    " + lines[at]]
        if parents and rng.random() < 0.2:
            module.imports["from arctic_codegen import replaces_inherited"] = None
            lines.insert(0, "@replaces_inherited")
        return [*self.entries.decorators(module, event, phase), *lines]

    # -- changes after the class --------------------------------------------------------------

    def later_changes(self, cls: Cls, module: Module) -> None:
        rng = self.rng
        visible = [
            e
            for e in self.events
            if e.name in cls.own or any(e.name in c.own for c in self.ancestors(cls))
        ]
        if not visible:
            return
        if rng.random() < 0.25:
            module.body += ["", "", *self.change(cls, module, visible, own=True)]
        hosts = [
            c for c in self.classes if c.host and c.module is not module and not c.list_is_read
        ]
        if hosts and rng.random() < 0.12:
            other = rng.choice(hosts)
            events = [
                e
                for e in self.events
                if e.name in other.own or any(e.name in c.own for c in self.ancestors(other))
            ]
            if events and not other.changed_elsewhere:
                other.changed_elsewhere = True
                self.warnings = True
                module.body += ["", "", *self.change(other, module, events, own=False)]

    def change(self, cls: Cls, module: Module, events: list[Event], own: bool) -> list[str]:
        rng = self.rng
        target = cls.name if own else module.reach(rng, cls.module, cls.name)
        entry = self.entries.entry(module, events)
        form = rng.choice(["append", "append", "extend", "+=", "insert", "assign"])
        if (
            form == "append"
            or (form == "insert" and not cls.declared)
            or (form == "assign" and not own)
        ):
            return [f"{target}.callbacks.append({entry})"]
        if form == "extend":
            return [f"{target}.callbacks.extend([{entry}, {self.entries.entry(module, events)}])"]
        if form == "+=":
            return [f"{target}.callbacks += [{entry}]"]
        if form == "insert":
            return [f"{target}.callbacks.insert({rng.choice([0, 0, 1])}, {entry})"]
        # An assignment next to another module's change: modules count in order of name, so Python
        # may disagree about which of the two is the last.
        cls.list_is_read = True
        return [f"{target}.callbacks = [{entry}]"]


def generate(seed: int, typed: bool = False) -> RandomProject:
    return Generator(seed, typed).project()

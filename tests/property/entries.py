"""Random entries of ``callbacks`` lists, in every form of the contract."""

from __future__ import annotations

import random

from tests.property.methods import Event, callback, random_takes


class Module:
    """The text of one module so far."""

    def __init__(self, package: str, name: str) -> None:
        self.package = package
        self.name = name
        self.imports: dict[str, None] = {}
        self.body: list[str] = []
        self.defined: set[str] = set()

    def reach(self, rng: random.Random, other: Module, name: str, dotted: bool = True) -> str:
        """The name of ``other.name`` in this module, with the necessary import."""
        if other is self:
            return name
        where = f"{self.package}.{other.name}"
        simple = ["from", "from", "relative", "alias", "import", "module"]
        form = rng.choice([*simple, "bound", "try", "version"] if dotted else ["from"])
        if form in ("bound", "try", "version"):
            text, bound = branches(form, where, name)
            self.imports[text] = None
            return bound
        if form == "from":
            self.imports[f"from {where} import {name}"] = None
            return name
        if form == "relative":
            self.imports[f"from .{other.name} import {name} as {name}_"] = None
            return f"{name}_"
        if form == "alias":
            self.imports[f"import {where} as the_{other.name}"] = None
            return f"the_{other.name}.{name}"
        if form == "import":
            self.imports[f"import {where}"] = None
            return f"{where}.{name}"
        self.imports[f"from . import {other.name}"] = None
        return f"{other.name}.{name}"

    def reach_mixin(self, rng: random.Random) -> str:
        if rng.random() < 0.2:
            self.imports["import arctic_codegen"] = None
            return "arctic_codegen.CallbackMixin"
        self.imports["from arctic_codegen import CallbackMixin"] = None
        return "CallbackMixin"

    def hint_callbacks(self) -> str:
        self.imports["from collections.abc import Callable"] = None
        self.imports["from typing import Any"] = None
        return ": list[tuple[str, Callable[..., Any]]]"

    def text(self, rng: random.Random, typed: bool) -> str:
        lines = ["from __future__ import annotations", ""] if typed or rng.random() < 0.4 else []
        lines += [
            "from collections.abc import AsyncIterator, Callable, Iterator",
            "from functools import partial",
            "from typing import Any",
            "",
            f"from {self.package}.trace import LIMIT, MISSING, TICK, boom, bump, busy, by_kind, "
            "either, kept, log, noted, total",
        ]
        return "\n".join([*lines, *self.imports, *self.body]) + "\n"


def branches(form: str, where: str, name: str) -> tuple[str, str]:
    """An import with several statements, and the name that it binds."""
    if form == "bound":
        return f"import {where} as whole_{name}\n{name}_b = whole_{name}.{name}", f"{name}_b"
    right = f"    from {where} import {name} as {name}_{form[0]}"
    ignore = "  # type: ignore[import-not-found, unused-ignore]"
    wrong = f"    from nowhere_at_all import {name} as {name}_{form[0]}{ignore}"
    if form == "try":
        # For a type checker the name is the same in both, so that a base with this name is typed.
        absent = f"    import nowhere_at_all{ignore}"
        lines = ["try:", absent, right, "except ImportError:", right]
    else:
        lines = ["import sys", "if sys.version_info < (3, 8):", wrong, "else:", right]
    return "\n".join(lines), f"{name}_{form[0]}"


PATHS = ['"tick.odd"', '"tick.count"']
CONDITIONS = [
    "busy",
    "lambda self: noted('asked', self)",
    "lambda self: self.tick.odd",
    "lambda me: me.tick.count % 3 == 1 or me.tick.odd",
    "lambda self: len([self for self in (1, 2)]) > self.tick.count % 4",
    "lambda self, n=2: self.tick.count % n == 0",
]


class EntryWriter:
    """Writes entries, and the functions and objects that they need."""

    def __init__(self, rng: random.Random, package: str, typed: bool) -> None:
        self.rng = rng
        self.guards = random.Random(package)
        """A separate source of random numbers for wrappers, so that they do not change the rest of
        a seed's project."""
        self.inside = random.Random(f"inside {package}")
        self.own_lines: list[str] = []
        """The statements in the current class body before its list."""
        self.package = package
        self.typed = typed
        self.functions = Module(package, "functions")
        self.more = Module(package, "more_functions")
        self.star = Module(package, "everything")
        self.star.imports[f"from {package}.functions import *"] = None
        self.modules = [self.functions, self.more, self.star]
        self.exported: list[str] = []
        self.number = 0
        self.tuples: dict[tuple[str, str], list[tuple[Module, str]]] = {}
        """Bound entries that can be used again, by the event and what they take."""

    def reexports(self) -> str:
        return "".join(f"from {self.package}.functions import {n} as {n}\n" for n in self.exported)

    def fresh(self, prefix: str) -> str:
        self.number += 1
        return f"{prefix}_{self.number}"

    # -- callables ----------------------------------------------------------------------------

    def function(
        self,
        module: Module,
        event: Event,
        phase: str,
        takes: list[str],
        is_async: bool,
        **more: object,
    ) -> str:
        """A new function in some module, and its name in ``module``."""
        rng = self.rng
        name = self.fresh("fn")
        home = rng.choice([module, self.functions, self.functions, self.more])
        lines = callback(rng, name, name, event, phase, takes, is_async, self.typed, **more)
        at = home.body if home is not module else None
        if at is None:
            self.before_class(module, lines)
            return name
        at += ["", "", *lines]
        if home is self.functions and rng.random() < 0.3:
            if rng.random() < 0.5:
                return module.reach(rng, self.star, name)
            self.exported.append(name)
            module.imports[f"from {self.package} import {name}"] = None
            return name
        return module.reach(rng, home, name)

    def before_class(self, module: Module, lines: list[str]) -> None:
        """Add a definition before the current class statement."""
        body = module.body
        at = next(
            (i for i in range(len(body) - 1, -1, -1) if body[i].startswith("class ")), len(body)
        )
        if module.body and body[at - 1 : at] and body[at - 1].startswith("@"):
            at -= 1
        is_open = at < len(body) and all(
            not line or line.startswith(" ") for line in body[at + 1 :]
        )
        if not is_open or (
            at < len(body) and body[at].split()[1].split("(")[0].rstrip(":") in module.defined
        ):
            at = len(body)
        body[at:at] = ["", "", *lines, "", ""]

    def callable(self, module: Module, event: Event, phase: str) -> str:
        """An expression for a callable."""
        rng = self.rng
        takes = random_takes(rng, event, phase)
        is_async = event.flavour == "async" and rng.random() < 0.4
        form = rng.choice(
            ["function"] * 4
            + ["lambda"] * 3
            + [
                "partial",
                "instance",
                "bound instance",
                "factory",
                "lambda factory",
                "static",
                "plain",
                "method",
            ]
        )
        if form == "function" or is_async:
            return self.function(module, event, phase, takes, is_async)
        if form == "lambda":
            return self.lambda_(takes)
        if form == "partial":
            inner = self.function(module, event, phase, takes, False, extra="by")
            return f"partial({inner}, by={rng.randint(1, 9)})"
        name = self.fresh("Thing" if form not in ("factory", "lambda factory") else "make")
        home = rng.choice([module, self.more])
        lines = getattr(
            self, "make_" + form.replace(" ", "_").replace("bound_instance", "instance")
        )(name, event, phase, takes)
        if form in ("bound instance", "method"):
            lines += ["", "", f"{name.lower()} = {name}({rng.randint(1, 9)})"]
        if home is module:
            self.before_class(module, lines)
        else:
            home.body += ["", "", *lines]
        if form in ("bound instance", "method"):
            bound = module.reach(rng, home, name.lower())
            return bound if form == "bound instance" else f"{bound}.act"
        reached = module.reach(rng, home, name)
        if form in ("static", "plain"):
            return f"{reached}.act"
        return f"{reached}({rng.randint(1, 9)})"

    def lambda_(self, takes: list[str], label: str | None = None, obj: str = "self") -> str:
        label = label or self.fresh("lambda")
        shown = "".join(f", {n}" for n in takes)
        if not takes:
            return f'lambda {obj}: log("{label}", {obj})'
        results = ", ".join(f"bump({n}, {self.rng.randint(1, 9)})" for n in takes)
        value = results if len(takes) == 1 else f"({results})"
        return f'lambda {", ".join([obj, *takes])}: (noted("{label}", {obj}{shown}), {value})[1]'

    def made(
        self, name: str, event: Event, phase: str, takes: list[str], **more: object
    ) -> list[str]:
        return callback(self.rng, name, "act", event, phase, takes, False, self.typed, **more)

    def make_instance(self, name: str, event: Event, phase: str, takes: list[str]) -> list[str]:
        return self.object_class(name, "__call__", event, phase, takes)

    def make_method(self, name: str, event: Event, phase: str, takes: list[str]) -> list[str]:
        return self.object_class(name, "act", event, phase, takes)

    def object_class(
        self, name: str, attribute: str, event: Event, phase: str, takes: list[str]
    ) -> list[str]:
        init = "(me, by: int) -> None" if self.typed else "(me, by)"
        lines = callback(self.rng, name, attribute, event, phase, takes, False, self.typed)
        lines[0] = lines[0].replace("(", "(me, ", 1)
        lines.insert(1, f'    log("{name}.by", me, me.by)')
        return [f"class {name}:", f"    def __init__{init}:", "        me.by = by", ""] + [
            "    " + line for line in lines
        ]

    def make_static(self, name: str, event: Event, phase: str, takes: list[str]) -> list[str]:
        return [f"class {name}:", "    @staticmethod"] + [
            "    " + x for x in self.made(name, event, phase, takes)
        ]

    def make_plain(self, name: str, event: Event, phase: str, takes: list[str]) -> list[str]:
        return [f"class {name}:"] + ["    " + x for x in self.made(name, event, phase, takes)]

    def make_factory(self, name: str, event: Event, phase: str, takes: list[str]) -> list[str]:
        head = f"def {name}(times: int) -> Any:" if self.typed else f"def {name}(times):"
        inner = self.made(name, event, phase, takes)
        inner.insert(1, f'    log("{name}.times", None, times)')
        return [head, *("    " + x for x in inner), "    return act"]

    def make_lambda_factory(
        self, name: str, event: Event, phase: str, takes: list[str]
    ) -> list[str]:
        head = f"def {name}(times: int) -> Any:" if self.typed else f"def {name}(times):"
        return [head, f"    return {self.lambda_(takes, name)}"]

    # -- wrappers -----------------------------------------------------------------------------

    def called(self, module: Module, kind: str) -> str:
        """The name of a wrapper in ``module``."""
        form = self.guards.choice(["plain", "alias", "module"])
        if form == "plain":
            module.imports[f"from arctic_codegen import {kind}"] = None
            return kind
        if form == "alias":
            module.imports[f"from arctic_codegen import {kind} as the_{kind}"] = None
            return f"the_{kind}"
        module.imports["import arctic_codegen as codegen"] = None
        return f"codegen.{kind}"

    def wrappers(
        self, module: Module, event: Event, phase: str, shared: bool, often: float = 0.3
    ) -> list[tuple[str, str, str]]:
        """Some wrappers, as named in ``module``, outermost first: the call, and the arguments
        before and after the callback.

        If one callable is used in several places, its counters would be shared by all of them.
        """
        rng = self.guards
        if rng.random() > often:
            return []
        is_bare = event.name == "__init__" and phase == "pre"  # the object has no attributes
        found = []
        for _ in range(rng.choice([1, 1, 2, 3])):
            kinds = ["rank_zero", "optional", "when", "unless", "after", "before"]
            kind = rng.choice([*kinds, *["every"] * (0 if shared else 2)])
            before = after = ""
            if kind == "every":
                before = rng.choice(["1", "2", "2", "3", "1 + 1"])
                after = 'by="tick.count"' if not is_bare and rng.random() < 0.4 else ""
            elif kind in ("after", "before"):
                before = "total" if kind == "after" else "bump"  # these are not callbacks anywhere
            elif kind in ("when", "unless"):
                before = rng.choice(CONDITIONS if is_bare else [*PATHS, *CONDITIONS])
            found.append((self.called(module, kind), before, after))
        return found

    def nested(self, wrappers: list[tuple[str, str, str]], text: str) -> str:
        """The wrappers around a callable."""
        for called, before, after in reversed(wrappers):
            text = f"{called}({', '.join(filter(None, (before, text, after)))})"
        return text

    def guarded(
        self, module: Module, event: Event, phase: str, text: str, shared: bool = False
    ) -> str:
        """A callable, with or without wrappers."""
        wrappers = self.wrappers(module, event, phase, shared)
        made = self.nested(wrappers, text)
        if wrappers and text.startswith("lambda") and self.guards.random() < 0.4:
            name = self.fresh("guarded")
            self.before_class(module, [f"{name} = {made}"])
            return name
        return made

    def decorators(self, module: Module, event: Event, phase: str) -> list[str]:
        """The same as decorators of a callback method."""
        found = []
        for called, before, after in self.wrappers(module, event, phase, False):
            given = ", ".join(filter(None, (before, after)))
            found.append(f"@{called}({given})" if given else f"@{called}")
        return found

    def at_failure(self, module: Module, events: list[Event]) -> list[str]:
        """Entries that run when an event fails, or always."""
        rng = self.guards
        usable = [event for event in events if event.flavour in ("plain", "async")]
        return [
            self.failing_entry(module, rng.choice(usable))
            for _ in range(rng.choice([0, 0, 1, 2, 3]) if usable else 0)
        ]

    def failing_entry(self, module: Module, event: Event) -> str:
        rng = self.guards
        role = rng.choice(["on_error", "always"])
        name = self.fresh("failing")
        shown = ", type(error).__name__" if role == "on_error" else ""
        form = rng.choice(["function", "function", "lambda", "lambda", "partial"])
        if form == "lambda":
            more = ", error" if role == "on_error" else ""
            body = rng.choice(
                [f'noted("{name}", self{shown})', f'self.tick.record("{name}"{shown})']
            )
            text = f"lambda self{more}: {body}"
        else:
            text = self.failing_function(module, event, role, name, shown, form == "partial")
        wrappers = self.wrappers(module, event, "post", False, often=0.6)
        place = rng.randint(0, len(wrappers))
        wrappers.insert(place, (self.called(module, role), "", ""))
        return f'("post-{event.label}", {self.nested(wrappers, text)})'

    def failing_function(
        self, module: Module, event: Event, role: str, name: str, shown: str, partial: bool
    ) -> str:
        rng = self.guards
        params = ["self: Any" if self.typed else "self"]
        if role == "on_error":
            star = rng.choice([[], [], ["*"]])
            params += [*star, "error: BaseException" if self.typed else "error"]
        if partial:
            params += ([] if "*" in params else ["*"]) + ["by: int" if self.typed else "by"]
        is_async = event.flavour == "async" and not partial and rng.random() < 0.5
        body = [f'log("{name}", self{shown})']
        if rng.random() < 0.4:
            body.append(f'boom("{name}", self.tick.count)')
        if rng.random() < 0.5:
            body.append("return 3")
        returns = (" -> int" if body[-1] == "return 3" else " -> None") if self.typed else ""
        head = f"{'async ' if is_async else ''}def {name}({', '.join(params)}){returns}:"
        self.before_class(module, [head, *("    " + line for line in body)])
        return f"partial({name}, by=2)" if partial else name

    # -- entries and lists --------------------------------------------------------------------

    def event_text(self, module: Module, event: Event, phase: str) -> str:
        rng = self.rng
        label = event.label
        dashed = label.replace("_", "-") if rng.random() < 0.5 else label
        form = rng.choice(["plain"] * 5 + ["+", "f", "%", "format", "name"])
        if form == "+":
            return f'"{phase}-" + "{dashed}"'
        if form == "f":
            return f"f\"{{'{phase}'}}-{dashed}\""
        if form == "%":
            return f'"{phase}-%s" % "{dashed}"'
        if form == "format":
            return f'"{{}}-{dashed}".format("{phase}")'
        if form == "name":
            name = self.fresh("EVENT")
            self.more.body += ["", f'{name} = "{phase}-{dashed}"']
            return module.reach(rng, self.more, name)
        return f'"{phase}-{dashed}"'

    def entry(self, module: Module, events: list[Event]) -> str:
        rng = self.rng
        event, phase = rng.choice(events), rng.choice(["pre", "post"])
        key = (event.name, phase)
        again = self.tuples.get(key)
        if again and rng.random() < 0.4:
            home, name = rng.choice(again)
            return module.reach(rng, home, name)
        spelled = self.event_text(module, event, phase)
        inner = self.callable(module, event, phase)
        text = f"({spelled}, {self.guarded(module, event, phase, inner)})"
        if rng.random() < 0.2:
            name = self.fresh("entry")
            spelled = self.event_text(self.more, event, phase)
            inner = self.callable(self.more, event, phase)
            made = self.guarded(self.more, event, phase, inner, shared=True)
            text = f"({spelled}, {made})"
            hint = self.more.hint_callbacks().replace("list[", "", 1)[:-1] if self.typed else ""
            self.more.body += ["", f"{name}{hint} = {text}"]
            self.tuples.setdefault(key, []).append((self.more, name))
            return module.reach(rng, self.more, name)
        return text

    def static_method(self, events: list[Event]) -> str:
        """An entry with a static method of the class itself, by its plain name."""
        rng = self.inside
        event, phase = rng.choice(events), rng.choice(["pre", "post"])
        name, takes = self.fresh("own"), random_takes(rng, event, phase)
        lines = callback(rng, name, name, event, phase, takes, False, self.typed)
        self.own_lines += ["@staticmethod", *lines, ""]
        return f'("{phase}-{event.label}", {name})'

    def listing(self, module: Module, base: str | None, events: list[Event]) -> str:
        rng = self.rng
        entries = [self.entry(module, events) for _ in range(rng.randint(0, 3))]
        if entries and rng.random() < 0.1:
            entries.append(
                entries[0] if not entries[0].startswith("(") else self.entry(module, events)
            )
        if rng.random() < 0.1:
            names = ", ".join(f'"{p}-{e.label}"' for e in events[:2] for p in ("pre",))
            event = events[0]
            function = self.function(module, event, "pre", [], False)
            entries.append(f"*[(event, {function}) for event in ({names},)]")
        if rng.random() < 0.1:
            shared = self.fresh("SHARED")
            hint = self.more.hint_callbacks() if self.typed else ""
            self.more.body += ["", f"{shared}{hint} = [{self.entry(self.more, events)}]"]
            entries.append("*" + module.reach(rng, self.more, shared))
        if self.inside.random() < 0.15:
            entries.append(self.static_method(events))
        for one in self.at_failure(module, events):
            entries.insert(self.guards.randint(0, len(entries)), one)
        display = f"[{', '.join(entries)}]"
        if base and rng.random() < 0.3:
            return rng.choice(
                [f"{base}.callbacks + {display}", f"[*{base}.callbacks, {display[1:]}"]
            )
        if rng.random() < 0.1:
            return f"list(({', '.join(entries)}{',' if entries else ''}))"
        if rng.random() < 0.08:
            return f"{display} if {rng.choice(['True', 'False', '1 < 2', 'not 0'])} else []"
        return display

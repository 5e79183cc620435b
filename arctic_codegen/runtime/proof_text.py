"""Parses the text in a compiled module that says what the build read (R48).

Each entry and method is a line, indented under the class that declares it::

    class app.base:Trainer
        pre-loss app.callbacks:crop(self, batch)
        post-loss app.callbacks:LOGS[0][1] as app.callbacks.<lambda>#2(self, loss)
        post-loss app.callbacks.clip.<locals>.limit(self, loss) in every(10), optional
        [app.more] post-epoch app.more:log(self)
        def post_epoch_callback(self)
        post_step_callback = None
    compiled TrainerB = Trainer, TrainerB
        def loss(self, batch)

``module:path`` is an object that the compiled module imports by name, followed by ``as`` and the
name of its definition if that differs. ``module.qualname`` is an object that it takes from the
list. A number distinguishes lambdas of one scope. The order of a compiled class names classes
without their module if the name is unique. ``compiled TrainerB runtime = ...`` is for
ArcticTraining's order: it collects exactly these entries, or those under
``compiled TrainerB runtime as follows = ...``. ``[app.more]`` is the module whose statement adds
the entry; ``[app.more?]`` says that the entry may be missing even if that module was imported.
"""

from __future__ import annotations

from arctic_codegen.runtime.closed_list import event_key


class Expected:
    """One entry, callback method or method of an event as the build read it."""

    def __init__(self, line: str) -> None:
        self.shown = line
        self.module: str | None = None
        """The module whose statement adds the entry; ``None`` for the class body and methods."""
        self.maybe = False
        if line.startswith("["):
            module, _, line = line[1:].partition("] ")
            self.module, self.maybe = module.rstrip("?"), module.endswith("?")
        line, _, wrappers = line.partition(" in ")
        self.wrappers = tuple(_words(wrappers))
        head, paren, params = line.partition("(")
        self.params = tuple(_words(params.rstrip(")"))) if paren else None
        head, _, number = head.partition("#")
        self.lambda_number = int(number or 0)
        """The position of a lambda among those of its scope, from 1; 0 if it is the only one."""
        event, *words = head.split(" ")
        self.event = event_key(event)
        self.is_async = words[0] == "async"
        path = words[self.is_async]
        self.named: tuple[str, tuple[int, ...]] | None = None
        """Module, path and subscripts of an object that the compiled module imports by name; it
        takes others from the list."""
        if ":" in path:
            name, *items = path.split("[")
            self.named = name, tuple(int(item.rstrip("]")) for item in items)
            path = name.replace(":", ".")
        self.name = words[-1] if len(words) > self.is_async + 1 else path
        """Module and qualified name of the innermost definition."""
        self.is_sure = len(words) > self.is_async + 1 or self.named is None
        """Whether ``name`` is certain: for an imported object without ``as``, a decorator may have
        replaced the definition by one with another name."""


class Contribution:
    """What one class itself declares.

    ``assigned`` is the module whose statement assigns its list. ``partial`` means that findings
    about the class were suppressed, so it is not compared.
    """

    def __init__(self, name: str, *, assigned: str | None = None, partial: bool = False) -> None:
        self.name = name
        self.assigned = assigned
        self.partial = partial
        self.entries: list[Expected] = []
        self.methods: dict[str, Expected | None] = {}


class CompiledClass:
    """A compiled class: the classes that contribute to it, root first, and its events' methods.

    ``collected`` are the entries that ArcticTraining's runtime collects, if its order applies.
    """

    def __init__(self, source: str, contributors: list[str], runtime: bool) -> None:
        self.source = source
        self.contributors = contributors
        self.events: dict[str, Expected] = {}
        self.collected: list[Expected] | None = [] if runtime else None


def parse(text: str, home: str) -> tuple[dict[str, Contribution], list[CompiledClass]]:
    """The contributions by class, as ``module:qualname``, and the compiled classes, whose sources
    are in the module ``home``."""
    contributions: dict[str, Contribution] = {}
    labels: dict[str, str] = {}
    compiled: list[CompiledClass] = []
    inside: Contribution | CompiledClass | None = None
    for line in map(str.strip, text.splitlines()):
        word, _, rest = line.partition(" ")
        if word == "class":
            name, _, more = rest.partition(" ")
            assigned = more.removeprefix("assigned in ") if more.startswith("assigned") else None
            inside = contributions[name] = Contribution(
                name, assigned=assigned, partial=more == "in part"
            )
            labels[name.partition(":")[2]] = name
        elif word == "compiled":
            source, _, names = rest.partition(" =")
            source, _, order = source.partition(" ")
            inside = CompiledClass(
                f"{home}:{source}",
                [labels.get(name, name) for name in _words(names)],
                bool(order),
            )
            if inside.collected is not None and order == "runtime":
                for name in inside.contributors:
                    inside.collected += contributions[name].entries
            compiled.append(inside)
        elif line and inside is not None:
            _add(inside, line)
    return contributions, compiled


def _add(inside: Contribution | CompiledClass, line: str) -> None:
    if line.endswith(" = None") and isinstance(inside, Contribution):
        inside.methods[line.removesuffix(" = None")] = None
        return
    head, is_def, rest = line.partition("def ")
    if is_def and head in ("", "async "):
        method = Expected(f"def {head}{rest}")
        (inside.methods if isinstance(inside, Contribution) else inside.events)[method.name] = (
            method
        )
    elif isinstance(inside, Contribution):
        inside.entries.append(Expected(line))
    elif inside.collected is not None:
        inside.collected.append(Expected(line))


def _words(text: str) -> list[str]:
    return [word for word in map(str.strip, text.split(",")) if word]

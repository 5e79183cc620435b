"""Random methods and callbacks, as text. All of them write to ``trace.log`` when they run."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

TRACE = '''
"""What happened, in order."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from typing import Any, TypeVar

LOG: list[list[str]] = []
T = TypeVar("T")


class Missing:
    def __repr__(self) -> str:
        return "MISSING" if self is MISSING else "another object"


MISSING: Any = Missing()
LIMIT = 3


class Boom(Exception):
    pass


def show(value: object) -> str:
    if isinstance(value, (int, str, tuple, list, dict, type(None), Missing)):
        return repr(value)
    return type(value).__name__


def log(label: str, obj: object, *values: object) -> None:
    LOG.append([label, type(obj).__name__, *map(show, values)])


def noted(label: str, obj: object, *values: object) -> bool:
    log(label, obj, *values)
    return True


def bump(value: T, by: int) -> T:
    return value + by if type(value) is int else value  # type: ignore


def total(*values: object) -> int:
    return sum(value for value in values if type(value) is int)


def kept(function: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(function)
    def inner(*args: Any, **kwargs: Any) -> Any:
        log("kept", None)
        return function(*args, **kwargs)

    return inner


def by_kind(function: Callable[..., Any]) -> Callable[..., Any]:
    if inspect.iscoroutinefunction(function):
        @functools.wraps(function)
        async def inner(*args: Any, **kwargs: Any) -> Any:
            log("kind", None)
            return await function(*args, **kwargs)
    else:
        @functools.wraps(function)
        def inner(*args: Any, **kwargs: Any) -> Any:
            log("kind", None)
            return function(*args, **kwargs)
    return inner


def either(function: Any = None, *, say: str = "either") -> Any:
    def decorate(given: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(given)
        async def waiting(*args: Any, **kwargs: Any) -> Any:
            log(say, None)
            result = await given(*args, **kwargs)
            return result

        def plain(*args: Any, **kwargs: Any) -> Any:
            log(say, None)
            return given(*args, **kwargs)
        functools.update_wrapper(plain, given)
        return waiting if inspect.iscoroutinefunction(given) else plain

    if callable(function):
        return decorate(function)
    return decorate


class Tick:
    """What conditions ask, and what `every` counts by."""

    @property
    def count(self) -> int:
        return len(LOG)

    @property
    def odd(self) -> bool:
        return len(LOG) % 2 == 1

    def record(self, label: str, *values: object) -> None:
        log(label, None, *values)


TICK = Tick()


def busy(obj: object) -> bool:
    log("busy", obj)
    return len(LOG) % 3 != 0


def boom(label: str, *values: object) -> None:
    if total(*values) % 5 == 2:
        raise Boom(label)
'''

NAMES = ["a", "b", "batch", "value", "result", "self_", "super", "print", "log_", "type", "cls"]
OBJECTS = ["self", "self", "self", "this", "trainer", "_"]


@dataclass
class Param:
    name: str
    kind: str
    """One of ``/``, ``n`` (normal), ``*``, ``k`` (keyword-only), ``**``."""
    default: str | None = None


@dataclass
class Event:
    """A method that classes define and override, with the same parameters everywhere."""

    name: str
    index: int
    params: list[Param]
    flavour: str
    """One of ``plain``, ``async``, ``gen``, ``asyncgen``."""
    value: bool
    """Whether it returns a value."""
    annotated: bool
    takes: dict[str, list[str]] = field(default_factory=dict)
    """The values that callback methods of a phase take, so that they can call each other."""
    asyncs: dict[str, bool] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return "init" if self.name == "__init__" else self.name

    @property
    def named(self) -> list[str]:
        return [p.name for p in self.params if p.kind not in ("*", "**")]


def random_event(rng: random.Random, name: str, index: int, typed: bool) -> Event:
    flavour = rng.choices(["plain", "async", "gen", "asyncgen"], [8, 2, 1, 1])[0]
    if name == "__init__":
        flavour = "plain"
    pool = rng.sample(NAMES, rng.randint(0, 4))
    kinds = sorted((rng.choice("/nnnk") for _ in pool), key="/nk".index)
    params: list[Param] = []
    defaults = False
    for given, kind in zip(pool, kinds, strict=True):
        defaults = (defaults and kind != "k") or rng.random() < 0.3
        params.append(Param(given, kind, random_default(rng, typed) if defaults else None))
    if rng.random() < 0.2:
        place = next((i for i, p in enumerate(params) if p.kind == "k"), len(params))
        params.insert(place, Param(rng.choice(["args", "rest"]), "*"))
    if rng.random() < 0.2:
        params.append(Param(rng.choice(["kwargs", "extra"]), "**"))
    value = flavour in ("gen", "asyncgen") or (name != "__init__" and rng.random() < 0.6)
    event = Event(name, index, params, flavour, value, typed or rng.random() < 0.7)
    for phase in ("pre", "post"):
        event.takes[phase] = random_takes(rng, event, phase)
        event.asyncs[phase] = flavour == "async" and rng.random() < 0.5
    return event


def random_default(rng: random.Random, typed: bool) -> str:
    return rng.choice(
        ["0", "7", "-1", "LIMIT"] if typed else ["0", "None", "'x'", "MISSING", "LIMIT"]
    )


def random_takes(rng: random.Random, event: Event, phase: str) -> list[str]:
    if phase == "pre":
        return rng.sample(event.named, rng.randint(0, min(3, len(event.named))))
    if event.name == "__init__" or (event.annotated and not event.value):
        return []
    if event.annotated or rng.random() < 0.6:
        return [rng.choice(["value", "return_value", "out"])]
    return []


def head(event: Event, typed: bool, obj: str = "self") -> str:
    """The parameters of the method, as written between the parentheses of its ``def``."""
    hint = ": int" if typed else ""
    parts = [obj]
    slash = any(p.kind == "/" for p in event.params)
    star = False
    for p in event.params:
        if slash and p.kind != "/":
            parts.append("/")
            slash = False
        if p.kind == "k" and not star:
            parts.append("*")
            star = True
        if p.kind == "*":
            star = True
        text = {"*": "*", "**": "**"}.get(p.kind, "") + p.name + hint
        if p.default is not None:
            text += f" = {p.default}" if typed else f"={p.default}"
        parts.append(text)
    if slash:
        parts.append("/")
    return ", ".join(parts)


def forward(event: Event) -> str:
    """The arguments that pass the parameters on."""
    parts = []
    for p in event.params:
        parts.append(
            {"k": f"{p.name}={p.name}", "*": f"*{p.name}", "**": f"**{p.name}"}.get(p.kind, p.name)
        )
    return ", ".join(parts)


def calls(event: Event) -> list[list]:
    """Ways to call the method: positional arguments and keywords."""
    named = [p for p in event.params if p.kind not in ("*", "**")]
    numbers = {p.name: i * 2 + 1 for i, p in enumerate(named)}
    positional = [numbers[p.name] for p in named if p.kind != "k"]
    keywords = {p.name: numbers[p.name] for p in named if p.kind == "k"}
    ways = [[positional, keywords]]
    ways.append(
        [
            [20 + numbers[p.name] for p in named if p.kind != "k" and p.default is None],
            {p.name: 20 for p in named if p.kind == "k" and p.default is None},
        ]
    )
    ways.append(
        [
            [30 for p in named if p.kind == "/"],
            {p.name: 31 + numbers[p.name] for p in named if p.kind != "/"},
        ]
    )
    if any(p.kind in ("*", "**") for p in event.params):
        more = [41, 42] if any(p.kind == "*" for p in event.params) else []
        named_more = {"other": 43} if any(p.kind == "**" for p in event.params) else {}
        ways.append([positional + more, {**keywords, **named_more}])
    return ways


def returns_of(event: Event, typed: bool, rng: random.Random) -> str:
    if not event.annotated:
        return ""
    if not event.value:
        return rng.choice([" -> None", ' -> "None"'])
    return " -> " + {"gen": "Iterator[int]", "asyncgen": "AsyncIterator[int]"}.get(
        event.flavour, "int"
    )


def method(
    rng: random.Random, label: str, event: Event, others: list[Event], up: bool, typed: bool
) -> list[str]:
    """A ``def``; it may call ``others`` on ``self``, and with ``up`` also the parent's method."""
    awaited = "await " if event.flavour == "async" else ""
    keyword = "async def" if event.flavour in ("async", "asyncgen") else "def"
    shown = "".join(f", {p.name}" for p in event.params)
    lines = [f"{keyword} {event.name}({head(event, typed)}){returns_of(event, typed, rng)}:"]
    body = [f'log("{label}", self{shown})']
    if rng.random() < 0.15:
        body.append(f'boom("{label}"{"".join(", " + n for n in event.named)})')
    for other in others:
        if other.flavour == "plain" or (
            other.flavour == "async" and event.flavour in ("async", "asyncgen")
        ):
            args, keywords = rng.choice(calls(other))
            passed = ", ".join([*map(repr, args), *(f"{k}={v!r}" for k, v in keywords.items())])
            body.append(
                f"{'await ' if other.flavour == 'async' else ''}self.{other.name}({passed})"
            )
    more = ""
    if up and "super" not in event.named:
        call = f"super().{event.name}({forward(event)})"
        if event.flavour == "gen":
            body.append(f"yield from {call}")
        elif event.flavour == "asyncgen":
            body += [f"async for item in {call}:", "    yield item"]
        elif event.value:
            body.append(f"above = {awaited}{call}")
            more = ", above"
        else:
            body.append(awaited + call)
    result = f"total({''.join(n + ', ' for n in event.named)}{event.index + 1}{more})"
    if event.flavour in ("gen", "asyncgen"):
        body += [f"yield {result}", "yield 2"]
    elif event.value:
        body.append(f"return {result}")
    return lines + ["    " + line for line in body]


def callback_head(
    rng: random.Random,
    obj: str,
    takes: list[str],
    event: Event,
    phase: str,
    typed: bool,
    *,
    plain: bool,
) -> tuple[str, str]:
    """Parameters and return annotation of a callback. ``plain`` ones have no markers."""
    names = list(takes)
    marker = None if plain or not names else rng.choice([None, None, None, "*", "/"])
    hints = [f"{n}: {hint_of(event, phase)}" if typed else n for n in names]
    objs = f"{obj}: object" if typed and not plain else obj
    parts = [objs, *hints]
    if marker == "*":
        parts.insert(rng.randint(1, len(names)), "*")
    elif marker == "/":
        parts.insert(rng.randint(1, len(names) + 1), "/")
    if not typed:
        return ", ".join(parts), ""
    if not names:
        return ", ".join(parts), " -> None"
    hint = hint_of(event, phase)
    returned = hint if len(names) == 1 else f"tuple[{', '.join([hint] * len(names))}]"
    return ", ".join(parts), f" -> {returned}"


def hint_of(event: Event, phase: str) -> str:
    if phase == "post":
        return {"gen": "Iterator[int]", "asyncgen": "AsyncIterator[int]"}.get(event.flavour, "int")
    return "int"


def callback(
    rng: random.Random,
    label: str,
    name: str,
    event: Event,
    phase: str,
    takes: list[str],
    is_async: bool,
    typed: bool,
    up: list[str] | None = None,
    plain: bool = False,
    extra: str = "",
) -> list[str]:
    """A callback as a ``def``; ``up`` are calls of ancestors' callbacks to make inside it."""
    obj = rng.choice([o for o in OBJECTS if o not in takes])
    if up:
        obj = "self"
    params, returned = callback_head(rng, obj, takes, event, phase, typed, plain=plain)
    shown = "".join(f", {n}" for n in [*takes, *([extra] if extra else [])])
    body = [f'log("{label}", {obj}{shown})']
    if rng.random() < 0.12:
        body.append(f'boom("{label}"{"".join(", " + n for n in takes)})')
    for call in up or ():
        awaited = "await " if is_async else ""
        target = ", ".join(takes) + " = " if takes else ""
        body.append(f"{target}{awaited}{call}({', '.join(takes)})")
    if takes:
        body.append("return " + ", ".join(f"bump({n}, {rng.randint(1, 9)})" for n in takes))
    if extra:
        params += f", {extra}: int" if typed else f", {extra}"
    keyword = "async def" if is_async else "def"
    return [f"{keyword} {name}({params}){returned}:", *("    " + line for line in body)]

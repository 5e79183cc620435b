"""Which functions are known by name, so that their source need not be read?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.expr import Attr, Call, Expr, dotted_parts
from arctic_codegen.model.wrappers import WRAPPERS
from arctic_codegen.resolve.entities import (
    Entity,
    ModuleEntity,
    OpaqueEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.names.identity import from_typing, known_path
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.records import Descriptor
from arctic_codegen.resolve.values.signature_preserving import (
    CONFIGURED,
    PRESERVING,
    each,
)
from arctic_codegen.resolve.values.thunks import EMPTY, Env

_ABC = "abc _py_abc"

_PROPERTIES = (
    "builtins.property functools.cached_property types.DynamicClassAttribute enum.property"
)
KINDS: dict[str, Descriptor] = {
    "builtins.staticmethod": "static method",
    "builtins.classmethod": "class method",
    **dict.fromkeys(_PROPERTIES.split(), "property"),
    **dict.fromkeys(each(_ABC, "abstractstaticmethod"), "static method"),
    **dict.fromkeys(each(_ABC, "abstractclassmethod"), "class method"),
    **dict.fromkeys(each(_ABC, "abstractproperty"), "property"),
}
"""The kind of descriptor that each of these creates from a function."""
PARTIAL = frozenset({"functools.partial", "_functools.partial"})
WRAPS = frozenset({"functools.wraps"})
CAST = from_typing("cast")
RUNNERS = frozenset().union(
    each("asyncio asyncio.runners anyio anyio._core._eventloop anyio.from_thread trio", "run"),
    each("trio._core._run", "run"),
    each("asgiref.sync", "async_to_sync"),
)
"""Functions that run a coroutine to completion."""
AWAITABLES = each(
    "asyncio asyncio.tasks asyncio.threads asyncio.futures",
    "create_task ensure_future gather shield to_thread wait_for wrap_future",
)
"""Functions that return an awaitable, though most are not an ``async def``."""
UPDATE_WRAPPER = frozenset({"functools.update_wrapper"})
KIND_TESTS: dict[str, tuple[bool, bool]] = {
    **dict.fromkeys(
        each("inspect asyncio asyncio.coroutines asgiref.sync", "iscoroutinefunction"),
        (True, False),
    ),
    "inspect.isasyncgenfunction": (True, True),
    "inspect.isgeneratorfunction": (False, True),
}
"""Tests of the kind of a function: whether it is an ``async def``, and has a ``yield``."""
OURS = each(
    "arctic_codegen arctic_codegen.runtime.wrappers", " ".join((*WRAPPERS, "after", "before"))
)
"""Our wrappers, which enclose callbacks or assert their order (R47, R56 to R59)."""
OPAQUE = each("operator _operator", "methodcaller attrgetter itemgetter") | each(
    "functools", "partialmethod singledispatch singledispatchmethod"
)
"""Objects created by these have a signature that the text does not show."""

_ALL = PRESERVING.union(
    KINDS, PARTIAL, WRAPS, UPDATE_WRAPPER, CAST, OPAQUE, OURS, KIND_TESTS, RUNNERS,
    AWAITABLES,
)  # fmt: skip


class KnownFunctions:
    """Finds the functions in the tables, and the decorators that ``signature-preserving`` in the
    configuration adds."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._own = frozenset(names.settings.signature_preserving)

    def name_of(self, expr: Expr, scope: Scope, env: Env = EMPTY) -> str | None:
        """The dotted name of a function or class in the tables or among the builtins.

        For a call it is the name of the callee. ``None`` is anything else; a decorator that the
        configuration names is :data:`CONFIGURED`.
        """
        target = expr.func if isinstance(expr, Call) else expr
        parts = dotted_parts(target)
        if parts is None or env.find(parts[0]) is not None:
            return None
        # The import statement is enough: reading all of torch for `torch.no_grad` is not needed.
        found = self._listed([self._names.imported_path(".".join(parts), scope)])
        if found is None and isinstance(target, Attr):
            base = self._names.lookup(target.value, scope)
            found = self._listed(f"{holder}.{target.attr}" for holder in self._holders(base))
        if found is not None:
            return found
        entity = self._names.lookup(target, scope)
        path = known_path(entity)
        if isinstance(entity, OpaqueEntity) and entity.module == "builtins":
            return path
        if path is not None and any(self._is(path, name) for name in sorted(self._own)):
            return CONFIGURED
        return self._listed([path])

    def _listed(self, paths: Iterable[str | None]) -> str | None:
        for path in paths:
            if path in _ALL:
                return path
            if path in self._own:
                return CONFIGURED
        return None

    def _is(self, path: str, listed: str) -> bool:
        """Whether a configured name refers to the object defined under a path."""
        module, _, name = listed.rpartition(".")
        return bool(module) and known_path(self._names.module_attribute(module, name)) == path

    def _holders(self, base: Entity) -> Iterator[str]:
        """The names of a module or an object; an object is also named by its class."""
        if isinstance(base, ModuleEntity):
            yield base.name
        elif isinstance(base, ValueEntity):
            yield known_path(base) or ""
            if isinstance(base.expr, Call):
                called = ".".join(dotted_parts(base.expr.func) or ())
                yield self._names.imported_path(called, base.scope) or ""
                yield known_path(self._names.lookup(base.expr.func, base.scope)) or ""


def unknown_names(names: Names, sources: Iterable[str]) -> Iterator[Finding]:
    """AC010 for each name in ``signature-preserving`` and ``order`` that does not exist.

    Names in packages that are not installed are not checked.
    """
    settings = names.settings
    places = settings.preserving_places
    for index, listed in enumerate(settings.signature_preserving):
        if (meant := _meant(listed, names, sources)) is not None:
            found = message("AC010", "unknown-decorator", name=listed)
            if meant:
                found = message("AC010", "unknown-decorator-did-you-mean", name=listed, meant=meant)
            yield found.at(places[index] if index < len(places) else None)
    for chain, place in zip(settings.order, settings.order_places, strict=True):
        for listed in chain:
            if (meant := _meant(listed, names, sources)) is not None:
                found = message("AC010", "unknown-callback", name=listed)
                if meant:
                    found = message(
                        "AC010", "unknown-callback-did-you-mean", name=listed, meant=meant
                    )
                yield found.at(place)


def _meant(listed: str, names: Names, sources: Iterable[str]) -> str | None:
    """A suggestion for a dotted name that does not exist, empty if there is none; ``None`` if the
    name exists or its package is not installed."""
    parts = listed.split(".")
    size = len(parts) - 1
    while size and names.source(".".join(parts[:size])).kind == "missing":
        size -= 1
    module, wrong = ".".join(parts[:size]), parts[size]
    known = set(sources)
    if module:
        entity = names.module_attribute(module, wrong)
        if not isinstance(entity, Unknown) or not entity.missing:
            return None
        below = (one[len(module) + 1 :] for one in sources if one.startswith(f"{module}."))
        known = {*names.sources.body(module).binders, *(one.split(".")[0] for one in below)}
    else:
        wrong, size = ".".join(parts[:-1]), len(parts) - 2
    near = suggest.close(wrong, known, most=1)
    if not near:
        return "" if module else None
    return ".".join((*filter(None, [module]), *near, *parts[size + 1 :]))

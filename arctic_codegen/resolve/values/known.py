"""Functions and decorators that are known by name, so that their source need not be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from arctic_codegen.model.decls import FromImport, Import, Statement
from arctic_codegen.model.expr import Attr, Call, Expr, Name
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.entities import (
    ClassEntity,
    ModuleEntity,
    OpaqueEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.names.constants import QUESTIONS
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.preserving import (
    KEEPER,
    KEEPS,
    LAST,
    MAKERS,
    OwnKeepers,
    path_of,
)
from arctic_codegen.resolve.values.records import Env

_TYPING = ("typing", "typing_extensions")
_ABC = ("abc", "_py_abc")


def _each(modules: tuple[str, ...], *names: str) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for module in modules for name in names)


STATIC = frozenset({"builtins.staticmethod", *_each(_ABC, "abstractstaticmethod")})
CLASS = frozenset({"builtins.classmethod", *_each(_ABC, "abstractclassmethod")})
PROPERTY = frozenset(
    {
        "builtins.property",
        "functools.cached_property",
        "types.DynamicClassAttribute",
        "enum.property",
        *_each(_ABC, "abstractproperty"),
    }
)
PARTIAL = frozenset({"functools.partial", "_functools.partial"})
WRAPS = frozenset({"functools.wraps"})
CAST = _each(_TYPING, "cast")
RUNNERS = frozenset(
    {
        "asyncio.run",
        "asyncio.runners.run",
        "anyio.run",
        "anyio._core._eventloop.run",
        "anyio.from_thread.run",
        "trio.run",
        "trio._core._run.run",
        "asgiref.sync.async_to_sync",
    }
)
"""What runs a coroutine to its end."""
AWAITABLES = frozenset(
    f"{module}.{name}"
    for module in ("asyncio", "asyncio.tasks", "asyncio.threads", "asyncio.futures")
    for name in (
        "create_task", "ensure_future", "gather", "shield", "to_thread", "wait_for", "wrap_future",
    )
)  # fmt: skip
"""What gives something to be awaited, though most of it is no ``async def``."""
COPY = frozenset({"copy.copy"})
UPDATE_WRAPPER = frozenset({"functools.update_wrapper"})
IS_COROUTINE = _each(("inspect", "asyncio", "asyncio.coroutines"), "iscoroutinefunction") | _each(
    ("asgiref.sync",), "iscoroutinefunction"
)
IS_ASYNC_GENERATOR = frozenset({"inspect.isasyncgenfunction"})
IS_GENERATOR = frozenset({"inspect.isgeneratorfunction"})
IS_FUNCTION = frozenset({"inspect.isfunction"})
IS_CLASS = frozenset({"inspect.isclass"})
KIND_TESTS = IS_COROUTINE | IS_ASYNC_GENERATOR | IS_GENERATOR | IS_FUNCTION | IS_CLASS
"""What decorators ask about the function that they are given."""
WRAPPERS = frozenset(
    f"{module}.{name}"
    for module in ("arctic_codegen", "arctic_codegen.runtime.wrappers")
    for name in ("rank_zero", "every", "optional")
)
"""Ours, which stand around callbacks (R47)."""
OPAQUE = frozenset(
    {
        *_each(("operator", "_operator"), "methodcaller", "attrgetter", "itemgetter"),
        "functools.partialmethod",
        "functools.singledispatch",
        "functools.singledispatchmethod",
    }
)
"""What is made by these has a signature that the text does not tell."""

_ALL = KEEPS.union(
    STATIC, CLASS, PROPERTY, PARTIAL, WRAPS, UPDATE_WRAPPER, CAST, COPY, OPAQUE, WRAPPERS,
    KIND_TESTS, QUESTIONS, MAKERS, RUNNERS, AWAITABLES,
)  # fmt: skip


def known_name(
    names: Names, loader: Loader, expr: Expr, scope: Scope, env: Env, own: OwnKeepers
) -> str | None:
    """The dotted name of a function or class in the table or among the builtins.

    For a call it is that of what is called. ``None`` is anything else; a decorator of ``own`` is
    :data:`KEEPER`.
    """
    target = expr.func if isinstance(expr, Call) else expr
    root = _root(target)
    if root is None or env.find(root) is not None:
        return None
    last = target.attr if isinstance(target, Attr) else root
    paths: list[str] = []
    if isinstance(target, Attr):
        # The module's own name is enough: reading all of torch for `torch.no_grad` is not.
        base = names.lookup(target.value, scope)
        if isinstance(base, ModuleEntity):
            paths.append(f"{base.name}.{last}")
        elif isinstance(base, ValueEntity):
            paths += [f"{holder}.{last}" for holder in _objects(names, loader, base)]
        found = _listed(paths, own)
        if found is not None:
            return found
    entity = names.lookup(target, scope)
    if isinstance(entity, OpaqueEntity) and entity.module == "builtins":
        return f"{entity.module}.{entity.name}"
    path = path_of(entity)
    found = None if path is None else _listed([path], own)
    if found is not None:
        return found
    if entity in own:
        return KEEPER
    elsewhere = getattr(entity, "module", None) != scope.module
    if isinstance(entity, Unknown) or (elsewhere and (last in LAST or own.may_end_in(last))):
        written = _written(names, loader, target, scope)
        return None if written is None else _listed([written], own)
    return None


def _listed(paths: Iterable[str], own: OwnKeepers) -> str | None:
    for path in paths:
        if path in _ALL:
            return path
        if own.named(path):
            return KEEPER
    return None


def _root(target: Expr) -> str | None:
    while isinstance(target, Attr):
        target = target.value
    return target.id if isinstance(target, Name) else None


def _objects(names: Names, loader: Loader, base: ValueEntity) -> Iterator[str]:
    """What an object is called: under its own name, and as one of its class."""
    path = path_of(base)
    if path is not None:
        yield path
    if isinstance(base.expr, Call):
        made = names.lookup(base.expr.func, base.scope)
        if isinstance(made, ClassEntity):
            yield str(made.id)
        elif isinstance(made, Unknown):
            written = _written(names, loader, base.expr.func, base.scope)
            if written is not None:
                yield written


def _written(names: Names, loader: Loader, target: Expr, scope: Scope) -> str | None:
    """What the import statements of the module say, whether or not the imported module is there."""
    decls, root = loader.module(scope.module).decls, _root(target)
    if decls is None or root is None:
        return None
    tail: list[str] = []
    while isinstance(target, Attr):
        tail.insert(0, target.attr)
        target = target.value
    # Most imports stand at the top: a long module need not be flattened for them.
    found = _imported(decls.body, root)
    if found is None:
        found = _imported((live.stmt for live in names.live(decls.body, scope.module)), root)
    return None if found is None else ".".join((found, *tail))


def _imported(statements: Iterable[Statement], name: str) -> str | None:
    for stmt in statements:
        found = imported_as(stmt, name) if isinstance(stmt, Import | FromImport) else None
        if found is not None:
            return found
    return None


def imported_as(stmt: Import | FromImport, name: str) -> str | None:
    """The dotted path that an absolute import statement binds ``name`` to."""
    if isinstance(stmt, Import):
        for alias in stmt.names:
            if alias.asname == name:
                return alias.name
            if alias.asname is None and alias.name.split(".")[0] == name:
                return name
        return None
    if stmt.level == 0:
        for alias in stmt.names:
            if (alias.asname or alias.name) == name:
                return f"{stmt.module}.{alias.name}"
    return None

"""Functions and decorators that are known by name, so that their source need not be read."""

from __future__ import annotations

from arctic_codegen.model.decls import FromImport, Import
from arctic_codegen.model.expr import Attr, Call, Expr, Name
from arctic_codegen.model.source import Loader
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    ModuleEntity,
    OpaqueEntity,
    Scope,
    Unknown,
)
from arctic_codegen.resolve.interfaces import NamesFace
from arctic_codegen.resolve.values.objects import Env

_TYPING = ("typing", "typing_extensions")
_ABC = ("abc", "_py_abc")


def _each(modules: tuple[str, ...], *names: str) -> frozenset[str]:
    return frozenset(f"{module}.{name}" for module in modules for name in names)


KEEPS = frozenset(
    {
        "functools.lru_cache",
        "functools.cache",
        "functools.total_ordering",
        "warnings.deprecated",
        "_py_warnings.deprecated",
        "contextlib.ContextDecorator",
        "atexit.register",
        "torch.compile",
        "torch.no_grad",
        "torch.enable_grad",
        "torch.inference_mode",
        "torch.set_grad_enabled",
        "torch.autocast",
        "torch.amp.autocast",
        "torch.amp.autocast_mode.autocast",
        "torch.cuda.amp.autocast",
        "torch.cuda.amp.autocast_mode.autocast",
        "torch.cpu.amp.autocast",
        "torch.cpu.amp.autocast_mode.autocast",
        "torch.compiler.disable",
        "torch.compiler.allow_in_graph",
        "torch._dynamo.disable",
        "torch._dynamo.decorators.disable",
        "torch._dynamo.allow_in_graph",
        "torch._disable_dynamo",
        "torch._compile._disable_dynamo",
        "torch.jit.ignore",
        "torch.jit.unused",
        "torch.jit.export",
        "torch._jit_internal.ignore",
        "torch._jit_internal.unused",
        "torch._jit_internal.export",
        "torch.profiler.record_function",
        "torch.autograd.profiler.record_function",
        *_each(
            ("torch.autograd.grad_mode",),
            "no_grad",
            "enable_grad",
            "inference_mode",
            "set_grad_enabled",
        ),
        *_each(_TYPING, "override", "no_type_check", "deprecated", "final", "overload"),
        *_each(_ABC, "abstractmethod"),
    }
)
"""Decorators that leave the signature as it is, bare or called."""

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
    for module in ("arctic_codegen", "arctic_codegen._wrappers")
    for name in ("rank_zero", "every", "optional")
)
"""Ours, which stand around callbacks (R47)."""
MARKS = frozenset(
    {
        "atexit.register",
        *_each(_TYPING, "override", "no_type_check", "final", "overload"),
        *_each(_ABC, "abstractmethod"),
    }
)
"""Those of ``KEEPS`` that give back the very function that they are given."""
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
    KIND_TESTS,
)  # fmt: skip


def known_name(names: NamesFace, loader: Loader, expr: Expr, scope: Scope, env: Env) -> str | None:
    """The dotted name of a function or class in the table or among the builtins.

    For a call it is that of what is called. ``None`` is anything else.
    """
    target = expr.func if isinstance(expr, Call) else expr
    root: Expr = target
    while isinstance(root, Attr):
        root = root.value
    if not isinstance(root, Name) or env.find(root.id) is not None:
        return None
    if isinstance(target, Attr):
        # The module's own name is enough: reading all of torch for `torch.no_grad` is not.
        base = names.lookup(target.value, scope)
        if isinstance(base, ModuleEntity) and f"{base.name}.{target.attr}" in _ALL:
            return f"{base.name}.{target.attr}"
        if isinstance(base, Unknown):
            return _written(names, loader, target, root.id, scope)
    entity = names.lookup(target, scope)
    if isinstance(entity, ClassEntity):
        found = str(entity.id)
    elif isinstance(entity, FunctionEntity):
        found = f"{entity.module}.{entity.decl.qualname}"
    elif isinstance(entity, OpaqueEntity):
        found = f"{entity.module}.{entity.name}"
        if entity.module == "builtins":
            return found
    elif isinstance(entity, Unknown):
        return _written(names, loader, target, root.id, scope)
    else:
        return None
    return found if found in _ALL else None


def _written(names: NamesFace, loader: Loader, target: Expr, root: str, scope: Scope) -> str | None:
    """What the import statements of the module say, where the imported module is not there."""
    decls = loader.module(scope.module).decls
    if decls is None:
        return None
    tail: list[str] = []
    while isinstance(target, Attr):
        tail.insert(0, target.attr)
        target = target.value
    for live in names.live(decls.body, scope.module):
        found = (
            imported_as(live.stmt, root) if isinstance(live.stmt, (Import, FromImport)) else None
        )
        if found is not None:
            dotted = ".".join((found, *tail))
            return dotted if dotted in _ALL else None
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

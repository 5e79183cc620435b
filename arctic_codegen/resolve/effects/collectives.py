"""Does a function call a collective, directly or through other functions of the project?

Nothing is executed: calls are followed as far as their names can be resolved.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.decls import (
    ClassDecl,
    FunctionDecl,
    Return,
)
from arctic_codegen.model.expr import Name, Param, dotted_parts, named
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.effects.asked_for import is_asked_for
from arctic_codegen.resolve.effects.collective_table import (
    FUNCTIONS,
    GROUP_AT,
    METHODS,
    OBJECT_METHODS,
    OWNERS,
    READY_MADE,
)
from arctic_codegen.resolve.effects.objects import Objects, Params
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    ModuleEntity,
    Scope,
)
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.trees import BodyCall, FunctionNode, dotted, span_of
from arctic_codegen.resolve.values.records import Function

_GROUPS = frozenset({"group", "process_group"})
_ALONE = frozenset({"no_dist", "use_local_synchronization"})
_DEEPEST = 100


class FollowedCall(msgspec.Struct, frozen=True):
    """One call on the path, as written, with its place."""

    name: str
    place: Place


class Reached(msgspec.Struct, frozen=True):
    """The path to a collective, which is the last step, and what the collective does."""

    steps: tuple[FollowedCall, ...]
    reason: str


class FunctionBody(msgspec.Struct, frozen=True):
    """A function or lambda whose calls are followed.

    ``scope`` is the one in which its names are read. ``cls`` is the class of the object that is
    passed as ``object``, if known; ``defined_in`` is the class whose body contains it.
    """

    span: Span
    params: tuple[Param, ...]
    scope: Scope
    path: str
    object: str
    cls: ClassEntity | None
    defined_in: ClassEntity | None = None
    supers: tuple[str, ...] = ()
    """The methods that it calls through ``super()``."""
    bound_to: ClassEntity | None = None
    """The class of the object that it is bound to, which is its first parameter."""

    @property
    def function(self) -> FunctionDecl | None:
        """The function itself; for a lambda, the enclosing function."""
        return self.scope.frame if isinstance(self.scope.frame, FunctionDecl) else None


def body_of(
    value: Function, cls: ClassEntity, defined_in: ClassEntity | None
) -> FunctionBody | None:
    """The body of a callback of ``cls``, which receives an object of that class."""
    params, path = value.params or (), value.place.path
    first = params[0].name if params else ""
    if value.definition is not None:
        body = _body_of(value.definition, value.scope, path, first, cls, defined_in)
        receiver = value.receiver
        if receiver is None or not body.params:
            return body
        return msgspec.structs.replace(body, bound_to=receiver.owner)
    if value.lambda_body is None:
        return None
    return FunctionBody(value.lambda_body.span, params, value.scope.late, path, first, cls)


def _body_of(
    decl: FunctionDecl,
    scope: Scope,
    path: str,
    object: str,
    cls: ClassEntity | None,
    defined_in: ClassEntity | None,
) -> FunctionBody:
    supers = tuple(call.method for call in decl.super_calls if call.owner is None)
    inside = scope.inside(decl)
    return FunctionBody(decl.span, decl.params, inside, path, object, cls, defined_in, supers)


class Collectives:
    """Follows calls to collectives."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._objects = Objects(names)
        self._called: dict[tuple[str, Span, str], Sequence[BodyCall]] = {}

    def node(self, body: FunctionBody) -> FunctionNode | None:
        """The syntax tree of a body."""
        if body.function is not None and body.function.span == body.span:
            return self._names.trees.function(body.scope.module, body.function)
        return self._names.trees.lambda_(body.scope.module, body.span)

    def calls(self, body: FunctionBody) -> Sequence[BodyCall]:
        """The first call of each name in a body, in source order, including nested functions."""
        key = (body.scope.module, body.span, body.object)
        node = self.node(body)  # the caller depends on the body even if its calls are cached
        if key not in self._called:
            inside = (
                [] if node is None else node.body if isinstance(node.body, list) else [node.body]
            )
            parts = (part for one in inside for part in ast.walk(one))
            first: dict[str, BodyCall] = {}
            for call in sorted(calls_in(parts, body.object), key=lambda call: call.span):
                first.setdefault(call.name, call)
            self._called[key] = tuple(first.values())
        return self._called[key]

    def reached(
        self,
        body: FunctionBody,
        calls: Iterable[BodyCall] | None = None,
        *,
        of_all: bool = False,
    ) -> Iterator[Reached]:
        """For each call in ``body``, or in ``calls``, that leads to a collective, one path to it,
        in source order. With ``of_all``, collectives of a group of ranks are ignored, since the
        group handles those."""
        known = self._ready_made(body)
        if known is not None:
            yield known
        for call in self.calls(body) if calls is None else calls:
            found = self._follow(call, body, of_all, set(), 0, nested=calls is not None)
            if found is not None and not self._is_asked_for(call, body, called=False):
                yield found

    def _ready_made(self, body: FunctionBody) -> Reached | None:
        """The call that a method of a ready-made callback makes."""
        qualname = "" if body.scope.frame is None else body.scope.frame.qualname
        known = READY_MADE.get(f"{body.scope.module}.{qualname}")
        if known is None:
            return None
        return Reached((FollowedCall(known[0], Place(body.path, body.span)),), known[1])

    def _follow(
        self,
        call: BodyCall,
        body: FunctionBody,
        of_all: bool,
        seen: set[tuple[str, str, str]],
        depth: int,
        *,
        nested: bool = False,
    ) -> Reached | None:
        step = FollowedCall(call.name.removeprefix("?"), Place(body.path, call.span))
        found = self.meaning(call, body)
        if found is None or depth > _DEEPEST or (of_all and self._in_group(call, body)):
            return None
        if isinstance(found, str):
            return Reached((step,), found)
        if body.function and body.function in found.scope.frames and not nested:
            return None  # the calls of a nested function are among those of the outer one
        cls = "" if found.cls is None else f"{found.object} {found.cls.id}"
        key = (found.scope.module, str(found.span), cls)
        if key in seen:
            return None
        seen.add(key)
        for inner in self.calls(found):
            way = self._follow(inner, found, of_all, seen, depth + 1)
            if way is not None and not self._is_asked_for(inner, found, called=True):
                return Reached((step, *way.steps), way.reason)
        return None

    def _is_asked_for(self, call: BodyCall, body: FunctionBody, *, called: bool) -> bool:
        """Whether a call depends on a test of a parameter. The values that a callback receives do
        not count, unless the parameter has a default."""
        own = {body.object, body.params[0].name if body.bound_to and body.params else ""}
        names = {one.name for one in body.params if called or one.default is not None} - own
        if not names or body.function is None:
            return False
        node = self._names.trees.function(body.scope.module, body.function)
        return node is not None and is_asked_for(node, names, call.span.line)

    def _in_group(self, call: BodyCall, body: FunctionBody) -> bool:
        """Whether a call names a group of ranks."""
        node = self.node(body)
        # Columns count bytes in one, and characters in the other.
        return node is not None and any(
            one.lineno == call.span.line and dotted(one.func) == call.name and _names_group(one)
            for one in ast.walk(node)
            if isinstance(one, ast.Call)
        )

    def gives_back(self, name: str, body: FunctionBody) -> bool:
        """Whether a callee is a function of the project that returns its argument."""
        found = self.meaning(BodyCall(name, body.span), body)
        function = found.function if isinstance(found, FunctionBody) else None
        if function is None:
            return False
        statements = flat(function.body)
        params = {param.name for param in function.params}
        params -= {name for stmt in statements for name in bound_names(stmt)}
        returned = [stmt.value for stmt in statements if isinstance(stmt, Return)]
        return bool(returned) and all(isinstance(v, Name) and v.id in params for v in returned)

    def meaning(self, call: BodyCall, body: FunctionBody) -> FunctionBody | str | None:
        """The callee: the effect of a collective, in words; or a function of the project to follow;
        or ``None`` if it is unknown."""
        parts = call.name.split(".")
        if call.name.startswith("?"):
            return self._inherited(parts[-1], body) if call.name.count(".") == 1 else None
        entity, owner, bound = self._entity(parts, body)
        if isinstance(entity, str):
            return FUNCTIONS.get(entity)
        if isinstance(entity, ClassEntity):
            owner, bound = entity, True
            entity = self._names.class_attribute(entity, "__init__")
        if not isinstance(entity, FunctionEntity):
            return _by_name(parts, body)
        if any(dotted_parts(one) == ("staticmethod",) for one in entity.decl.decorators):
            owner, bound = None, False
        known = FUNCTIONS.get(dotted_name(entity) or "")
        if known is not None:
            return known
        if entity.decl.is_stub and owner not in (None, body.cls):
            return _by_name(parts, body)  # a stub of a protocol, which other classes implement
        found = self.body(entity, owner)
        if found is None:
            return None
        if bound and found.params:
            found = msgspec.structs.replace(found, bound_to=owner)
        return self.handed(call.given, found, body) or _closure(found, body)

    def handed(self, given: str, found: FunctionBody, body: FunctionBody) -> FunctionBody | None:
        """The function with the parameter that receives the object from a call in ``body``, if it
        is known which parameter this is."""
        taken = _filled(found.params[1:] if found.bound_to else found.params, given)
        if taken is None or found.function is None or found.function.decorators:
            return None
        return msgspec.structs.replace(found, object=taken, cls=body.cls)

    def body(self, entity: FunctionEntity, cls: ClassEntity | None) -> FunctionBody | None:
        if self._names.source(entity.module).installed:
            return None
        self._names.queries.body_read(entity.module, entity.decl.qualname)
        around = entity.scope.frame
        defined_in = None
        if cls is not None and isinstance(around, ClassDecl):
            classes = self._names.mros.nearest(cls)
            defined_in = next((one for one in classes if one.decl is around), None)
        params, path = entity.decl.params, entity.place.path
        first = params[0].name if params and cls is not None else ""
        return _body_of(entity.decl, entity.scope, path, first, cls, defined_in)

    def _inherited(self, name: str, body: FunctionBody) -> FunctionBody | str | None:
        """The method that ``super().name()`` reaches, or the effect of that collective."""
        own = body.bound_to or body.cls
        if own is None or name not in body.supers:
            return None
        classes = iter(self._names.mro(own).classes)
        for cls in classes:
            if body.defined_in is not None and cls.id == body.defined_in.id:
                break
        for base in classes:
            found = self._names.own_attribute(base, name)
            if isinstance(found, FunctionEntity):
                return FUNCTIONS.get(dotted_name(found) or "") or self.body(found, own)
        return None

    def _entity(
        self, parts: Sequence[str], body: FunctionBody
    ) -> tuple[Entity | str | None, ClassEntity | None, bool]:
        """The entity of a dotted name, its class if it is a method, and whether it is bound to an
        object of that class; for code outside the project, the dotted name instead of an entity."""
        names, scope, span = self._names, body.scope, body.span
        known: dict[str, ClassEntity] = {}
        if body.cls is not None:
            known[body.object] = body.cls
        if body.bound_to is not None:
            known[body.params[0].name] = body.bound_to
        params = Params(body.params, scope, known)
        is_param = parts[0] in known or params.named(parts[0]) is not None
        imported = None if is_param else self._names.imported(parts[0], scope)
        if imported is not None:
            top = imported.partition(".")[0]
            if names.sources.skim(top) is not None or self._is_foreign(top):
                return ".".join((imported, *parts[1:])), None, False
        owner = self._objects.class_of(parts[:-1], params, scope) if len(parts) > 1 else None
        if owner is not None:
            return names.class_attribute(owner, parts[-1]), owner, True
        if is_param:
            return None, None, False
        if len(parts) > 1:
            base = names.lookup(named(".".join(parts[:-1]), span), scope)
            if isinstance(base, ModuleEntity) and f"{base.name}.{parts[-1]}" in FUNCTIONS:
                return f"{base.name}.{parts[-1]}", None, False
            owner = base if isinstance(base, ClassEntity) else None
        return names.lookup(named(".".join(parts), span), scope), owner, False

    def _is_foreign(self, module: str) -> bool:
        found = self._names.source(module)
        return found.installed or found.kind in ("missing", "opaque")


def _closure(found: FunctionBody, body: FunctionBody) -> FunctionBody:
    """The function; a nested one knows the object of the function that contains it."""
    outer = found.scope.frames[-2:-1]
    is_nested = bool(outer) and isinstance(outer[0], FunctionDecl) and outer[0] in body.scope.frames
    if found.object or not is_nested or any(one.name == body.object for one in found.params):
        return found
    return msgspec.structs.replace(found, object=body.object, cls=body.cls)


def _filled(params: Sequence[Param], given: str) -> str | None:
    """The parameter that a positional or keyword argument goes to."""
    if given.isdigit():
        by_position = [one.name for one in params if one.kind in ("positional_only", "normal")]
        return by_position[int(given)] if int(given) < len(by_position) else None
    named = (one.name for one in params if one.kind in ("normal", "keyword_only"))
    return given if given in named else None


def _names_group(call: ast.Call) -> bool:
    """Whether a group is, or may be, among the arguments, or whether these exclude the other
    ranks."""
    if any(
        word.arg is None
        or (word.arg in _GROUPS and not _is_of_all(word.value))
        or (word.arg in _ALONE and isinstance(word.value, ast.Constant) and word.value.value)
        for word in call.keywords
    ):
        return True
    name = dotted(call.func)
    if name.endswith("checkpoint_engine.save") and len(call.args) > 1:
        return True  # an engine of DeepSpeed writes one file, whose path it is given
    at = GROUP_AT.get(name.rpartition(".")[2])
    stars = any(isinstance(one, ast.Starred) for one in call.args)
    if at is None or stars:
        return at is not None
    return len(call.args) > at and not _is_of_all(call.args[at])


def _is_of_all(group: ast.expr) -> bool:
    """Whether a group is the default one, of all ranks, or a name as in ``barrier("saved")``."""
    return isinstance(group, ast.Constant) or dotted(group).endswith("group.WORLD")


def _by_name(parts: list[str], body: FunctionBody) -> str | None:
    """The effect of a method on an object that is named like an engine, an accelerator or a
    trainer: a local name, or an attribute of the object or of its trainer."""
    at = 2 if len(parts) == 4 and parts[:2] == [body.object, "trainer"] else 1
    of_object = parts[0] in (body.object, "trainer") and len(parts) == at + 2
    if len(parts) != 2 and not of_object:
        return None
    owner, name = parts[-2].lstrip("_"), parts[-1]
    return OBJECT_METHODS.get((owner, name)) or (METHODS.get(name) if owner in OWNERS else None)


def calls_in(nodes: Iterable[ast.AST], object: str) -> Iterator[BodyCall]:
    """The calls among these nodes; ``object`` is the body's name of the object."""
    for node in nodes:
        if isinstance(node, ast.Call):
            handed: list[tuple[str | int | None, ast.expr]]
            handed = [(word.arg, word.value) for word in node.keywords]
            if not any(isinstance(one, ast.Starred) for one in node.args):
                handed += enumerate(node.args)
            given = (at for at, one in handed if isinstance(one, ast.Name) and one.id == object)
            yield BodyCall(dotted(node.func), span_of(node), str(next(given, "")))

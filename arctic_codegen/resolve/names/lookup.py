"""What does a name finally refer to? It is followed from definition to definition."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.decls import ClassDecl, FunctionDecl
from arctic_codegen.model.expr import Attr, Expr, IfExp, Name, Seq, Subscript
from arctic_codegen.resolve.binder.bindings import UNBOUND, Binding, normal
from arctic_codegen.resolve.binder.body import outward
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    LambdaEntity,
    ModuleEntity,
    OpaqueEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.names.definitions import (
    AttributeHop,
    Definitions,
    ExprHop,
    Hop,
    no_module,
    path_of_binding,
    picked,
)
from arctic_codegen.resolve.names.identity import entity_key, is_union
from arctic_codegen.resolve.names.module_changes import CALLBACKS
from arctic_codegen.resolve.names.reaching_definitions import Reach, frame_ids
from arctic_codegen.resolve.names.stdlib import COMPUTED
from arctic_codegen.resolve.names.unbound import Unbound
from arctic_codegen.resolve.show import show

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names


_CLASS_METHOD = OpaqueEntity("builtins", "classmethod")


class Lookup:
    """Follows names. A chain of aliases is followed in a loop, without recursion."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._definitions = Definitions(names)
        self._unbound = Unbound(names, self._definitions)

    def lookup(self, expr: Expr, scope: Scope) -> Entity:
        """The entity that an expression refers to, with aliases resolved."""
        return self._follow(ExprHop(expr, scope))

    def module_attribute(self, module: str, name: str) -> Entity:
        """The value of ``module.name`` once the module has been executed."""
        name = normal(name)
        return self._names.queries.get(
            ("attribute", module, name),
            lambda: self._follow(AttributeHop(module, name)),
            lambda: _circular_import(module, name, None),
        )

    def _follow(self, hop: Hop) -> Entity:
        seen: set[object] = set()
        bindings: list[tuple[Scope, Binding]] = []
        while True:
            key = _hop_key(hop)
            if key in seen:
                if isinstance(hop, AttributeHop):
                    inside = f"{hop.module}.{hop.name}"
                    if self._names.source(inside).kind != "missing":
                        return ModuleEntity(inside)
                    return _circular_import(hop.module, hop.name, hop.place)
                return Unknown(circular(show(hop.expr)), self._place(hop))
            seen.add(key)
            result = self._hop(hop, bindings)
            if isinstance(result, (ExprHop, AttributeHop)):
                hop = result
                continue
            return self._reached(result, bindings)

    def _reached(self, entity: Entity, bindings: Sequence[tuple[Scope, Binding]]) -> Entity:
        """The entity, with the path of an alias if its own name refers to something else."""
        if isinstance(entity, ValueEntity) and entity.binding is None and bindings:
            entity = msgspec.structs.replace(entity, binding=path_of_binding(*bindings[-1]))
        if (
            isinstance(entity, (FunctionEntity, LambdaEntity, ValueEntity))
            and entity.reachable is None
        ):
            for home, found in reversed(bindings):
                path = self._definitions.reachable(home, found)
                if path is not None:
                    return msgspec.structs.replace(entity, reachable=path)
        return entity

    def _hop(self, hop: Hop, bindings: list[tuple[Scope, Binding]]) -> Entity | Hop:
        if isinstance(hop, AttributeHop):
            return self._attribute(hop, bindings)
        expr, scope = hop.expr, hop.scope
        if isinstance(expr, Name):
            return self._name(normal(expr.id), expr.span, scope, bindings)
        if isinstance(expr, Attr):
            return self._attr(expr, scope, named=bool(bindings))
        if isinstance(expr, Subscript):
            return self._subscript(expr, scope)
        if isinstance(expr, IfExp):
            taken = self._names.branches.test(expr.test, scope)
            if taken is not None:
                return ExprHop(expr.body if taken else expr.orelse, scope)
        return self._definitions.value(expr, scope)

    def _name(
        self, name: str, span: Span, scope: Scope, bindings: list[tuple[Scope, Binding]]
    ) -> Entity | Hop:
        for typing in (False, True):  # at run time, then only for type checkers
            found = self._lexical(name, span, scope, typing, bindings)
            if found is not None:
                return found
        place = self._definitions.place(scope.module, span)
        if self._names.sources.binds(scope.module, name):
            return Unknown(message("reasons", "not-defined-here", name=name), place, missing=True)
        why = message("reasons", "not-defined", name=name)
        for meant in self._unbound.close(self._names.source(scope.module), name):
            why = message("reasons", "not-defined-did-you-mean", name=name, meant=meant)
        return Unknown(why, place, missing=True)

    def definitions(self, name: str, scope: Scope, typing: bool = False) -> tuple[Scope, Reach]:
        """The bindings of a bare name that code in ``scope`` sees, and the scope of the body that
        contains them; no bindings if the name is a parameter."""
        here = scope
        while here.frames:
            frame = here.frames[-1]
            if isinstance(frame, FunctionDecl):
                body = self._names.sources.own_body(here)
                if name in body.declared:
                    here = Scope(scope.module)
                    break
                own = name in body.binders and name not in body.outer
                if own or any(normal(param.name) == name for param in frame.params):
                    return here, self._names.reaching.reach(here, name, typing)
            elif here is scope:
                reach = self._names.reaching.reach(here, name, typing)
                if reach.state != UNBOUND:
                    return here, reach
            if any(normal(param.name) == name for param in frame.type_params):
                return here, Reach(UNBOUND)
            here = outward(here)
        return here, self._names.reaching.reach(here, name, typing)

    def _lexical(
        self,
        name: str,
        span: Span,
        scope: Scope,
        typing: bool,
        bindings: list[tuple[Scope, Binding]],
    ) -> Entity | Hop | None:
        """A name as code in ``scope`` sees it; ``None`` if it is bound nowhere."""
        here, reach = self.definitions(name, scope, typing)
        if not here.frames:
            return self._global(name, span, here, reach, bindings)
        frame = here.frames[-1]
        unbound = self._unbound_in(frame, name, span, here.module)
        if reach.state == UNBOUND:
            return unbound
        if isinstance(frame, FunctionDecl):
            return self._settle(reach, name, here, bindings, lambda: unbound)
        outside = partial(self._lexical, name, span, outward(here), typing, [])
        return self._settle(reach, name, here, bindings, lambda: self._finish(outside()))

    def _unbound_in(
        self, frame: FunctionDecl | ClassDecl, name: str, span: Span, module: str
    ) -> Unknown:
        """A local name of a function or class that no statement has bound."""
        for param in frame.params if isinstance(frame, FunctionDecl) else ():
            if normal(param.name) == name:
                place = self._definitions.place(module, param.span)
                return Unknown(message("reasons", "parameter", name=name), place)
        if any(normal(param.name) == name for param in frame.type_params):
            place = self._definitions.place(module, frame.span)
            return Unknown(message("reasons", "type-parameter", name=name), place)
        place = self._definitions.place(module, span)
        why = message("reasons", "bound-later", name=name, scope=frame.name)
        return Unknown(why, place)

    def _global(
        self,
        name: str,
        span: Span,
        here: Scope,
        reach: Reach,
        bindings: list[tuple[Scope, Binding]],
    ) -> Entity | Hop | None:
        rebound = name in self._names.reaching.rebound(here.module)
        if rebound and (here.before is None or reach.state == UNBOUND):
            return self._unbound.rebound_later(name, here.module)
        if reach.state == UNBOUND:
            return self._unbound.builtin(name, span, here.module)
        return self._settle(
            reach, name, here, bindings, lambda: self._unbound.builtin(name, span, here.module)
        )

    def _settle(
        self,
        reach: Reach,
        name: str,
        here: Scope,
        bindings: list[tuple[Scope, Binding]],
        outer: Callable[[], Entity | None],
    ) -> Entity | Hop:
        """The entity that all definitions reaching a place agree on."""
        home = here.late
        known = [found for found in reach.state if found is not None]
        if len(known) == len(reach.state) == 1 and known[0].certain:
            bindings.append((home, known[0]))
            return self._definitions.of(known[0], home)
        return self._names.queries.get(
            ("agreed", here.module, frame_ids(here), here.before, name, reach.state),
            lambda: self._agreed(
                known, name, here, None if len(known) == len(reach.state) else outer
            ),
            lambda: Unknown(circular(name)),
        )

    def _agreed(
        self,
        known: Sequence[Binding],
        name: str,
        here: Scope,
        outer: Callable[[], Entity | None] | None,
    ) -> Entity:
        certain = sorted((one for one in known if one.certain), key=lambda one: one.stmt.span.start)
        maybe = [one for one in known if not one.certain]
        home = here.late
        entities: list[Entity] = []
        if outer is not None:
            outside = outer()
            nothing = outside is None or (isinstance(outside, Unknown) and outside.missing)
            if outside is not None and not nothing:
                entities.append(outside)
            elif certain and not self._names.source(here.module).installed:
                # An installed package that reads the name can be assumed to bind it.
                why = message("reasons", "maybe-unbound", name=name)
                entities.append(Unknown(why, None, missing=True))
        entities += (self._finish(self._definitions.of(found, home)) for found in certain)
        if maybe and all(isinstance(entity, Unknown) for entity in entities):
            return self._finish(self._from_unread_star(maybe[0], home))
        if len({entity_key(entity) for entity in entities}) == 1:
            return entities[-1]
        place = self._definitions.place(here.module, certain[0].stmt.span)
        return Unknown(message("reasons", "bound-in-branch", name=name), place)

    def _from_unread_star(self, found: Binding, home: Scope) -> Entity | Hop:
        hop = self._definitions.of(found, home)
        if isinstance(hop, AttributeHop) and self._names.source(hop.module).kind != "opaque":
            why = message("reasons", "star-import", name=found.name, module=hop.module)
            return Unknown(why, hop.place)
        return hop

    def _finish(self, found: Entity | Hop | None) -> Entity:
        if found is None:
            return Unknown(message("reasons", "nothing-defined"), None, missing=True)
        return self._follow(found) if isinstance(found, (ExprHop, AttributeHop)) else found

    # Attributes.

    def _attribute(self, hop: AttributeHop, bindings: list[tuple[Scope, Binding]]) -> Entity | Hop:
        module, name = hop.module, normal(hop.name)
        if (module, name) in COMPUTED:
            defined = COMPUTED[module, name]
            return AttributeHop(*defined, hop.place) if defined else OpaqueEntity(module, name)
        source = self._names.source(module)
        if source.kind == "missing":
            self._names.queries.read(module, "")
            return no_module(self._names.sources.first_missing(module) or module, hop.place)
        if source.kind == "opaque":
            return self._unbound.known(module, name, hop.place)
        if source.kind == "source" and source.decls is None:
            self._names.queries.read(module, "")
            failure = source.failure
            why = message("reasons", "unreadable-module", module=module)
            return Unknown(why, None if failure is None else failure.place)
        if source.kind == "source":
            here = Scope(module)
            for typing in (False, True):  # at run time, then only for type checkers
                reach = self._names.reaching.reach(here, name, typing)
                if reach.state != UNBOUND:
                    beyond = partial(self._unbound.in_module, source, name, hop.place)
                    return self._settle(reach, name, here, bindings, beyond)
                inside = self._unbound.submodule(source, name)
                if inside is not None and not self._names.sources.body(module).says(name):
                    return inside  # it is bound at run time, whatever type checkers see
        return self._unbound.in_module(source, name, hop.place)

    def _attr(self, expr: Attr, scope: Scope, named: bool) -> Entity | Hop:
        """``value.attr``; ``named`` if it is what a name is bound to."""
        owner = self.lookup(expr.value, scope)
        name = normal(expr.attr)
        if isinstance(owner, ModuleEntity):
            place = self._definitions.place(scope.module, expr.attr_span)
            return AttributeHop(owner.name, name, place)
        if isinstance(owner, ClassEntity):
            if name == CALLBACKS:  # its contents depend on where it is read
                return self._definitions.value(expr, scope)
            found = self.class_attribute(owner, name)
            if found is not None:
                is_bound = named and self._is_class_method(found)  # to `value`, unlike the `def`
                return self._definitions.value(expr, scope) if is_bound else found
            inherited = self._names.mros.opaque_attribute(owner, name)
            if inherited is not None:
                return inherited
            place = self._definitions.place(scope.module, expr.attr_span)
            why = message("reasons", "class-lacks", owner=owner.decl.name, name=name)
            return Unknown(why, place, missing=True)
        if isinstance(owner, OpaqueEntity):
            return OpaqueEntity(owner.module, f"{owner.name}.{name}")
        if isinstance(owner, Unknown):
            return owner
        return self._definitions.value(expr, scope)

    def _is_class_method(self, entity: Entity) -> bool:
        return isinstance(entity, FunctionEntity) and any(
            self.lookup(one, entity.scope) == _CLASS_METHOD for one in entity.decl.decorators
        )

    def _subscript(self, expr: Subscript, scope: Scope) -> Entity | Hop:
        owner = self.lookup(expr.value, scope)
        if is_union(owner):  # an alias of a union refers to its members
            return self._definitions.value(expr, scope)
        if isinstance(owner, (ClassEntity, OpaqueEntity, Unknown)):
            return owner
        if isinstance(owner, ValueEntity):
            seq = owner.expr
            item = None
            if isinstance(seq, Seq) and seq.kind == "tuple":
                item = picked(seq, expr)
            if item is not None:
                return ExprHop(item, owner.scope)
        return self._definitions.value(expr, scope)

    def own_attribute(self, owner: ClassEntity, name: str) -> Entity | None:
        """The final value of ``name`` in the class body itself."""
        name = normal(name)
        scope = owner.body
        return self._names.queries.get(
            ("own", owner.id.module, id(owner.decl), name),
            lambda: self._own_attribute(scope, name),
            lambda: Unknown(circular(name), owner.place),
        )

    def _own_attribute(self, scope: Scope, name: str) -> Entity | None:
        reach = self._names.reaching.reach(scope, name)
        if reach.state == UNBOUND:
            return None
        bindings: list[tuple[Scope, Binding]] = []
        found = self._settle(reach, name, scope, bindings, lambda: None)
        return self._reached(self._finish(found), bindings)

    def class_attribute(self, owner: ClassEntity, name: str) -> Entity | None:
        """The value of ``Owner.name``, looked up along the MRO."""
        found = (self.own_attribute(cls, name) for cls in self._names.mros.nearest(owner))
        return next((one for one in found if one is not None), None)

    def _place(self, hop: Hop) -> Place | None:
        if isinstance(hop, AttributeHop):
            return hop.place
        return self._definitions.place(hop.scope.module, hop.expr.span)


def _hop_key(hop: Hop) -> tuple[object, ...]:
    if isinstance(hop, AttributeHop):
        return (hop.module, normal(hop.name))
    expr = hop.expr
    what = expr.id if isinstance(expr, Name) else id(expr)
    return (what, hop.scope.module, frame_ids(hop.scope), hop.scope.before)


def circular(name: str) -> Message:
    """The reason for a definition that depends on itself."""
    return message("reasons", "circular", name=name)


def _circular_import(module: str, name: str, place: Place | None) -> Unknown:
    """Modules import a name from each other and none defines it, so Python does not find it."""
    why = message("reasons", "circular-import", name=name, module=module)
    return Unknown(why, place, missing=True)

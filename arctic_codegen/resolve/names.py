"""The only door to a name: what it means, aliases followed to the end, each look-up recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import msgspec

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.model.decls import ClassDecl, FunctionDecl, Statement
from arctic_codegen.model.expr import Attr, Expr, IfExp, Name, Seq, Starred, Str, Subscript
from arctic_codegen.model.hosts import ClassId, Environment, Read, Ref, Text
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import Loader, Module
from arctic_codegen.resolve.bindings import (
    ALL_CHANGES,
    UNBOUND,
    Body,
    Def,
    State,
    bound_names,
    normal,
    rebound_by_functions,
    start,
)
from arctic_codegen.resolve.branches import Branches
from arctic_codegen.resolve.door import outward
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
from arctic_codegen.resolve.exports import Exports
from arctic_codegen.resolve.flow import Flow
from arctic_codegen.resolve.identity import entity_key
from arctic_codegen.resolve.interfaces import LiveStatement, Mro
from arctic_codegen.resolve.meanings import (
    AttributeHop,
    Definitions,
    ExprHop,
    Hop,
    constant_index,
    no_module,
)
from arctic_codegen.resolve.mro import Orders
from arctic_codegen.resolve.reads import Memo, Recorder
from arctic_codegen.resolve.stdlib import BUILTINS, MODULE_NAMES, UNREAD, added, module_added
from arctic_codegen.resolve.text import Texts
from arctic_codegen.resolve.typeargs import TypeArguments

_VIEWS = ((False, False), (True, False), (False, True))
"""``typing`` and ``main``: what is there at run time; what is there for the type checker alone;
what is there only when the module runs as a script."""


class Reach(msgspec.Struct, frozen=True):
    """The definitions that reach a place, and which of them stand where nobody knows whether
    or how often they are executed."""

    state: State
    unsure: frozenset[Def] = frozenset()
    looped: frozenset[Def] = frozenset()


class Names:
    """Implements ``NamesFace``; the parts that it is made of see it as a ``Door``."""

    def __init__(self, loader: Loader, settings: Settings) -> None:
        self.settings = settings
        self.recorder = Recorder()
        self.memo = Memo(self.recorder)
        self._loader = loader
        self._modules: dict[str, Module] = {}
        self._bodies: dict[str, Body] = {}
        self._frames: dict[int, tuple[ClassDecl | FunctionDecl, Body]] = {}
        self._rebound: dict[str, frozenset[str]] = {}
        self._classes: dict[tuple[str, int], ClassEntity] = {}
        self._homes: dict[tuple[str, int], tuple[FunctionDecl | ClassDecl, ...]] = {}
        self._branches = Branches(self)
        self._definitions = Definitions(self)
        self._exports = Exports(self, self._branches)
        self._orders = Orders(self)
        self._texts = Texts(self)
        self._type_arguments = TypeArguments(self)

    # Modules and bodies.

    def source(self, name: str) -> Module:
        """The module of a dotted name, each asked for once."""
        found = self._modules.get(name)
        if found is None:
            version = module_added(name)
            if version is not None and self.settings.python_version < version:
                self.recorder.python_version()
                found = Module(name, "missing")
            elif name in UNREAD:
                found = Module(name, "opaque")
            else:
                found = self._loader.module(name)
            self._modules[name] = found
        return found

    def body(self, module: str) -> Body:
        """The index of a module's own statements."""
        found = self._bodies.get(module)
        if found is None:
            source = self.source(module)
            statements = () if source.decls is None else source.decls.body
            found = Body(statements, module if source.is_package else None)
            self._bodies[module] = found
        return found

    def class_body(self, scope: Scope) -> Body:
        """The index of the innermost frame of a scope."""
        frame = scope.frames[-1]
        known = self._frames.get(id(frame))
        if known is None:
            known = self._frames[id(frame)] = (frame, Body(frame.body))
        self._homes.setdefault((scope.module, id(frame.body)), scope.frames)
        return known[1]

    def binds(self, module: str, name: str) -> bool:
        """Whether some statement of a module that can be read may bind a name."""
        return self.source(module).decls is not None and name in self.body(module).binders

    def class_entity(self, decl: ClassDecl, scope: Scope) -> ClassEntity:
        """The entity of a class statement that stands in ``scope``, one for each statement."""
        key = (scope.module, id(decl))
        found = self._classes.get(key)
        if found is None:
            found = self._classes[key] = self._definitions.class_(decl, scope)
        return found

    # Definitions that reach a place.

    def reach(self, scope: Scope, name: str, typing: bool = False, main: bool = False) -> Reach:
        """What may bind a name in the innermost frame of a scope, at its position."""
        return self.memo.get(
            ("reach", scope.module, _frame_ids(scope), scope.before, name, typing, main),
            lambda: self._reach(scope, name, typing, main),
            lambda: Reach(UNBOUND),
        )

    def _reach(self, scope: Scope, name: str, typing: bool, main: bool) -> Reach:
        self._record(scope, name)
        body = self.class_body(scope) if scope.frames else self.body(scope.module)
        if not body.relevant(name):
            return Reach(UNBOUND)
        flow = Flow(self, self._branches, Scope(scope.module, scope.frames), name, typing, main)
        state, _ = flow.run(body, UNBOUND, scope.before)
        return Reach(state, frozenset(flow.unsure), frozenset(flow.looped))

    def _record(self, scope: Scope, name: str) -> None:
        if not scope.frames:
            self.recorder.read(scope.module, name)
        else:
            inside = any(isinstance(frame, FunctionDecl) for frame in scope.frames)
            self.recorder.read(scope.module, scope.frames[0].name, inside)

    def state(self, scope: Scope, name: str, *, typing: bool = False, main: bool = False) -> State:
        """What may bind a name in the innermost frame of a scope, at its position."""
        return self.reach(scope, name, typing, main).state

    def is_sure(self, home: Scope, found: Def) -> bool:
        """Whether a definition, and nothing else, is what its name means in the end."""
        if not home.frames and found.name in self._rebound_names(home.module):
            return False
        reach = self.reach(home, found.name)
        return (
            reach.state == frozenset({found})
            and found not in reach.unsure
            and found not in reach.looped
        )

    def _rebound_names(self, module: str) -> frozenset[str]:
        found = self._rebound.get(module)
        if found is None:
            found = self._rebound[module] = rebound_by_functions(self.body(module).statements)
        return found

    # Following names.

    def lookup(self, expr: Expr, scope: Scope) -> Entity:
        """What an expression means, aliases followed to the end."""
        return self._follow(ExprHop(expr, scope))

    def module_attribute(self, module: str, name: str) -> Entity:
        """What ``module.name`` is once the module has been executed."""
        name = normal(name)
        return self.memo.get(
            ("attribute", module, name),
            lambda: self._follow(AttributeHop(module, name)),
            lambda: _circular(module, name, None),
        )

    def exported(self, module: str, name: str, typing: bool) -> bool | None:
        """Whether ``from module import *`` binds a name; ``None`` if it cannot be told."""
        return self._exports.exported(module, name, typing)

    def test(self, expr: Expr, scope: Scope) -> bool | None:
        """Whether a test holds at run time; ``None`` if the text does not decide it."""
        return self._branches.test(expr, scope)

    def _follow(self, hop: Hop) -> Entity:
        seen: set[object] = set()
        bindings: list[tuple[Scope, Def]] = []
        while True:
            key = _hop_key(hop)
            if key in seen:
                if isinstance(hop, AttributeHop):
                    inside = f"{hop.module}.{hop.name}"
                    if self.source(inside).kind != "missing":
                        return ModuleEntity(inside)
                    return _circular(hop.module, hop.name, hop.place)
                return Unknown("a name is defined through itself", _hop_place(self, hop))
            seen.add(key)
            result = self._hop(hop, bindings)
            if isinstance(result, (ExprHop, AttributeHop)):
                hop = result
                continue
            return self._reached(result, bindings)

    def _reached(self, entity: Entity, bindings: Sequence[tuple[Scope, Def]]) -> Entity:
        """The entity, reachable through an alias if its own name means something else."""
        if (
            isinstance(entity, (FunctionEntity, LambdaEntity, ValueEntity))
            and entity.reachable is None
        ):
            for home, found in reversed(bindings):
                path = self._definitions.reachable(home, found)
                if path is not None:
                    return msgspec.structs.replace(entity, reachable=path)
        return entity

    def _hop(self, hop: Hop, bindings: list[tuple[Scope, Def]]) -> Entity | Hop:
        if isinstance(hop, AttributeHop):
            return self._attribute(hop, bindings)
        expr, scope = hop.expr, hop.scope
        if isinstance(expr, Name):
            return self._name(normal(expr.id), expr.span, scope, bindings)
        if isinstance(expr, Attr):
            return self._attr(expr, scope)
        if isinstance(expr, Subscript):
            return self._subscript(expr, scope)
        if isinstance(expr, IfExp):
            taken = self._branches.test(expr.test, scope)
            if taken is not None:
                return ExprHop(expr.body if taken else expr.orelse, scope)
        return self._definitions.value(expr, scope)

    def _name(
        self, name: str, span: Span, scope: Scope, bindings: list[tuple[Scope, Def]]
    ) -> Entity | Hop:
        for typing, main in _VIEWS:
            found = self._lexical(name, span, scope, typing, main, bindings)
            if found is not None:
                return found
        place = self._definitions.place(scope.module, span)
        return Unknown(f"'{name}' is not defined", place, missing=True)

    def _lexical(
        self,
        name: str,
        span: Span,
        scope: Scope,
        typing: bool,
        main: bool,
        bindings: list[tuple[Scope, Def]],
    ) -> Entity | Hop | None:
        """A name as code in ``scope`` reads it; ``None`` where it is bound nowhere."""
        here = scope
        while here.frames:
            frame = here.frames[-1]
            if isinstance(frame, FunctionDecl):
                body = self.class_body(here)
                if name in body.declared:
                    here = Scope(scope.module)
                    break
                if any(normal(param.name) == name for param in frame.params) or (
                    name in body.binders and name not in body.outer
                ):
                    return self._local(name, span, here, frame, typing, main, bindings)
            elif here is scope:
                reach = self.reach(here, name, typing, main)
                if reach.state != UNBOUND:
                    outside = partial(self._lexical, name, span, outward(here), typing, main, [])
                    return self._settle(
                        reach, name, here, bindings, partial(self._outside, outside)
                    )
            if any(normal(param.name) == name for param in frame.type_params):
                place = self._definitions.place(scope.module, frame.span)
                return Unknown(f"'{name}' is a type parameter", place)
            here = outward(here)
        return self._global(name, span, here, typing, main, bindings)

    def _outside(self, found: Callable[[], Entity | Hop | None]) -> Entity:
        return self._finish(found())

    def _local(
        self,
        name: str,
        span: Span,
        here: Scope,
        frame: FunctionDecl,
        typing: bool,
        main: bool,
        bindings: list[tuple[Scope, Def]],
    ) -> Entity | Hop:
        reach = self.reach(here, name, typing, main)
        param = next((param for param in frame.params if normal(param.name) == name), None)
        unbound: Entity
        if param is not None:
            place = self._definitions.place(here.module, param.span)
            unbound = Unknown(f"'{name}' is a parameter", place)
        else:
            place = self._definitions.place(here.module, span)
            unbound = Unknown(f"'{name}' is bound later in '{frame.name}'", place)
        if reach.state == UNBOUND:
            return unbound
        return self._settle(reach, name, here, bindings, lambda: unbound)

    def _global(
        self,
        name: str,
        span: Span,
        here: Scope,
        typing: bool,
        main: bool,
        bindings: list[tuple[Scope, Def]],
    ) -> Entity | Hop | None:
        reach = self.reach(here, name, typing, main)
        rebound = name in self._rebound_names(here.module)
        if rebound and (here.before is None or reach.state == UNBOUND):
            return self._rebound_later(name, here.module)
        if reach.state == UNBOUND:
            return self._builtin(name, span, here.module)
        return self._settle(
            reach, name, here, bindings, lambda: self._builtin(name, span, here.module)
        )

    def _rebound_later(self, name: str, module: str) -> Unknown:
        return Unknown(
            f"'{name}' is bound by a function that declares it 'global'",
            self._definitions.place(module, Span(1, 1, 1, 1)),
        )

    def _builtin(self, name: str, span: Span, module: str) -> Entity | None:
        if name == "__name__":
            return self._definitions.value(Str(span, module), Scope(module))
        if name in MODULE_NAMES:
            return OpaqueEntity(module, name)
        if name not in BUILTINS:
            return None
        return self._known("builtins", name, None)

    def _settle(
        self,
        reach: Reach,
        name: str,
        here: Scope,
        bindings: list[tuple[Scope, Def]],
        outer: Callable[[], Entity | None],
    ) -> Entity | Hop:
        """What the definitions that reach a place agree on."""
        home = Scope(here.module, here.frames)
        certain = [found for found in reach.state if found is not None and found.certain]
        maybe = [found for found in reach.state if found is not None and not found.certain]
        if len(reach.state) == 1 and certain:
            bindings.append((home, certain[0]))
            return self._definitions.of(certain[0], home)
        return self.memo.get(
            ("agreed", here.module, _frame_ids(here), here.before, name, reach.state),
            lambda: self._agreed(reach, name, here, certain, maybe, outer),
            lambda: Unknown(f"'{name}' is defined through itself"),
        )

    def _agreed(
        self,
        reach: Reach,
        name: str,
        here: Scope,
        certain: Sequence[Def],
        maybe: Sequence[Def],
        outer: Callable[[], Entity | None],
    ) -> Entity:
        home = Scope(here.module, here.frames)
        entities: list[Entity] = []
        if None in reach.state:
            outside = outer()
            nothing = outside is None or (isinstance(outside, Unknown) and outside.missing)
            if outside is not None and not nothing:
                entities.append(outside)
            elif certain and not self.source(here.module).installed:
                # An installed package that reads the name has it.
                entities.append(Unknown(f"'{name}' may be unbound", None, missing=True))
        for found in sorted(certain, key=lambda one: start(one.stmt.span)):
            entities.append(self._finish(self._definitions.of(found, home)))
        if maybe and all(isinstance(entity, Unknown) for entity in entities):
            return self._finish(self._from_unread_star(maybe[0], home))
        if len({entity_key(entity) for entity in entities}) == 1:
            return entities[-1]
        first = min(certain, key=lambda one: start(one.stmt.span))
        place = self._definitions.place(here.module, first.stmt.span)
        if any(found in reach.looped for found in certain):
            return Unknown(f"'{name}' is bound in a loop", place)
        return Unknown(f"'{name}' is bound in a branch that the text does not decide", place)

    def _from_unread_star(self, found: Def, home: Scope) -> Entity | Hop:
        hop = self._definitions.of(found, home)
        if isinstance(hop, AttributeHop) and self.source(hop.module).kind != "opaque":
            return Unknown(
                f"'{found.name}' may come from the star import of '{hop.module}'", hop.place
            )
        return hop

    def _finish(self, found: Entity | Hop | None) -> Entity:
        if found is None:
            return Unknown("a name is not defined", None, missing=True)
        return self._follow(found) if isinstance(found, (ExprHop, AttributeHop)) else found

    # Attributes.

    def _attribute(self, hop: AttributeHop, bindings: list[tuple[Scope, Def]]) -> Entity | Hop:
        module, name = hop.module, normal(hop.name)
        source = self.source(module)
        if source.kind == "missing":
            self.recorder.read(module, "")
            return no_module(self._first_missing(module), hop.place)
        if source.kind == "opaque":
            return self._known(module, name, hop.place)
        if source.kind == "source" and source.decls is None:
            self.recorder.read(module, "")
            failure = source.failure
            return Unknown(
                f"module '{module}' cannot be read", None if failure is None else failure.place
            )
        if source.kind == "source":
            here = Scope(module)
            for typing, main in _VIEWS:
                reach = self.reach(here, name, typing, main)
                if reach.state != UNBOUND:
                    beyond = partial(self._beyond, source, name, hop.place)
                    return self._settle(reach, name, here, bindings, beyond)
        return self._beyond(source, name, hop.place)

    def _first_missing(self, module: str) -> str:
        parts = module.split(".")
        paths = [".".join(parts[:length]) for length in range(1, len(parts))]
        return next((path for path in paths if self.source(path).kind == "missing"), module)

    def _beyond(self, source: Module, name: str, place: Place | None) -> Entity:
        """An attribute of a module that none of its statements binds."""
        module = source.name
        if source.is_package or source.kind == "namespace":
            inside = f"{module}.{name}"
            if self.source(inside).kind != "missing":
                self.recorder.read(inside, "")
                return ModuleEntity(inside)
        if name == "__name__":
            return self._definitions.value(Str(Span(1, 1, 1, 1), module), Scope(module))
        if name in MODULE_NAMES:
            return OpaqueEntity(module, name)
        if source.kind == "source":
            if name in self._rebound_names(module):
                return self._rebound_later(name, module)
            if self.state(Scope(module), "__getattr__") != UNBOUND:
                return Unknown(f"'{name}' comes from '__getattr__' of module '{module}'", place)
        return Unknown(f"module '{module}' has no '{name}'", place, missing=True)

    def _known(self, module: str, name: str, place: Place | None) -> Entity:
        """A name in a module that is not read."""
        version = added(module, name)
        if version is not None:
            self.recorder.python_version()
            if self.settings.python_version < version:
                return Unknown(f"module '{module}' has no '{name}'", place, missing=True)
        if f"{module}.{name}" in UNREAD:
            return ModuleEntity(f"{module}.{name}")
        return OpaqueEntity(module, name)

    def _attr(self, expr: Attr, scope: Scope) -> Entity | Hop:
        owner = self.lookup(expr.value, scope)
        name = normal(expr.attr)
        if isinstance(owner, ModuleEntity):
            place = self._definitions.place(scope.module, expr.attr_span)
            return AttributeHop(owner.name, name, place)
        if isinstance(owner, ClassEntity):
            found = self.class_attribute(owner, name)
            if found is not None:
                return found
            inherited = self._orders.opaque_attribute(owner, name)
            if inherited is not None:
                return inherited
            place = self._definitions.place(scope.module, expr.attr_span)
            return Unknown(f"class '{owner.decl.name}' has no '{name}'", place, missing=True)
        if isinstance(owner, OpaqueEntity):
            return OpaqueEntity(owner.module, f"{owner.name}.{name}")
        if isinstance(owner, Unknown):
            return owner
        return self._definitions.value(expr, scope)

    def _subscript(self, expr: Subscript, scope: Scope) -> Entity | Hop:
        owner = self.lookup(expr.value, scope)
        if isinstance(owner, (ClassEntity, OpaqueEntity, Unknown)):
            return owner
        if isinstance(owner, ValueEntity):
            index = constant_index(expr)
            seq = owner.expr
            if index is not None and isinstance(seq, Seq) and seq.kind == "tuple":
                items = seq.items
                plain = not any(isinstance(item, Starred) for item in items)
                if plain and -len(items) <= index < len(items):
                    return ExprHop(items[index], owner.scope)
        return self._definitions.value(expr, scope)

    def own_attribute(self, owner: ClassEntity, name: str) -> Entity | None:
        """What the class body itself binds ``name`` to in the end."""
        name = normal(name)
        scope = Scope(owner.id.module, (*owner.scope.frames, owner.decl))
        return self.memo.get(
            ("own", owner.id.module, id(owner.decl), name),
            lambda: self._own_attribute(scope, name),
            lambda: Unknown(f"'{name}' is defined through itself", owner.place),
        )

    def _own_attribute(self, scope: Scope, name: str) -> Entity | None:
        reach = self.reach(scope, name)
        if reach.state == UNBOUND:
            return None
        bindings: list[tuple[Scope, Def]] = []
        found = self._settle(reach, name, scope, bindings, lambda: None)
        return self._reached(self._finish(found), bindings)

    def class_attribute(self, owner: ClassEntity, name: str) -> Entity | None:
        """What ``Owner.name`` is, looked up along the MRO."""
        for cls in self.mro(owner).classes:
            found = self.own_attribute(cls, name)
            if found is not None:
                return found
        return None

    def own_names(self, owner: ClassEntity) -> tuple[str, ...]:
        """Every name that the class body binds, in the order of its first binding."""
        scope = Scope(owner.id.module, (*owner.scope.frames, owner.decl))
        body = self.class_body(scope)
        ordered: dict[str, None] = {}
        for live in self._branches.live(body.statements, scope):
            if not live.typing_only:
                ordered.update(dict.fromkeys(bound_names(live.stmt)))
        ordered.update(dict.fromkeys(body.binders))
        return tuple(
            name for name in ordered if name != ALL_CHANGES and self.state(scope, name) != UNBOUND
        )

    # Inheritance, branches, text.

    def mro(self, owner: ClassEntity) -> Mro:
        """The C3 order, cached."""
        return self._orders.mro(owner)

    def metaclass_of(self, owner: ClassEntity) -> str | None:
        """The dotted name of the metaclass; ``None`` where it is ``type``."""
        return self._orders.metaclass_of(owner)

    def refuses_abstract(self, owner: ClassEntity) -> bool:
        """Whether the metaclass refuses an object of a class with abstract methods."""
        return self._orders.refuses_abstract(owner)

    def live(self, statements: Sequence[Statement], module: str) -> tuple[LiveStatement, ...]:
        """Those statements flattened, decided branches taken as Python would."""
        frames = self._homes.get((module, id(statements)), ())
        return self._branches.live(statements, Scope(module, frames))

    def look_into(self, scope: Scope) -> None:
        """Writes down that the body of the innermost frame is read, names in it or not."""
        self._record(scope, "")

    def look_at_changes(self, module: str) -> None:
        """Writes down that a module's changes of callbacks are read."""
        self.recorder.read(module, "()")

    def classes_of(self, module: str) -> tuple[ClassEntity, ...]:
        """Every class at module level or in a class body that its name means in the end."""
        source = self.source(module)
        if source.decls is None:
            return ()
        found: list[ClassEntity] = []
        self._gather(source.decls.body, Scope(module), found)
        return tuple(found)

    def _gather(
        self, statements: Sequence[Statement], home: Scope, found: list[ClassEntity]
    ) -> None:
        for live in self._branches.live(statements, home):
            decl = live.stmt
            if not isinstance(decl, ClassDecl) or live.typing_only or live.main_only:
                continue
            if Def(decl, "class", normal(decl.name)) not in self.state(home, normal(decl.name)):
                continue
            entity = self.class_entity(decl, Scope(home.module, home.frames, start(decl.span)))
            found.append(entity)
            self._gather(decl.body, Scope(home.module, (*home.frames, decl)), found)

    def text(self, expr: Expr, scope: Scope, types: dict[str, Text] | None = None) -> Text | None:
        """An annotation as text with references, strings unquoted."""
        return self._texts.text(expr, scope, types)

    def reference(self, name: str, scope: Scope) -> Ref | None:
        """How another module imports what a bare name means in ``scope``."""
        return self._texts.reference(name, scope)

    def type_arguments(self, owner: ClassEntity, ancestor: ClassId) -> dict[str, Text]:
        """What ``owner`` gave for the type parameters of ``ancestor``, by name (R29)."""
        return self._type_arguments.of(owner, ancestor)

    # The record.

    def start_recording(self) -> None:
        """From here on look-ups are gathered (for one compiled module)."""
        self.recorder.start()

    def stop_recording(self) -> tuple[tuple[Read, ...], Environment]:
        """What was read since, sorted."""
        return self.recorder.stop()


def _frame_ids(scope: Scope) -> tuple[int, ...]:
    return tuple(id(frame) for frame in scope.frames)


def _hop_key(hop: Hop) -> tuple[object, ...]:
    if isinstance(hop, AttributeHop):
        return (hop.module, normal(hop.name))
    expr = hop.expr
    what = expr.id if isinstance(expr, Name) else id(expr)
    return (what, hop.scope.module, _frame_ids(hop.scope), hop.scope.before)


def _circular(module: str, name: str, place: Place | None) -> Unknown:
    """Modules that import a name from each other, and none defines it: Python finds none."""
    return Unknown(f"'{name}' of module '{module}' is imported in a circle", place, missing=True)


def _hop_place(names: Names, hop: Hop) -> Place | None:
    if isinstance(hop, AttributeHop):
        return hop.place
    file = names.source(hop.scope.module).file
    return None if file is None else Place(file.path, hop.expr.span)

"""What does a name refer to? Aliases are followed to the end, and each look-up is recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from arctic_codegen.model.decls import ClassDecl, FromImport, Import, Statement
from arctic_codegen.model.expr import Attr, Expr, Name, dotted_parts
from arctic_codegen.model.hosts import ClassId
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.source import Loader, Module
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.resolve.binder.bindings import (
    UNBOUND,
    Binding,
    State,
    bound_names,
    imported_as,
    normal,
)
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.entities import ClassEntity, Entity, OpaqueEntity, Scope
from arctic_codegen.resolve.names.branch_tests import BranchTests
from arctic_codegen.resolve.names.branches import Branches, LiveStatement
from arctic_codegen.resolve.names.budget import StepBudget
from arctic_codegen.resolve.names.definitions import Definitions
from arctic_codegen.resolve.names.exports import Exports
from arctic_codegen.resolve.names.lookup import Lookup
from arctic_codegen.resolve.names.module_changes import PlacedChange, changes_in
from arctic_codegen.resolve.names.mro import Mro, Mros
from arctic_codegen.resolve.names.portable_text import PortableTexts
from arctic_codegen.resolve.names.reaching_definitions import Reach, ReachingDefinitions
from arctic_codegen.resolve.names.sources import Sources
from arctic_codegen.resolve.names.trees import Trees
from arctic_codegen.resolve.names.typeargs import TypeArguments
from arctic_codegen.resolve.query import Dependencies, Queries, QueryNode, behind


class Names:
    """The entry point for the parts of this package, which also use each other through it."""

    def __init__(self, loader: Loader, settings: Settings) -> None:
        self.settings = settings
        self.queries = Queries()
        self.budget = StepBudget()
        self.sources = Sources(loader)
        self.trees = Trees(loader, self.queries)
        self._classes: dict[tuple[str, int], ClassEntity] = {}
        self._recorded: dict[str, list[QueryNode]] = {}
        self.branches = Branches(self)
        self.branch_tests = BranchTests(self)
        """Gives the values of standard names to code that evaluates more than tests."""
        self._definitions = Definitions(self)
        self.reaching = ReachingDefinitions(self)
        self.exports = Exports(self)
        self.mros = Mros(self)
        self._lookup = Lookup(self)
        self._texts = PortableTexts(self)
        self.type_params = TypeArguments(self)

    # Modules, bodies, and the definitions in them.

    def source(self, name: str) -> Module:
        """The module with a dotted name, loaded once."""
        return self.sources.source(name)

    def state(self, scope: Scope, name: str, *, typing: bool = False) -> State:
        """The bindings of a name in the innermost frame of a scope, at its position."""
        return self.reaching.reach(scope, name, typing).state

    def class_entity(self, decl: ClassDecl, scope: Scope) -> ClassEntity:
        """The entity of a class statement in ``scope``; each statement has one."""
        key = (scope.module, id(decl))
        found = self._classes.get(key)
        if found is None:
            found = self._classes[key] = self._definitions.class_(decl, scope)
        return found

    # Following names.

    def lookup(self, expr: Expr, scope: Scope) -> Entity:
        """The entity that an expression refers to, with aliases resolved."""
        return self._lookup.lookup(expr, scope)

    def module_attribute(self, module: str, name: str) -> Entity:
        """The value of ``module.name`` once the module has been executed."""
        return self._lookup.module_attribute(module, name)

    def own_attribute(self, owner: ClassEntity, name: str) -> Entity | None:
        """The final value of ``name`` in the class body itself."""
        return self._lookup.own_attribute(owner, name)

    def class_attribute(self, owner: ClassEntity, name: str) -> Entity | None:
        """The value of ``Owner.name``, looked up along the MRO."""
        return self._lookup.class_attribute(owner, name)

    def own_names(self, owner: ClassEntity) -> tuple[str, ...]:
        """Every name that the class body binds, in order of first binding."""
        scope = owner.body
        body = self.sources.own_body(scope)
        ordered: dict[str, None] = {}
        for live in self.branches.live(body.statements, scope):
            if not live.typing_only:
                ordered.update(dict.fromkeys(bound_names(live.stmt)))
        ordered.update(dict.fromkeys(body.binders))
        return tuple(name for name in ordered if self.state(scope, name) != UNBOUND)

    # Inheritance, branches, text.

    def mro(self, owner: ClassEntity) -> Mro:
        """The C3 order, cached."""
        return self.mros.mro(owner)

    def opaque_bases(self, owner: ClassEntity) -> Iterator[OpaqueEntity]:
        """The bases of a class without readable source."""
        for base in owner.decl.bases:
            entity = self.lookup(base, owner.scope)
            if isinstance(entity, OpaqueEntity):
                yield entity

    def live(self, statements: Sequence[Statement], scope: Scope) -> tuple[LiveStatement, ...]:
        """The statements that Python would execute, flattened."""
        return self.branches.live(statements, scope)

    def uncaught_imports(self, module: str) -> Iterator[Import | FromImport]:
        """The imports of a module that fail when it is executed, without an alternative that is
        imported instead."""
        decls = self.source(module).decls
        if decls is not None:
            for stmt, _ in self.branches.imports.failing(decls.body, Scope(module), deep=False):
                if isinstance(stmt, (Import, FromImport)):
                    yield stmt

    def list_changes(self, module: str) -> tuple[PlacedChange, ...]:
        """The in-place changes in a module that other code may see."""
        return self.queries.get(("changes", module), lambda: tuple(changes_in(self, module)))

    def definitions(self, name: str, scope: Scope, *, typing: bool = False) -> tuple[Scope, Reach]:
        """The bindings of a bare name that code in ``scope`` sees, and the scope of the body that
        contains them."""
        return self._lookup.definitions(name, scope, typing)

    def imported(self, name: str, scope: Scope) -> str | None:
        """The dotted name that an import statement binds ``name`` to, in a function or module."""
        _, reach = self.definitions(name, scope)
        found = [one.stmt for one in reach.state if one is not None]
        imports = (one for one in found if isinstance(one, Import | FromImport))
        names = (imported_as(one, name) for one in sorted(imports, key=lambda one: one.span))
        return next(filter(None, names), None)

    def imported_path(self, dotted: str, scope: Scope) -> str | None:
        """A dotted name resolved through import statements, whether or not the modules exist."""
        first, dot, rest = dotted.partition(".")
        found = self.imported(first, scope)
        return None if found is None else f"{found}{dot}{rest}"

    def library(self, expr: Name | Attr, scope: Scope) -> str | None:
        """The installed package that a name is imported from; the package is not read for this."""
        root = (dotted_parts(expr) or ("",))[0]
        package = (self.imported(root, scope) or "").partition(".")[0]
        return package if package and self.sources.skim(package) is not None else None

    def classes_of(self, module: str, *, kept: bool = True) -> tuple[ClassEntity, ...]:
        """Every class at module level or in a class body whose name finally refers to it; with
        ``kept=False``, those whose name does not."""
        decls = self.source(module).decls
        return () if decls is None else tuple(self._gather(decls.body, Scope(module), kept))

    def is_kept(self, cls: ClassEntity) -> bool:
        """Whether the name of a class finally refers to it, so that other code can use the name."""
        if cls.scope.in_function:
            return True
        name = normal(cls.decl.name)
        return Binding(cls.decl, "class", name) in self.state(cls.scope.late, name)

    def _gather(
        self, statements: Sequence[Statement], home: Scope, kept: bool
    ) -> Iterator[ClassEntity]:
        if not any(isinstance(stmt, ClassDecl) for stmt in flat(tuple(statements))):
            return  # there is no class, so the branches need not be evaluated
        for live in self.branches.live(statements, home):
            decl = live.stmt
            if not isinstance(decl, ClassDecl) or live.typing_only or live.main_only:
                continue
            entity = self.class_entity(decl, home.at(decl.span))
            is_kept = self.is_kept(entity)
            if is_kept == kept:
                yield entity
            if is_kept:
                yield from self._gather(decl.body, home.inside(decl), kept)

    def text(self, expr: Expr, scope: Scope, types: dict[str, Text] | None = None) -> Text | None:
        """An annotation as text with references, with strings unquoted."""
        return self._texts.text(expr, scope, types)

    def reference(self, name: str, scope: Scope) -> Ref | None:
        """How another module imports the object that a bare name refers to in ``scope``."""
        return self._texts.reference(name, scope)

    def type_arguments(self, owner: ClassEntity, ancestor: ClassId) -> dict[str, Text]:
        """The type arguments of ``owner`` for the parameters of ``ancestor``, by name (R29)."""
        return self.type_params.of(owner, ancestor)

    # The record.

    @contextmanager
    def recorded_for(self, module: str) -> Iterator[QueryNode]:
        """Attribute look-ups inside to this module, in addition to any outer recording."""
        with self.queries.record() as node:
            self._recorded.setdefault(module, []).append(node)
            yield node

    def dependencies(self, *modules: str) -> Dependencies:
        """The look-ups recorded for these modules."""
        return behind(node for module in modules for node in self._recorded.get(module, ()))

"""Class keywords, and how a compiled class gets what its source's statement gave (R28)."""

from __future__ import annotations

from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.frameworks.own import OWN
from arctic_codegen.frameworks.table import framework_of, is_mixin
from arctic_codegen.model.expr import Attr, Expr, Literal_, Name, Seq, Str, UnaryOp
from arctic_codegen.model.hosts import Ref, Text
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.hosts.class_facts import ClassFacts
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.names.names import Names

_TAKES = "__init_subclass__"
_PLAIN_METACLASSES = frozenset({"builtins.type", "abc.ABCMeta", "typing._ProtocolMeta"})

Keywords = tuple[tuple[str, Text | None], ...]


class ClassKeywords:
    """Reads them for one module."""

    def __init__(self, names: Names, members: Members, facts: ClassFacts) -> None:
        self._names = names
        self._members = members
        self._facts = facts

    def of(self, cls: ClassEntity) -> tuple[Keywords, tuple[Finding, ...]]:
        """The keywords to repeat (``None``: the object that the mixin has noted), and findings
        about those that cannot be."""
        found: list[tuple[str, Text | None]] = []
        findings: list[Finding] = []
        for name, expr in cls.decl.keywords:
            if name == "metaclass":
                continue
            if name is not None and not self._stays(expr, cls.scope) and self._is_noted(cls):
                found.append((name, None))
                continue
            parts = None
            if name is not None and not self._is_rebound(expr, cls.scope):
                parts = self._parts(expr, cls.scope)
            if name is None or parts is None:
                findings.append(_refused(cls, name, expr))
            else:
                found.append((name, Text(tuple(parts))))
        framework = framework_of(one.id for one in self._names.mro(cls).classes)
        wanted = self.wanted(cls)
        if wanted is not None and framework is not None and framework.has_runtime:
            findings.append(
                Finding(
                    "AC104",
                    f"the compiled class of '{cls.id.name}' cannot be given the keyword "
                    f"'{wanted}', which its own '{_TAKES}' requires",
                    cls.place,
                    hint=f"give '{wanted}' a default",
                )
            )
        return tuple(found), tuple(findings)

    def wanted(self, cls: ClassEntity) -> str | None:
        """A keyword that the class's own ``__init_subclass__`` has to be given, and that its own
        statement does not give."""
        member = self._members.own(cls, _TAKES)
        if member is None or not isinstance(member.entity, FunctionEntity):
            return None
        given = {name for name, _ in cls.decl.keywords}
        for param in member.entity.decl.params[1:]:
            required = param.default is None and not param.kind.startswith("var_")
            if required and param.name not in given:
                return param.name
        return None

    def _stays(self, expr: Expr, scope: Scope) -> bool:
        """Whether text gives the very object that the class statement gave."""
        match expr:
            case Literal_() | Str() | Attr():
                return True
            case UnaryOp(operand=operand):
                return self._stays(operand, scope)
            case Seq(kind="tuple", items=items):
                return all(self._stays(item, scope) for item in items)
            case Name():
                return not self._is_rebound(expr, scope)
        return False

    def _is_rebound(self, expr: Expr, scope: Scope) -> bool:
        """Whether a name in it may be something else once its module has been executed."""
        if isinstance(expr, Seq):
            return any(self._is_rebound(item, scope) for item in expr.items)
        if not isinstance(expr, Name):
            return False
        entity = self._names.lookup(expr, scope)
        if isinstance(entity, ValueEntity | FunctionEntity | LambdaEntity):
            return entity.reachable is None
        return isinstance(entity, Unknown)

    def _is_noted(self, cls: ClassEntity) -> bool:
        """Whether a mixin of ours sees what the class statement gives, at run time.

        It watches the ``__init_subclass__`` of every host class. A metaclass, or a plain class
        before all of these, may take a keyword out unseen.
        """
        metaclass = self._names.metaclass_of(cls)
        if metaclass is not None and metaclass not in _PLAIN_METACLASSES:
            return False
        if self._members.decorators.dataclass(cls) is not None and self._facts.has_slots(cls):
            return False  # the decorator makes the class anew, without keywords
        mro = self._names.mro(cls).classes
        framework = framework_of(one.id for one in mro)
        if framework is None or framework.has_runtime:
            return False
        for ancestor in mro[1:]:
            if is_mixin(ancestor.id):
                return ancestor.id in OWN.mixins
            if self._takes(ancestor):
                return self._facts.is_host(ancestor)
            if self._facts.is_host(ancestor) and self._is_below_plain(ancestor):
                return True
        return False

    def _takes(self, cls: ClassEntity) -> bool:
        return _TAKES in self._members.own_names(cls)

    def _is_below_plain(self, host: ClassEntity) -> bool:
        """Whether a host class without the method inherits that of a plain class."""
        for one in self._names.mro(host).classes[1:]:
            if is_mixin(one.id):
                return False
            if self._takes(one):
                return not self._facts.is_host(one)
        return False

    def _parts(self, expr: Expr, scope: Scope) -> list[str | Ref] | None:
        if isinstance(expr, Literal_):
            return [expr.text]
        if isinstance(expr, Str):
            return [repr(expr.value)]
        if isinstance(expr, UnaryOp) and expr.op in "-+~":
            inner = self._parts(expr.operand, scope)
            return None if inner is None else [expr.op, *inner]
        if isinstance(expr, Seq):
            opening, closing = {"list": ("[", "]"), "tuple": ("(", ")"), "set": ("{", "}")}[
                expr.kind
            ]
            parts: list[str | Ref] = [opening]
            for item in expr.items:
                inner = self._parts(item, scope)
                if inner is None:
                    return None
                parts.extend([*inner, ", "])
            if not expr.items and expr.kind == "set":
                return None
            return [*parts, closing]
        if isinstance(expr, Name | Attr):
            text = self._names.text(expr, scope)
            return None if text is None else list(text.parts)
        return None


def _refused(cls: ClassEntity, name: str | None, expr: Expr) -> Finding:
    shown = "**" if name is None else name
    return Finding(
        "AC104",
        f"the class keyword '{shown}' of '{cls.id.name}' cannot be repeated for the compiled class",
        Place(cls.place.path, expr.span),
        hint="bind its value to a module-level name and pass that name",
    )

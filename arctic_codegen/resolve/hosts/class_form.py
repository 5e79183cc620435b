"""How is a compiled class to be written: its keywords, its ``callbacks``, its attributes?"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.frameworks.framework import Framework
from arctic_codegen.frameworks.table import framework_of, is_mixin
from arctic_codegen.model.expr import (
    Attr,
    Call,
    Expr,
    Literal_,
    Name,
    Seq,
    Subscript,
    unquoted,
)
from arctic_codegen.model.hosts import ListForm
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    OpaqueEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.hosts.class_facts import ClassFacts
from arctic_codegen.resolve.hosts.copied_text import copied_default
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.names.identity import dotted_name

_TAKES = "__init_subclass__"
_LIST = "callbacks"
_PLAIN_METACLASSES = frozenset({"builtins.type", "abc.ABCMeta", "typing._ProtocolMeta"})
_HARMLESS = frozenset({"builtins", "abc", "_py_abc", "typing", "typing_extensions"})
"""Modules whose classes take attributes as ``object`` does, or as a subclass of it, and do nothing
with the annotations of classes derived from them."""


class ClassForm:
    """Asks of classes what follows for the class statements of their compiled classes."""

    def __init__(self, members: Members, facts: ClassFacts) -> None:
        self._names = members.names
        self._members = members
        self._facts = facts

    # How it may bind ``callbacks``: an annotation in a class body can mean something.

    def list_form(self, mro: Sequence[ClassEntity], framework: Framework) -> ListForm:
        """How the class binds its list, by its own MRO, itself first.

        pydantic, msgspec, and bases that make a dataclass of each subclass take an annotated name
        for a field, which the source class has not got.
        """
        classes = [cls for cls in mro if not is_mixin(cls.id)]
        for cls in classes:
            form = self._members.once("list annotation", cls, partial(self._annotated_form, cls))
            if form is not None:
                return form
        if not framework.keeps_notes or not any(map(self._is_made_by_others, classes)):
            return "bare"
        return "bare" if any(_LIST in self._members.own_names(cls) for cls in classes) else "absent"

    def _annotated_form(self, cls: ClassEntity) -> ListForm | None:
        """What the class body's own annotation asks for; ``None`` where it has none."""
        annotation = dict(self._members.annotated(cls)).get(_LIST)
        if annotation is None:
            return None
        annotation = unquoted(annotation) or annotation
        head = annotation.value if isinstance(annotation, Subscript) else annotation
        name = dotted_name(self._names.lookup(head, cls.body)) or ""
        module, _, mark = name.rpartition(".")
        return "marked" if mark in ("ClassVar", "Final") and module in _HARMLESS else "annotated"

    def _is_made_by_others(self, cls: ClassEntity) -> bool:
        """Whether code of others runs when a subclass is made, or may."""
        if _TAKES in self._members.own_names(cls):
            return True
        for key, value in cls.decl.keywords:
            if key == "metaclass":
                name = dotted_name(self._names.lookup(value, cls.scope))
                if name not in _PLAIN_METACLASSES:
                    return True
        return self._has_foreign_base(cls)

    def _has_foreign_base(self, cls: ClassEntity) -> bool:
        """Whether a base is of code that is not read, and may do anything."""
        return any(
            isinstance(one, OpaqueEntity) and one.module not in _HARMLESS
            for one in self._members.bases(cls)
        )

    # Whether ``obj.x = 1`` on an object does nothing but that.

    def has_default_setattr(self, mro: Sequence[ClassEntity]) -> bool:
        """Whether objects of the class whose MRO is given (itself first) have a ``__dict__``, and
        no class, decorator or base that cannot be read has a say in what is put there."""
        if self._names.mro(mro[0]).unknown_bases:
            return False
        classes = [cls for cls in mro if not is_mixin(cls.id)]
        if all("__slots__" in self._members.own_names(cls) for cls in classes):
            return False
        return all(map(self._leaves_attributes_alone, classes))

    def _leaves_attributes_alone(self, cls: ClassEntity) -> bool:
        if "__setattr__" in self._members.own_names(cls):
            return False
        dataclass = self._members.decorators.dataclass(cls)
        for decorator in cls.decl.decorators:
            if decorator is dataclass:
                if _may_say(decorator, "frozen") or _may_say(decorator, "slots"):
                    return False
            elif not self._members.decorators.is_mark(decorator, cls.scope):
                return False
        return not self._has_foreign_base(cls)

    # Class keywords, and how a compiled class gets what its source's statement gave (R28).

    def keywords(
        self, cls: ClassEntity
    ) -> tuple[tuple[tuple[str, Text | None], ...], tuple[Finding, ...]]:
        """The keywords to repeat (``None``: the object that the mixin has noted), and findings
        about those that cannot be."""
        found: list[tuple[str, Text | None]] = []
        findings: list[Finding] = []
        for name, expr in cls.decl.keywords:
            if name == "metaclass":
                continue
            parts = None if name is None else self._parts(expr, cls.scope)
            if name is not None and (parts is not None or self._is_noted(cls)):
                found.append((name, None if parts is None else Text(tuple(parts))))
                continue
            problem = message("AC104", "keywords", name=cls.id.name)
            if name is not None:
                problem = message("AC104", "keyword", keyword=name, name=cls.id.name)
            findings.append(problem.at(Place(cls.place.path, expr.span)))
        return tuple(found), tuple(findings)

    def wanted_keyword(self, cls: ClassEntity) -> str | None:
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

    def _is_noted(self, cls: ClassEntity) -> bool:
        """Whether a mixin of ours sees what the class statement gives, at run time.

        It watches the ``__init_subclass__`` of every host class. A metaclass, or a plain class
        before all of these, may take a keyword out unseen.
        """
        metaclass = self._names.orders.metaclass_of(cls)
        if metaclass is not None and metaclass not in _PLAIN_METACLASSES:
            return False
        if self._members.decorators.dataclass(cls) is not None and self._facts.has_slots(cls):
            return False  # the decorator makes the class anew, without keywords
        mro = self._names.mro(cls).classes
        framework = framework_of(one.id for one in mro)
        if framework is None or not framework.keeps_notes:
            return False
        for ancestor in mro[1:]:
            if is_mixin(ancestor.id):
                return ancestor.id in framework.mixins
            if _TAKES in self._members.own_names(ancestor):
                return self._facts.is_host(ancestor)
            if self._facts.is_host(ancestor) and self._is_below_library(ancestor):
                return True
        return False

    def _is_below_library(self, host: ClassEntity) -> bool:
        """Whether a host class without the method inherits that of a class without the mixin."""
        for one in self._names.mro(host).classes[1:]:
            if is_mixin(one.id):
                return False
            if _TAKES in self._members.own_names(one):
                return not self._facts.is_host(one)
        return False

    def _parts(self, expr: Expr, scope: Scope) -> list[str | Ref] | None:
        """The text that gives the very object which the class statement gave."""
        constant = copied_default(expr).text
        if constant is not None:
            return [constant]
        match expr:
            case Seq(kind="tuple"):
                parts: list[str | Ref] = ["("]
                for item in expr.items:
                    inner = self._parts(item, scope)
                    if inner is None:
                        return None
                    parts.extend([*inner, ", "])
                return [*parts, ")"]
            case Name() | Attr() if not self._is_rebound(expr, scope):
                found = self._names.text(expr, scope)
                return None if found is None else list(found.parts)
        return None

    def _is_rebound(self, expr: Expr, scope: Scope) -> bool:
        """Whether a name may be something else once its module has been executed; what an attribute
        is of may be no name at all."""
        while isinstance(expr, Attr):
            expr = expr.value
        entity = self._names.lookup(expr, scope) if isinstance(expr, Name) else None
        if isinstance(entity, ValueEntity | FunctionEntity | LambdaEntity):
            return entity.reachable is None
        return entity is None or isinstance(entity, Unknown)


def _may_say(decorator: Expr, keyword: str) -> bool:
    """Whether a decorator is given a keyword that is anything but ``False``."""
    return isinstance(decorator, Call) and any(
        arg.keyword in (keyword, None)
        and not (isinstance(arg.value, Literal_) and arg.value.text == "False")
        for arg in decorator.args
    )

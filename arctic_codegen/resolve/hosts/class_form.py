"""How is a compiled class written: its keywords, and the type of its ``callbacks``?"""

from __future__ import annotations

from collections.abc import Sequence

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.frameworks.framework import Framework
from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.expr import Attr, Expr, Name, Seq, Subscript, unquoted
from arctic_codegen.model.hosts import ListForm
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.resolve.entities import (
    ClassEntity,
    FunctionEntity,
    LambdaEntity,
    Scope,
    Unknown,
    ValueEntity,
)
from arctic_codegen.resolve.hosts.copied_expressions import copied_default
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.hosts.plain_attributes import has_foreign_base
from arctic_codegen.resolve.names.identity import dotted_name, from_typing
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.names.stdlib import ABSTRACT_METACLASSES

_MARKS = from_typing("ClassVar", "Final")


def list_form(mro: Sequence[ClassEntity], members: Members, framework: Framework) -> ListForm:
    """How the class must bind its list, from the nearest annotation along its MRO."""
    classes = [one for one in mro if not is_mixin(one.id)]
    for cls in classes:
        annotation = dict(members.annotated(cls)).get("callbacks")
        if annotation is not None:
            annotation = unquoted(annotation) or annotation
            head = annotation.value if isinstance(annotation, Subscript) else annotation
            is_marked = dotted_name(members.names.lookup(head, cls.body)) in _MARKS
            return "marked" if is_marked else "annotated"
    has_list = any("callbacks" in members.own_names(cls) for cls in classes)
    if has_list or not framework.keeps_notes:
        return "bare"
    # pydantic, for example, rejects a name without an annotation in the body of a model.
    metaclass = members.names.mros.metaclass_of(mro[0])
    may_refuse = metaclass not in (None, *ABSTRACT_METACLASSES) or any(
        has_foreign_base(cls, members) for cls in classes
    )
    return "absent" if may_refuse else "bare"


def keywords(
    cls: ClassEntity, framework: Framework, names: Names
) -> tuple[tuple[tuple[str, Text | None], ...], tuple[Finding, ...]]:
    """The class keywords to repeat (R28), and findings about those that cannot be repeated.

    A value of ``None`` means that no text gives the object of the class statement: the one that
    our mixin recorded is used. If a metaclass or plain class consumes a keyword before the mixin
    sees it, the import of the compiled module reports this.
    """
    found: list[tuple[str, Text | None]] = []
    findings: list[Finding] = []
    for name, expr in cls.decl.keywords:
        if name == "metaclass":
            continue
        parts = None if name is None else _parts(expr, cls.scope, names)
        if name is not None and (parts is not None or framework.keeps_notes):
            found.append((name, None if parts is None else Text(tuple(parts))))
            continue
        problem = message("AC104", "keywords", name=cls.id.name)
        if name is not None:
            problem = message("AC104", "keyword", keyword=name, name=cls.id.name)
        findings.append(problem.at(Place(cls.place.path, expr.span)))
    return tuple(found), tuple(findings)


def wants_keyword(cls: ClassEntity, members: Members) -> bool:
    """Whether the class's own ``__init_subclass__`` requires a keyword that its own class
    statement does not pass."""
    member = members.own(cls, "__init_subclass__")
    if member is None or not isinstance(member.entity, FunctionEntity):
        return False
    given = {name for name, _ in cls.decl.keywords}
    return any(
        param.default is None and not param.kind.startswith("var_") and param.name not in given
        for param in member.entity.decl.params[1:]
    )


def _parts(expr: Expr, scope: Scope, names: Names) -> list[str | Ref] | None:
    """The text that evaluates to the same object as in the class statement, if there is one."""
    constant = copied_default(expr).text
    if constant is not None:
        return [constant]
    match expr:
        case Seq(kind="tuple"):
            parts: list[str | Ref] = ["("]
            for item in expr.items:
                inner = _parts(item, scope, names)
                if inner is None:
                    return None
                parts.extend([*inner, ", "])
            return [*parts, ")"]
        case Name() | Attr() if not _is_rebound(expr, scope, names):
            found = names.text(expr, scope)
            return None if found is None else list(found.parts)
    return None


def _is_rebound(expr: Expr, scope: Scope, names: Names) -> bool:
    """Whether a name may refer to another object once its module has been executed. An attribute
    of an expression that is not a name counts as rebound."""
    while isinstance(expr, Attr):
        expr = expr.value
    entity = names.lookup(expr, scope) if isinstance(expr, Name) else None
    if isinstance(entity, ValueEntity | FunctionEntity | LambdaEntity):
        return entity.reachable is None
    return entity is None or isinstance(entity, Unknown)

"""Which ``__init__`` does ``@dataclass`` create for a class (R26)?"""

from __future__ import annotations

import msgspec

from arctic_codegen.model.expr import Call, Expr, Literal_, Name, Subscript, unquoted
from arctic_codegen.model.parameters import Default, MethodParam
from arctic_codegen.model.spelling import mangled
from arctic_codegen.model.text import Text
from arctic_codegen.resolve.entities import ClassEntity, OpaqueEntity, Scope, ValueEntity
from arctic_codegen.resolve.hosts.copied_expressions import copied_default
from arctic_codegen.resolve.hosts.decorators import keyword_flag
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.names.identity import dotted_name, from_typing, known_path
from arctic_codegen.resolve.names.names import Names

_CLASS_VAR = from_typing("ClassVar")
OPTION = "arctic_codegen.callbacks.base.option"
"""Creates a field of a ready-made callback, with a default and limits."""

_FIELD = frozenset({"dataclasses.field", "pydantic.fields.Field"})


class _Field(msgspec.Struct, frozen=True):
    annotation: Text | None
    kw_only: bool
    default: Default | None = None
    in_init: bool = True


def dataclass_params(
    cls: ClassEntity, owner: ClassEntity, members: Members
) -> tuple[MethodParam, ...]:
    """The parameters after ``self``: plain fields, then keyword-only ones.

    ``owner`` is the class whose decorator generates the method. ``cls`` is the class being
    resolved, which determines the values of type parameters.
    """
    fields: dict[str, _Field] = {}
    for base in reversed(members.names.mro(owner).classes):
        decorator = members.decorators.dataclass(base)
        if decorator is not None:
            kw_only = keyword_flag(decorator, "kw_only") is True
            fields.update(_own_fields(cls, base, members, kw_only))
    params = [
        MethodParam(
            name, "keyword_only" if field.kw_only else "normal", field.annotation, field.default
        )
        for name, field in fields.items()
        if field.in_init
    ]
    return tuple(sorted(params, key=lambda param: param.kind == "keyword_only"))


def reads_fields(owner: ClassEntity, members: Members) -> bool:
    """Whether the text determines every field: one created by a helper may not be a parameter, or
    may have no default."""
    names = members.names
    for base in names.mro(owner).classes:
        for stmt in members.assignments(base) if members.decorators.dataclass(base) else ():
            if stmt.annotation is None or not isinstance(stmt.value, Call):
                continue
            made_by = names.lookup(stmt.value.func, base.body)
            builtin = isinstance(made_by, OpaqueEntity) and made_by.module == "builtins"
            known = builtin or isinstance(made_by, ClassEntity)
            if not known and dotted_name(made_by) not in {*_FIELD, OPTION}:
                return False
    return True


def _own_fields(
    cls: ClassEntity, owner: ClassEntity, members: Members, kw_only: bool
) -> dict[str, _Field]:
    """The fields that one class body declares, in order."""
    names, scope = members.names, owner.body
    types = names.type_arguments(cls, owner.id)
    found: dict[str, _Field] = {}
    for stmt in members.assignments(owner):
        target = stmt.targets[0]
        if not isinstance(target, Name) or stmt.annotation is None:
            continue
        annotation = unquoted(stmt.annotation) or stmt.annotation
        marker = _identity(annotation, scope, names)
        if marker in _CLASS_VAR:
            continue
        if marker == "dataclasses.KW_ONLY":
            kw_only = True
            continue
        if marker == "dataclasses.InitVar" and isinstance(annotation, Subscript):
            annotation = annotation.items[0]
        field = _with_value(
            _Field(names.text(annotation, scope, types), kw_only), stmt.value, scope, names
        )
        name = mangled(target.id, owner.decl.name)
        if members.bound_at(owner, name) != (target.span if stmt.value else None) or (
            stmt.value is None and _is_inherited(name, owner, members)
        ):
            field = msgspec.structs.replace(field, default=Default(None))
        found[target.id] = field
    return found


def _is_inherited(name: str, owner: ClassEntity, members: Members) -> bool:
    """Whether a field without a value has a default: ``@dataclass`` uses the value of the class
    attribute, which may be inherited."""
    names = members.names
    for base in names.mro(owner).classes[1:]:
        member = members.own(base, name)
        if member is None:
            continue
        decorator = members.decorators.dataclass(base)
        if decorator is not None and keyword_flag(decorator, "slots") is True:
            return False  # the attribute is the descriptor of the slot
        if not isinstance(member.entity, ValueEntity):
            return True
        expr, scope = member.entity.expr, member.entity.scope
        if not isinstance(expr, Call) or _identity(expr.func, scope, names) not in _FIELD:
            return True
        if any(arg.keyword == "default" for arg in expr.args):
            return True  # for any other ``field(...)`` the decorator removes the attribute
    return False


def _with_value(field: _Field, value: Expr | None, scope: Scope, names: Names) -> _Field:
    """A field with a value in the class body, or with the options of ``field(...)``."""
    replace = msgspec.structs.replace
    if value is None:
        return field
    if not isinstance(value, Call) or _identity(value.func, scope, names) not in _FIELD:
        return replace(field, default=copied_default(value))
    options = {arg.keyword: arg.value for arg in value.args if arg.keyword}
    if "default" in options:
        field = replace(field, default=copied_default(options["default"]))
    elif "default_factory" in options:
        field = replace(field, default=Default(None))
    if "kw_only" in options:
        field = replace(field, kw_only=_is_true(options["kw_only"]))
    return replace(field, in_init="init" not in options or _is_true(options["init"]))


def _identity(expr: Expr, scope: Scope, names: Names) -> str | None:
    return known_path(names.lookup(expr.value if isinstance(expr, Subscript) else expr, scope))


def _is_true(expr: Expr) -> bool:
    return isinstance(expr, Literal_) and expr.text == "True"

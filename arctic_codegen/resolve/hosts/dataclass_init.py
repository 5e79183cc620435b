"""The ``__init__`` that ``@dataclass`` writes, from the fields of a class (R26)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from arctic_codegen.model.decls import Assign
from arctic_codegen.model.expr import Call, Expr, Literal_, Name, Str, Subscript
from arctic_codegen.model.hosts import Default, MethodParam, Text
from arctic_codegen.resolve.entities import ClassEntity, Scope, ValueEntity
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.names import Names

_CLASS_VAR = frozenset({"typing.ClassVar", "typing_extensions.ClassVar"})
_FIELD = frozenset({"dataclasses.field", "pydantic.fields.Field"})


class _Field(msgspec.Struct, frozen=True):
    name: str
    in_init: bool
    kw_only: bool
    default: Default | None
    annotation: Text | None


def dataclass_params(
    cls: ClassEntity,
    owner: ClassEntity,
    names: Names,
    members: Members,
    default_of: Callable[[Expr], Default],
) -> tuple[MethodParam, ...]:
    """The parameters after the object: plain fields, then those that are keyword-only.

    ``owner`` is the class whose decorator writes the method; ``cls``, the class that is
    looked at, decides what type parameters stand for.
    """
    fields: dict[str, _Field] = {}
    reader = _Reader(cls, names, members, default_of)
    for base in reversed(names.mro(owner).classes):
        decorator = members.decorators.dataclass(base)
        if decorator is not None:
            for field in reader.own_fields(base, _flag(decorator, "kw_only")):
                fields[field.name] = field
    taken = [field for field in fields.values() if field.in_init]
    ordered = [f for f in taken if not f.kw_only] + [f for f in taken if f.kw_only]
    kind: Literal["normal", "keyword_only"]
    params = []
    for field in ordered:
        kind = "keyword_only" if field.kw_only else "normal"
        params.append(MethodParam(field.name, kind, field.annotation, field.default))
    return tuple(params)


class _Reader:
    def __init__(
        self,
        cls: ClassEntity,
        names: Names,
        members: Members,
        default_of: Callable[[Expr], Default],
    ) -> None:
        self._cls = cls
        self._names = names
        self._members = members
        self._default_of = default_of

    def own_fields(self, owner: ClassEntity, kw_only: bool) -> list[_Field]:
        """The fields that one class body declares, in order."""
        scope = Scope(owner.id.module, (*owner.scope.frames, owner.decl), None)
        types = self._names.type_arguments(self._cls, owner.id)
        found: dict[str, _Field] = {}
        for live in self._names.live(owner.decl.body, owner.id.module):
            stmt = live.stmt
            if not isinstance(stmt, Assign):
                continue
            target = stmt.targets[0]
            if not isinstance(target, Name):
                continue
            if stmt.annotation is None:
                if target.id in found and stmt.value is not None:
                    # ``x: int`` and later ``x = 5``: the class attribute is the default.
                    default = self._default_of(stmt.value)
                    found[target.id] = msgspec.structs.replace(found[target.id], default=default)
                continue
            annotation = _unquoted(stmt.annotation)
            marker = self._identity(annotation, scope)
            if marker in _CLASS_VAR:
                continue
            if marker == "dataclasses.KW_ONLY":
                kw_only = True
                continue
            if marker == "dataclasses.InitVar" and isinstance(annotation, Subscript):
                annotation = annotation.items[0]
            found[target.id] = self._field(
                target.id, stmt.value, scope, kw_only, self._names.text(annotation, scope, types)
            )
        return list(found.values())

    def _field(
        self, name: str, value: Expr | None, scope: Scope, kw_only: bool, annotation: Text | None
    ) -> _Field:
        if value is None:
            return _Field(name, True, kw_only, None, annotation)
        if isinstance(value, Call) and self._identity(value.func, scope) in _FIELD:
            options = {arg.keyword: arg.value for arg in value.args if arg.keyword}
            default: Default | None = None
            if "default" in options:
                default = self._default_of(options["default"])
            elif "default_factory" in options:
                default = Default(None)
            if "kw_only" in options:
                kw_only = _is_true(options["kw_only"])
            in_init = "init" not in options or _is_true(options["init"])
            return _Field(name, in_init, kw_only, default, annotation)
        return _Field(name, True, kw_only, self._default_of(value), annotation)

    def _identity(self, expr: Expr, scope: Scope) -> str | None:
        base = expr.value if isinstance(expr, Subscript) else expr
        entity = self._names.lookup(base, scope)
        if isinstance(entity, ValueEntity) and entity.reachable is not None:
            return ".".join(entity.reachable)
        return dotted_name(entity)


def _unquoted(expr: Expr) -> Expr:
    return expr.quoted if isinstance(expr, Str) and expr.quoted is not None else expr


def _is_true(expr: Expr) -> bool:
    return isinstance(expr, Literal_) and expr.text == "True"


def _flag(decorator: Expr, name: str) -> bool:
    if isinstance(decorator, Call):
        return any(arg.keyword == name and _is_true(arg.value) for arg in decorator.args)
    return False

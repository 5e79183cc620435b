"""How a compiled class may bind ``callbacks``: an annotation in a class body can mean something."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from arctic_codegen.frameworks.common import FrameworkInfo
from arctic_codegen.frameworks.table import is_mixin
from arctic_codegen.model.decls import Assign
from arctic_codegen.model.expr import Expr, Name, Str, Subscript
from arctic_codegen.model.hosts import ListForm
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.hosts.members import Members
from arctic_codegen.resolve.hosts.plain_attributes import HARMLESS, has_foreign_base
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.names import Names

_METACLASSES = frozenset({"builtins.type", "abc.ABCMeta", "typing._ProtocolMeta"})
_MARKS = frozenset({"ClassVar", "Final"})
_LIST = "callbacks"


def list_form(
    mro: Sequence[ClassEntity], framework: FrameworkInfo, names: Names, members: Members
) -> ListForm:
    """The form for a class, by its own MRO, itself first.

    pydantic, msgspec, and bases that make a dataclass of each subclass take an annotated name
    for a field, which the source class has not got.
    """
    classes = [cls for cls in mro if not is_mixin(cls.id)]
    for cls in classes:
        annotated = names.answers.get(
            ("list annotation", cls.id.module, id(cls.decl)), partial(_annotated, cls, names)
        )
        if annotated is not None:
            return annotated
    if framework.has_runtime or not _is_made(classes, names, members):
        return "annotated"
    return "bare" if any(_LIST in members.own_names(cls) for cls in classes) else "absent"


def _annotated(cls: ClassEntity, names: Names) -> ListForm | None:
    """What the class body's own annotation asks for; ``None`` where it has none."""
    found: ListForm | None = None
    body = Scope(cls.id.module, (*cls.scope.frames, cls.decl), None)
    for live in names.live(cls.decl.body, cls.id.module):
        stmt = live.stmt
        if not isinstance(stmt, Assign) or stmt.annotation is None:
            continue
        target = stmt.targets[0]
        if isinstance(target, Name) and target.id == _LIST:
            found = "marked" if _is_marked(stmt.annotation, body, names) else "annotated"
    return found


def _is_marked(annotation: Expr, body: Scope, names: Names) -> bool:
    if isinstance(annotation, Str) and annotation.quoted is not None:
        annotation = annotation.quoted
    head = annotation.value if isinstance(annotation, Subscript) else annotation
    name = dotted_name(names.lookup(head, body))
    module, _, mark = (name or "").rpartition(".")
    return mark in _MARKS and module in HARMLESS


def _is_made(classes: Sequence[ClassEntity], names: Names, members: Members) -> bool:
    """Whether code of others runs when a subclass is made, or may."""
    for cls in classes:
        if "__init_subclass__" in members.own_names(cls):
            return True
        for key, value in cls.decl.keywords:
            if (
                key == "metaclass"
                and dotted_name(names.lookup(value, cls.scope)) not in _METACLASSES
            ):
                return True
        if has_foreign_base(cls, names):
            return True
    return False

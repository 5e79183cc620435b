"""Values in words, for messages."""

from __future__ import annotations

from arctic_codegen.resolve.values.objects import (
    Around,
    Class,
    Const,
    EnumMember,
    Function,
    Instance,
    Mapping,
    Module,
    Opaque,
    Other,
    Sequence,
    Undecided,
    Value,
)


def describe(value: Value) -> str:
    """What kind of thing a value is, with an article."""
    match value:
        case Const(value=None):
            return "None"
        case Const(value=bool(constant)):
            return str(constant)
        case Const(value=str()):
            return "a string"
        case Const(value=bytes()):
            return "bytes"
        case Const():
            return "a number"
        case Sequence(kind=kind):
            return {"iterator": "an iterator"}.get(kind, f"a {kind}")
        case Mapping():
            return "a dict"
        case Module(name=name):
            return f"the module '{name}'"
        case Class(entity=entity):
            return f"the class '{entity.id.name}'"
        case Function(kind="function"):
            return "a function"
        case Function(kind=kind):
            return f"a {kind}"
        case Instance(entity=entity):
            return f"an object of '{entity.id.name}'"
        case EnumMember(owner=owner, name=name):
            return f"the member '{owner.id.name}.{name}'"
        case Around(wrapper=wrapper):
            return f"'{wrapper}' without a callback"
        case Opaque(name=name):
            return f"'{name}'"
        case Other(what=what):
            return what
        case Undecided(reason=reason):
            return f"not decided ({reason})"
    return "a helper of functools"

"""What is known about the standard library without reading it?"""

from __future__ import annotations

import builtins

UNREAD = frozenset({
    "__future__", "abc", "builtins", "dataclasses", "enum", "functools", "importlib.util", "os",
    "os.path", "platform", "sys", "typing", "typing_extensions",
})  # fmt: skip
"""Modules that are not read: their source says nothing about callbacks, and other code
recognizes their names by module and name."""

_TYPES = """
    AsyncGeneratorType BuiltinFunctionType BuiltinMethodType CellType ClassMethodDescriptorType
    CodeType CoroutineType EllipsisType FrameType FunctionType GeneratorType GenericAlias
    GetSetDescriptorType LambdaType MappingProxyType MemberDescriptorType MethodDescriptorType
    MethodType MethodWrapperType ModuleType NoneType NotImplementedType SimpleNamespace
    TracebackType UnionType WrapperDescriptorType"""
COMPUTED: dict[tuple[str, str], tuple[str, str] | None] = {
    ("multiprocessing", "Process"): ("multiprocessing.context", "Process"),
    **dict.fromkeys((("types", name) for name in _TYPES.split()), None),
}
"""Names that are bound to computed values, and where each is defined, if anywhere."""

BUILTINS = frozenset(
    name for name in dir(builtins) if not name.startswith("_") or name == "__import__"
) | {
    "BaseExceptionGroup", "EncodingWarning", "ExceptionGroup", "PythonFinalizationError", "aiter",
    "anext", "reveal_type", "__debug__", "__build_class__",
}  # fmt: skip

MODULE_NAMES = frozenset({
    "__annotations__", "__builtins__", "__cached__", "__dict__", "__doc__", "__file__",
    "__loader__", "__package__", "__path__", "__spec__",
})  # fmt: skip
"""Attributes that every module has, apart from ``__name__``."""

_TYPING = {
    (3, 11): """
        LiteralString Never NotRequired Required Self TypeVarTuple Unpack assert_never assert_type
        clear_overloads dataclass_transform get_overloads reveal_type""",
    (3, 12): "TypeAliasType override",
    (3, 13): "NoDefault ReadOnly TypeIs get_protocol_members is_protocol",
    (3, 14): "evaluate_forward_ref",
}

_ADDED: dict[tuple[str, str], tuple[int, int]] = {
    ("typing", name): version for version, names in _TYPING.items() for name in names.split()
} | {
    ("enum", "StrEnum"): (3, 11),
    ("enum", "member"): (3, 11),
    ("enum", "nonmember"): (3, 11),
}
"""Names that programs import, or define themselves on ``ImportError``."""


def new_in(module: str, name: str) -> tuple[int, int] | None:
    """The Python version that added a name of the standard library, if it is listed."""
    return _ADDED.get((module, name))


_LINES = {
    "abc.ABC": ("abc.ABC",),
    "_collections.OrderedDict": ("_collections.OrderedDict", "builtins.dict"),
    "_collections.defaultdict": ("_collections.defaultdict", "builtins.dict"),
    "typing.Protocol": ("typing.Protocol", "typing.Generic"),
    "enum.IntEnum": ("enum.IntEnum", "builtins.int", "enum.ReprEnum", "enum.Enum"),
    "enum.StrEnum": ("enum.StrEnum", "builtins.str", "enum.ReprEnum", "enum.Enum"),
    "enum.IntFlag": ("enum.IntFlag", "builtins.int", "enum.ReprEnum", "enum.Flag", "enum.Enum"),
    "enum.Flag": ("enum.Flag", "enum.Enum"),
    "enum.ReprEnum": ("enum.ReprEnum", "enum.Enum"),
    "typing.List": ("builtins.list", "typing.Generic"),
    "typing.Dict": ("builtins.dict", "typing.Generic"),
    "typing.Set": ("builtins.set", "typing.Generic"),
    "typing.FrozenSet": ("builtins.frozenset", "typing.Generic"),
    "typing.Tuple": ("builtins.tuple", "typing.Generic"),
    "typing.Type": ("builtins.type", "typing.Generic"),
}

_METACLASSES = {
    "abc.ABC": "abc.ABCMeta",
    "typing.Protocol": "typing._ProtocolMeta",
    "typing.SupportsInt": "typing._ProtocolMeta",
    "enum.Enum": "enum.EnumMeta",
    "builtins.type": "builtins.type",
}

ABSTRACT_METACLASSES = frozenset({"abc.ABCMeta", "typing._ProtocolMeta"})
"""Metaclasses that refuse to instantiate a class with abstract methods."""


def line_of(name: str) -> tuple[str, ...]:
    """The MRO of a class that is not read, itself first and without ``object``.

    ``name`` is dotted. For an unknown class it is only the class.
    """
    if name.startswith("typing_extensions."):
        name = "typing." + name.partition(".")[2]
    known = _LINES.get(name)
    if known is not None:
        return known
    module, _, attribute = name.rpartition(".")
    found = getattr(builtins, attribute, None) if module == "builtins" else None
    if isinstance(found, type):
        return tuple(f"builtins.{cls.__name__}" for cls in found.__mro__ if cls is not object)
    return (name,)


def metaclass(name: str) -> str | None:
    """The metaclass of a class that is not read; ``None`` if it is ``type``."""
    return next(filter(None, map(_METACLASSES.get, line_of(name))), None)

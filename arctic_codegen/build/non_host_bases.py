"""Which bases does a fingerprint omit, because they cannot make a class a host class?"""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterable, Sequence

from arctic_codegen.model import decls as d
from arctic_codegen.model import expr as e

# Fingerprints have to be the same on every Python, so classes of newer versions are excluded.
_BUILT_IN = frozenset(name for name, value in vars(builtins).items() if isinstance(value, type)) - {
    "BaseExceptionGroup",
    "ExceptionGroup",
    "PythonFinalizationError",
}

_STANDARD = frozenset(
    {"abc", "argparse", "collections", "contextlib", "enum", "io", "json", "logging", "string"}
    | {"threading", "typing", "typing_extensions", "unittest"}
)


def non_host_bases(
    imports: Sequence[d.Import | d.FromImport], bound: Iterable[str]
) -> frozenset[str]:
    """Names that refer to a built-in class, or to the standard library, in the whole module.

    ``bound`` contains each name once per binding in the module.
    """
    times = Counter(bound)
    if any(isinstance(one, d.FromImport) and one.star for one in imports):
        return frozenset()
    found = {name for name in _BUILT_IN if name not in times}
    for one in imports:
        if isinstance(one, d.FromImport):
            if one.level or one.module.partition(".")[0] not in _STANDARD:
                continue
            names = [alias.asname or alias.name for alias in one.names]
        else:
            names = [
                alias.asname or alias.name.partition(".")[0]
                for alias in one.names
                if alias.name.partition(".")[0] in _STANDARD
            ]
        found.update(name for name in names if times[name] == 1)
    return frozenset(found)


def base_name(base: e.Expr) -> str | None:
    """The first name of an expression: ``a`` in ``a.b[c]``."""
    while isinstance(base, (e.Attr, e.Subscript)):
        base = base.value
    return base.id if isinstance(base, e.Name) else None

"""Which bases does a fingerprint leave out, because they certainly make no class a host class?"""

from __future__ import annotations

import builtins
from collections import Counter
from collections.abc import Iterable, Sequence

from arctic_codegen.model import decls as d
from arctic_codegen.model import expr as e

# Digests have to be the same on every Python: what newer ones add is left out.
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
    """Names that mean a built-in class, or come from the standard library, wherever they stand.

    ``bound`` has a name once for each time that the module binds it.
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
    """The name that ``a.b[c]`` begins with."""
    while isinstance(base, (e.Attr, e.Subscript)):
        base = base.value
    return base.id if isinstance(base, e.Name) else None

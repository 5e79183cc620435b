"""Matches actual entries with those that the build read, and checks their order (R48)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Any

from arctic_codegen.runtime.callable_shapes import (
    Aliases,
    has_name,
    place,
    shape_differences,
    start_of,
)
from arctic_codegen.runtime.closed_list import Entry, event_key, same_callable
from arctic_codegen.runtime.module_names import is_module
from arctic_codegen.runtime.proof_text import Expected
from arctic_codegen.runtime.source_objects import named_object
from arctic_codegen.runtime.wrapping import Wrapped, name_of, wrappers_of

Free = dict[tuple[str, bool], list[Expected]]
"""Entries that may be missing: by the module whose statements add them, and by whether these
statements name another class that shares the list."""


class EntryMatch:
    """Matches the entries of actual lists with those that the build read."""

    def __init__(self, source: Any, aliases: Aliases) -> None:
        self._source = source
        self._aliases = aliases

    def matches(
        self,
        cls: type,
        actual: list[Entry],
        fixed: list[Expected],
        free: Free,
        added: dict[int, set[str]],
    ) -> bool:
        """Whether a list consists of the ``fixed`` entries in order, and of any of the ``free``
        ones in any position, in order within each group."""
        groups = list(free.items())
        states = {(0, (0,) * len(groups))}
        for entry in actual:
            modules = added.get(id(entry))
            following = set()
            for at, places in states:
                own = is_by(modules, cls.__module__) or not groups
                if own and at < len(fixed) and self.is_(fixed[at], entry):
                    following.add((at + 1, places))
                for number, ((name, _), group) in enumerate(groups):
                    if not is_by(modules, name):
                        continue
                    for place_ in range(places[number], len(group)):
                        if self.is_(group[place_], entry):
                            after = (*places[:number], place_ + 1, *places[number + 1 :])
                            following.add((at, after))
                            break
            states = following
            if not states:
                return False
        return any(at == len(fixed) for at, _ in states)

    def paired(
        self, expected: Iterable[Expected], entries: Iterable[Entry]
    ) -> Iterator[tuple[Expected, Entry]]:
        """Pairs the entries that the build read with the actual ones, in the same order."""
        left = iter(entries)
        for one in expected:
            for entry in left:
                if self.is_(one, entry):
                    yield one, entry
                    break

    def is_(self, one: Expected, entry: Entry) -> bool:
        """Whether an actual entry is the one that the build read."""
        if not isinstance(entry, (tuple, list)) or len(entry) != 2:
            return False
        if one.event != event_key(entry[0]):
            return False
        fn: Any = entry[1]
        wrappers, inner = wrappers_of(fn)
        if len(wrappers) != len(one.wrappers):
            return False
        if not all(map(self._is_wrapper, wrappers, one.wrappers)):
            return False
        named = None if one.named is None else named_object(self._source, *one.named)
        if named is not None and not (_is_same(named, fn) or _is_same(named, inner)):
            return False
        # If its module has not been imported, only the name can be compared.
        if (named is None or one.is_sure) and not has_name(inner, one.name, self._aliases):
            return False
        return not list(shape_differences(inner, one))

    def _is_wrapper(self, found: Wrapped, read: str) -> bool:
        """Whether a wrapper has the arguments that the build read."""
        if str(found) == read:
            return True
        kind, _, asked = read.rstrip(")").partition("(")
        name = asked.partition("#")[0]
        return kind == found.kind and has_name(found.condition, name, self._aliases)


def fixed_and_free(expected: list[Expected], home: str | None) -> tuple[list[Expected], Free]:
    """Splits entries into those that must be in the list, and those that may be missing, by module.

    The latter are added by statements of modules other than ``home``, which may not have been
    imported yet, in any order. ``home`` is ``None`` if the statements after the class may not have
    run yet.
    """
    fixed: list[Expected] = []
    free: Free = {}
    for one in expected:
        if one.module is None or (one.module == home and not one.maybe):
            fixed.append(one)
        else:
            free.setdefault((one.module, one.maybe), []).append(one)
    return fixed, free


def is_by(modules: set[str] | None, wanted: str) -> bool:
    """Whether a statement of the module ``wanted`` may have added an entry.

    ``modules`` is ``None`` if it is not known which module has added it.
    """
    return modules is None or any(is_module(module, wanted) for module in modules)


def _is_same(named: Any, given: Any) -> bool:
    return named is given or same_callable(named, given)


def swapped_lambdas(pairs: Iterable[tuple[Expected, Entry]]) -> str | None:
    """Reports two lambdas of one scope that are not in the order that the build read, if any.

    Lambdas share a name, so their positions in the source distinguish them.
    """
    numbered = [
        (name, number, start_of(code), entry)
        for one, entry in pairs
        for name, number, fn in _numbered_functions(one, entry)
        if number and (code := getattr(fn, "__code__", None)) is not None
    ]
    numbered.sort(key=lambda one: one[:2])
    for (name, number, start, entry), (following, higher, other, second) in pairwise(numbered):
        # Lambdas of one line cannot be told apart without columns, which Python 3.10 does not have,
        # and 3.12 not for `lambda self: None`.
        known = start[0] != other[0] or (start[1] and other[1])
        if name == following and known and (number < higher) != (start < other):
            both = f"{shown(entry)} and {shown(second)}"
            return f"{both} have swapped places since the build read them"
    return None


def _numbered_functions(one: Expected, entry: Entry) -> Iterator[tuple[str, int, Any]]:
    """The callable of an entry and the conditions of its wrappers.

    Each has the name and number of a lambda that the build read, and the function.
    """
    wrappers, inner = wrappers_of(entry[1])
    yield one.name, one.lambda_number, inner
    for read, found in zip(one.wrappers, wrappers, strict=True):
        name, _, number = read.rstrip(")").partition("#")
        yield f"condition {name.partition('(')[2]}", int(number or 0), found.condition


def quoted_entries(entries: Iterable[Any]) -> str:
    """A list of entries, for a message."""
    return "[" + ", ".join(map(shown, entries)) + "]"


def shown(entry: Any) -> str:
    """An entry, for a message: event, callable, wrappers, file and line."""
    if isinstance(entry, (tuple, list)) and len(entry) == 2:
        wrappers, inner = wrappers_of(entry[1])
        name = name_of(inner) if callable(inner) else repr(inner)
        within = f" in {', '.join(map(str, wrappers))}" if wrappers else ""
        return f"('{entry[0]}', {name}{within}){place(entry[1])}"
    return repr(entry)

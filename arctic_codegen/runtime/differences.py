"""Compares the actual callbacks in detail with those that the build read (R48).

This module is loaded only if the quick comparison of ``proof`` fails. Often there is no real
difference: entries of other modules may be missing or in any position, and objects may have other
names than their definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from arctic_codegen.runtime.callable_shapes import aliases_of, place, shape_differences
from arctic_codegen.runtime.closed_entries import unread
from arctic_codegen.runtime.closed_list import Entry
from arctic_codegen.runtime.entry_matching import (
    EntryMatch,
    fixed_and_free,
    is_by,
    quoted_entries,
    shown,
    swapped_lambdas,
)
from arctic_codegen.runtime.errors import full_name
from arctic_codegen.runtime.module_names import is_unfinished
from arctic_codegen.runtime.proof_text import CompiledClass, Contribution, Expected, parse
from arctic_codegen.runtime.source_lists import (
    added_by,
    adopt_assigned,
    arctic_mixin,
    has_changed,
    is_callback_name,
    original_list,
    own_entries,
)
from arctic_codegen.runtime.source_objects import named_object

Difference = tuple[type, str]
"""A class, and a description of one difference."""

_landed: dict[int, dict[str, Callable[[Entry], bool]]] = {}
"""Entries that statements add to another class's list (ArcticTraining's are shared), as earlier
proofs have read them: by the identity of that class, and by the text that was read. The classes of
another output have these entries, too. The values keep the class alive."""


def differences(source: Any, text: str, *, in_memory: bool = False) -> tuple[Difference, ...]:
    """Every difference between the classes of a module and ``text`` (see ``runtime.proof_text``).

    For a class compiled ``in_memory``, only statements of its own module are known.
    """
    # A class that several others inherit from is reported once. Classes are distinguished by
    # identity: a metaclass may make them unhashable, or equal to others.
    found: dict[tuple[int, str], Difference] = {}
    contributions, compiled = parse(text, source.__name__)
    actual: dict[int, _Actual] = {}
    for one in compiled:
        cls = named_object(source, one.source)
        if isinstance(cls, type):  # for a missing class, Python raises an ImportError later
            comparison = _Comparison(source, cls, one, contributions, actual)
            comparison.shared = in_memory and arctic_mixin(cls) is not None
            found.update({(id(one[0]), one[1]): one for one in comparison.differences()})
    return tuple(found.values())


class _Actual:
    """What a class itself declares at run time."""

    def __init__(self, cls: type) -> None:
        adopt_assigned(cls.__mro__)
        self.entries = own_entries(cls)
        stored = vars(cls).get("callbacks")
        self.shares = any(vars(one).get("callbacks", 0) is stored for one in cls.__mro__[1:])
        """Whether the class shares the list of another one: on a mixin that does not watch its
        lists, `X.callbacks += [...]` changes the list that X inherits."""
        self.methods = {
            name: value
            for name, value in vars(cls).items()
            if is_callback_name(name) and (value is None or callable(value))
        }
        self.added = added_by(cls)
        self.original = original_list(cls)

    def __bool__(self) -> bool:
        return bool(self.entries or self.methods)


class _Comparison:
    """Compares one class with what the build read for its compiled class."""

    def __init__(
        self,
        source: Any,
        cls: type,
        compiled: CompiledClass,
        contributions: dict[str, Contribution],
        actual: dict[int, _Actual],
    ) -> None:
        self._source = source
        self._cls = cls
        self._compiled = compiled
        self._contributions = contributions
        self._actual = actual
        self._expected: dict[int, Contribution] = {}
        aliases = aliases_of(cls, compiled.source.partition(":")[0])
        self._match = EntryMatch(source, aliases)
        self.shared = False
        """Whether modules that were not read may have changed the lists of other classes."""

    def differences(self) -> Iterator[Difference]:
        """Every difference of the class."""
        by_name = {f"{cls.__module__}:{cls.__qualname__}": cls for cls in self._cls.__mro__}
        wanted: list[tuple[type | None, Contribution]] = []
        for name in self._compiled.contributors:
            cls = by_name.get(name) or named_object(self._source, name)
            inherited = any(cls is one for one in self._cls.__mro__)
            wanted.append((cls if inherited else None, self._contributions[name]))
        expected = {id(cls): contribution for cls, contribution in wanted if cls is not None}
        self._expected = expected
        order: list[type] = []
        for cls in reversed(self._cls.__mro__[:-1]):
            actual = self._of(cls)
            contribution = expected.get(id(cls))
            if contribution is not None:
                order.append(cls)
            elif not actual:
                continue
            yield from self._own(cls, actual, contribution or Contribution(f"{cls.__module__}:"))
        for found, contribution in wanted:
            if found is None:
                yield self._cls, f"{contribution.name.replace(':', '.')} is no longer a base class"
        if [id(cls) for cls in order] != list(expected):
            named = ", ".join(map(full_name, order))
            yield self._cls, f"its base classes are in a different order: {named}"
        if self._compiled.collected is not None:
            yield from self._collected(self._compiled.collected)
        for name, event in self._compiled.events.items():
            method = getattr(self._cls, name, None)
            if not callable(method):
                yield self._cls, f"'{name}' is {method!r}, but the build read a method"
            yield from ((self._cls, f"'{name}'{text}") for text in shape_differences(method, event))

    def _of(self, cls: type) -> _Actual:
        if id(cls) not in self._actual:
            self._actual[id(cls)] = _Actual(cls)
        return self._actual[id(cls)]

    def _own(self, cls: type, actual: _Actual, contribution: Contribution) -> Iterator[Difference]:
        if contribution.partial:
            return
        home = contribution.name.partition(":")[0]
        assigned = contribution.assigned
        waits = assigned is not None and assigned != home and is_unfinished(assigned)
        known = not self.shared or cls is self._cls
        if self._compiled.collected is None and known and not waits:
            if actual.original is not None:
                kept, then = actual.original
                inherited = any(vars(one).get("callbacks") is kept for one in cls.__mro__[1:])
                if has_changed(kept, then) and not inherited:
                    yield (
                        cls,
                        "the list that its body names was changed after the class was made, to"
                        f" {quoted_entries(kept)}; the class has {quoted_entries(then)}",
                    )
            for one in contribution.entries:
                if one.maybe:
                    _landed.setdefault(id(cls), {})[one.shown] = partial(self._match.is_, one)
            own = not actual.shares or not all(one.maybe for one in contribution.entries)
            entries = actual.entries if own else ()
            # A list that starts as a copy of a parent's has the entries that were added to that one
            # before.
            copied = [
                one
                for above in cls.__mro__[1:]
                if (parent := self._expected.get(id(above))) is not None
                for one in parent.entries
                if one.maybe
            ]
            expected = [*contribution.entries, *copied]
            yield from self._list(cls, entries, expected, actual.added, home)
        yield from self._methods(cls, actual.methods, contribution.methods)

    def _collected(self, expected: list[Expected]) -> Iterator[Difference]:
        """Differences of the entries that ArcticTraining collected when the class was made (R45).

        Callback methods are left out: it appends them when it first creates an object of the class
        or of one above.
        """
        methods = {
            id(value)
            for cls in self._cls.__mro__
            for name, value in vars(cls).items()
            if is_callback_name(name)
        }
        entries = [
            entry
            for entry in getattr(self._cls, "_class_callbacks", ())
            if id(entry[1]) not in methods or any(self._match.is_(one, entry) for one in expected)
        ]
        home = self._compiled.source.partition(":")[0]
        # It also collects entries that other classes have added to a list that it shares with them.
        shared = [one for read in self._expected.values() for one in read.entries if one.maybe]
        yield from self._list(self._cls, entries, [*expected, *shared], {}, home)

    def _list(
        self,
        cls: type,
        entries: Iterable[Entry],
        expected: list[Expected],
        added: dict[int, set[str]],
        home: str,
    ) -> Iterator[Difference]:
        actual = list(entries)
        running = "<locals>." in cls.__qualname__ or is_unfinished(home)
        fixed, free = fixed_and_free(expected, None if running else home)
        if self._match.matches(cls, actual, fixed, free, added):
            own = [entry for entry in actual if is_by(added.get(id(entry)), home)]
            order = swapped_lambdas(self._match.paired(fixed, own))
            if order is not None:
                yield cls, order
            return
        left = list(fixed) + [one for group in free.values() for one in group]
        others = _landed.get(id(cls), {}).values()
        kept = [
            entry
            for entry in actual
            if any(self._match.is_(one, entry) for one in left)
            or not any(is_(entry) for is_ in others)
        ]
        if len(kept) < len(actual):
            yield from self._list(cls, kept, expected, added, home)
            return
        extra = []
        for entry in actual:
            one = next((one for one in left if self._match.is_(one, entry)), None)
            if one is None:
                extra.append(entry)
            else:
                left.remove(one)
        missing = [one for one in left if one in fixed]
        unread.update((id(entry), entry) for entry in extra)
        for entry in extra:
            yield cls, f"its list has {shown(entry)}, which the build did not read"
        for one in missing:
            yield cls, f"the build read '{one.shown}', which its list does not have"
        if not extra and not missing:
            read = ", ".join(one.shown for one in fixed)
            now = quoted_entries(actual)
            yield cls, f"its list is in a different order: {now}; the build read {read}"

    def _methods(
        self, cls: type, actual: dict[str, Any], expected: dict[str, Expected | None]
    ) -> Iterator[Difference]:
        for name, value in actual.items():
            if name not in expected:
                yield cls, f"'{name}'{place(value)} exists, but the build did not read it"
            elif (value is None) != (expected[name] is None):
                read = "None" if expected[name] is None else "a method"
                yield cls, f"'{name}' is {value!r}, but the build read {read}"
            elif (method := expected[name]) is not None:
                yield from ((cls, f"'{name}'{text}") for text in shape_differences(value, method))
        missing = [name for name in expected if name not in actual]
        for name in missing:
            yield cls, f"the build read '{name}', which does not exist"
        if not missing and actual.keys() == expected.keys() and list(actual) != list(expected):
            now, read = ", ".join(actual), ", ".join(expected)
            yield (
                cls,
                f"its callback methods are in a different order: {now}; the build read {read}",
            )

"""What is the order of a class and its ancestors (C3), or why is there none?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Union

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place, Related
from arctic_codegen.model.expr import Attr, Expr, Starred, Subscript
from arctic_codegen.resolve.binder.bindings import Binding, normal
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    LambdaEntity,
    ModuleEntity,
    OpaqueEntity,
    Unknown,
)
from arctic_codegen.resolve.names.identity import dotted_name, from_typing
from arctic_codegen.resolve.names.stdlib import ABSTRACT_METACLASSES, line_of, metaclass
from arctic_codegen.resolve.show import show

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names

ClassKey = tuple[str, int]
Item = Union[ClassKey, str]
"""A class with readable source, or the dotted name of another one."""
OBJECT = "builtins.object"
_GENERIC = from_typing("Generic")
_MOST_LEVELS = 500
"""Maximum levels of inheritance: the orders of a chain of classes grow with its square."""
_ENDS = 50
_OF_OBJECT = frozenset(name for name in dir(object) if name not in ("__module__", "__doc__"))


class MroProblem(msgspec.Struct, frozen=True):
    """Why a class has no MRO; the finding is reported if the class is a host class."""

    finding: Finding
    too_deep: bool = False
    """There are so many levels that only the two ends of the order are kept."""


class Mro(msgspec.Struct, frozen=True):
    """The C3 order of a class, itself first, without ``object``, builtins and classes of extension
    modules. ``unknown_bases`` are findings (AC101 or AC104) about bases that cannot be resolved:
    errors if the class is a host class, otherwise ignored."""

    classes: tuple[ClassEntity, ...]
    unknown_bases: tuple[Finding, ...] = ()
    problem: MroProblem | None = None
    """AC301 or AC302; ``classes`` then contains those that could be ordered, at least the class."""
    items: tuple[Item, ...] = ()
    """The order including the classes omitted from ``classes``."""
    levels: int = 1


class Bases(msgspec.Struct, frozen=True):
    """The bases of one class statement, in order, and findings about the others."""

    known: tuple[ClassEntity | str, ...]
    unknown: tuple[Finding, ...]
    later: tuple[ClassEntity, ...] = ()
    """Bases that are defined later in the module, used only to find cycles."""
    too_late: tuple[Finding, ...] = ()
    """Findings about these bases, if they form no cycle."""


class Mros:
    """Computes the order of each class once."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._known: dict[ClassKey, ClassEntity] = {}
        self._ordered_keys: set[ClassKey] = set()

    def mro(self, owner: ClassEntity) -> Mro:
        """The C3 order of a class."""
        key = class_key(owner)
        self._known[key] = owner
        return self._names.queries.get(
            ("mro", *key),
            lambda: self._ordered(owner, key),
            lambda: Mro((owner,), items=(key, OBJECT)),
        )

    def nearest(self, owner: ClassEntity) -> Iterator[ClassEntity]:
        """The classes of the C3 order, computed lazily for a look-up that stops at the first match.
        While there is a single base, nothing above it is read: settings classes mostly define their
        attributes themselves, and their last base belongs to a large library."""
        self._names.queries.read(owner.id.module, top_name(owner), owner.scope.in_function)
        yield owner
        seen = {class_key(owner)}
        while len(owner.decl.bases) == 1:
            base = next(iter(self.bases(owner).known), None)
            if not isinstance(base, ClassEntity) or class_key(base) in seen:
                return
            seen.add(class_key(base))
            yield base
            owner = base
        yield from self.mro(owner).classes[1:]

    def opaque_attribute(self, owner: ClassEntity, name: str) -> OpaqueEntity | None:
        """An attribute that ``owner`` can only inherit from a class without readable source."""
        unread = (item for item in self.mro(owner).items if isinstance(item, str))
        for item in unread:
            if item != OBJECT and not item.startswith(("typing.", "abc.")):
                module, _, cls = item.rpartition(".")
                return OpaqueEntity(module, f"{cls}.{name}")
        return OpaqueEntity("builtins", f"object.{name}") if name in _OF_OBJECT else None

    def metaclass_of(self, owner: ClassEntity) -> str | None:
        """The dotted name of the metaclass; ``None`` if it is ``type``."""
        found = self._metaclasses(owner)
        return found[0] if found else None

    def refuses_abstract(self, owner: ClassEntity) -> bool:
        """Whether the metaclass refuses to instantiate a class with abstract methods."""
        return not ABSTRACT_METACLASSES.isdisjoint(self._metaclasses(owner))

    def _metaclasses(self, owner: ClassEntity) -> list[str]:
        """Every metaclass in the MRO, the nearest first, each with its own bases."""
        found: list[str | None] = []
        for item in self.mro(owner).items:
            if isinstance(item, str):
                found.append(metaclass(item))
                continue
            cls = self._known[item]
            stated = dict(cls.decl.keywords).get("metaclass")
            entity = None if stated is None else self._names.lookup(stated, cls.scope)
            if entity is not None:
                found.append(dotted_name(entity))
            if isinstance(entity, ClassEntity):
                found += (above for above in self.mro(entity).items if isinstance(above, str))
        return [name for name in found if name is not None and name != "builtins.type"]

    def _ordered(self, owner: ClassEntity, key: ClassKey) -> Mro:
        self._names.queries.read(owner.id.module, top_name(owner), owner.scope.in_function)
        bases = self.bases(owner)
        above = self._above(bases)
        self._known.update(above)
        own_place = self._own_place(owner)
        if key in above:
            classes = (owner, *(cls for other, cls in above.items() if other != key))
            circle = MroProblem(self._cycle(owner, bases))
            return Mro(classes, (*own_place, *bases.unknown), circle, (key, *above))
        for cls in reversed(above.values()):
            self.mro(cls)  # the most distant first, to avoid deep recursion
        known = [base if isinstance(base, str) else self.mro(base) for base in bases.known]
        parents = [mro for mro in known if isinstance(mro, Mro)]
        lines: list[tuple[Item, ...]] = [
            (*line_of(one), OBJECT) if isinstance(one, str) else one.items for one in known
        ]
        heads: list[Item] = [
            base if isinstance(base, str) else class_key(base) for base in bases.known
        ]
        unknown = [*own_place, *bases.unknown, *bases.too_late]
        unknown += (one for parent in parents for one in parent.unknown_bases)
        problem = next((one.problem for one in parents if one.problem), None)
        levels = 1 + max((parent.levels for parent in parents), default=0)
        items = merge([(key,), *lines, tuple(heads)]) if lines else (key, OBJECT)
        if items is None:
            items = tuple(dict.fromkeys((key, *(item for line in lines for item in line))))
            problem = problem or MroProblem(self._unordered(owner, bases))
        if levels > _MOST_LEVELS:
            items = (key, *items[1:][-_ENDS:])
            if problem is None or not problem.too_deep:
                problem = MroProblem(self._too_deep(owner), too_deep=True)
        classes = tuple(self._known[item] for item in items if not isinstance(item, str))
        self._ordered_keys.add(key)
        return Mro(classes, tuple(dict.fromkeys(unknown)), problem, items, levels)

    def _above(self, bases: Bases) -> dict[ClassKey, ClassEntity]:
        """The ancestors reached from these bases, the nearest first. The ancestors of an ordered
        class are ordered too, and cannot form a cycle with a class below."""
        found: dict[ClassKey, ClassEntity] = {}
        pending = [*bases.known, *bases.later]
        for base in pending:
            if isinstance(base, ClassEntity) and class_key(base) not in found:
                found[class_key(base)] = base
                if class_key(base) not in self._ordered_keys:
                    more = self.bases(base)
                    pending += (*more.known, *more.later)
        return found

    # Bases.

    def bases(self, owner: ClassEntity) -> Bases:
        """The bases of a class, each looked up at the class statement."""
        return self._names.queries.get(
            ("bases", *class_key(owner)),
            lambda: self._bases(owner),
            lambda: Bases((), ()),
        )

    def _bases(self, owner: ClassEntity) -> Bases:
        known: list[ClassEntity | str] = []
        too_late: list[Finding] = []
        unknown: list[Finding] = []
        later: list[ClassEntity] = []
        for number, expr in enumerate(owner.decl.bases):
            if isinstance(expr, Starred):
                unknown.append(_undecided(owner, expr, message("AC104", "is-unpacked")))
                continue
            entity = self._names.lookup(expr, owner.scope)
            if isinstance(entity, ClassEntity):
                known.append(entity)
            elif isinstance(entity, OpaqueEntity):
                if not self._steps_aside(entity, owner, number):
                    known.append(_base_name(entity))
            elif isinstance(entity, Unknown) and entity.missing:
                below = self._names.lookup(expr, owner.scope.late)
                finding = _missing(owner, expr, entity, below)
                if isinstance(below, ClassEntity):
                    later.append(below)
                    too_late.append(finding)
                else:
                    unknown.append(finding)
            else:
                unknown.append(_undecided(owner, expr, _what(entity), entity))
        return Bases(tuple(known), tuple(unknown), tuple(later), tuple(too_late))

    def _steps_aside(self, entity: OpaqueEntity, owner: ClassEntity, number: int) -> bool:
        """Whether ``Generic[T]`` is dropped in favour of a parametrized base to its right."""
        if _base_name(entity) not in _GENERIC:
            return False
        for expr in owner.decl.bases[number + 1 :]:
            if isinstance(expr, Subscript):
                return True
            base = self._names.lookup(expr, owner.scope)
            if isinstance(base, ClassEntity):
                name = expr.attr if isinstance(expr, Attr) else getattr(expr, "id", "")
                # An alias may refer to `Base[int]`.
                if name != base.decl.name and _is_generic(base):
                    return True
        return False

    def _own_place(self, owner: ClassEntity) -> list[Finding]:
        """A finding if the name may refer to another class, or none, after the module has run."""
        if owner.scope.in_function:
            return []
        name = normal(owner.decl.name)
        state = self._names.state(owner.scope.late, name)
        own = Binding(owner.decl, "class", name)
        others = [found for found in state if found is None or found.certain]
        if own not in state or len(others) == 1:
            return []
        return [message("AC104", "in-branch", name=name).at(owner.place)]

    def _cycle(self, owner: ClassEntity, bases: Bases) -> Finding:
        others = _related((*bases.known, *bases.later), owner.place)
        return message("AC302", "circle", name=owner.decl.name).at(owner.place, *others)

    def _too_deep(self, owner: ClassEntity) -> Finding:
        found = message("AC020", "many-levels", name=owner.decl.name, most=_MOST_LEVELS)
        return found.at(owner.place)

    def _unordered(self, owner: ClassEntity, bases: Bases) -> Finding:
        shown = ", ".join(f"'{show(expr)}'" for expr in owner.decl.bases)
        found = message("AC301", "unordered", name=owner.decl.name, bases=shown)
        return found.at(owner.place, *_related(bases.known))


def _missing(owner: ClassEntity, expr: Expr, entity: Unknown, below: Entity) -> Finding:
    base, name, reason = show(expr), owner.decl.name, entity.why
    if isinstance(below, ClassEntity):
        found = message("AC101", "defined-later", base=base, name=name)
    elif reason.case == "no-module":
        found = message("AC101", "not-installed", base=base, name=name, reason=reason)
    else:
        found = message("AC101", "not-defined", base=base, name=name, reason=reason)
    return _about_base(found, owner, expr, entity)


def _undecided(
    owner: ClassEntity, expr: Expr, what: Message, entity: Entity | None = None
) -> Finding:
    found = message("AC104", "base", base=show(expr), name=owner.decl.name, what=what)
    return _about_base(found, owner, expr, entity)


def _about_base(found: Message, owner: ClassEntity, expr: Expr, entity: Entity | None) -> Finding:
    place = Place(owner.place.path, expr.span)
    if isinstance(entity, Unknown) and entity.place is not None and entity.place != place:
        return found.at(place, Related(entity.place, entity.reason))
    return found.at(place)


def _related(bases: Iterable[ClassEntity | str], besides: Place | None = None) -> Iterator[Related]:
    for base in bases:
        if isinstance(base, ClassEntity) and base.place != besides:
            yield message("shared", "base", base=base.decl.name).note(base.place)


def class_key(cls: ClassEntity) -> ClassKey:
    """A key of the class statement: one name may have several."""
    return (cls.id.module, id(cls.decl))


def top_name(cls: ClassEntity) -> str:
    """The module-level name whose statement contains a class."""
    return cls.scope.frames[0].name if cls.scope.frames else cls.decl.name


def _is_generic(cls: ClassEntity) -> bool:
    subscripted = any(isinstance(base, Subscript) for base in cls.decl.bases)
    return subscripted or bool(cls.decl.type_params)


def _base_name(entity: OpaqueEntity) -> str:
    return dotted_name(entity) or entity.name


def _what(entity: Entity) -> Message:
    if isinstance(entity, ModuleEntity):
        return message("AC104", "is-a-module")
    if isinstance(entity, (FunctionEntity, LambdaEntity)):
        return message("AC104", "is-a-function")
    if isinstance(entity, Unknown):
        return message("AC104", "is-unknown", reason=entity.why)
    return message("AC104", "is-undetermined")


def merge(lines: Sequence[Sequence[Item]]) -> tuple[Item, ...] | None:
    """The C3 merge of several orders; ``None`` if they are inconsistent."""
    rests = [list(reversed(line)) for line in lines if line]
    tails: dict[Item, int] = {}
    for rest in rests:
        for item in rest[:-1]:
            tails[item] = tails.get(item, 0) + 1
    merged: list[Item] = []
    while rests:
        head = next((rest[-1] for rest in rests if not tails.get(rest[-1])), None)
        if head is None:
            return None
        merged.append(head)
        for rest in rests:
            if rest[-1] == head:
                rest.pop()
                if rest:
                    tails[rest[-1]] -= 1
        rests = [rest for rest in rests if rest]
    return tuple(merged)

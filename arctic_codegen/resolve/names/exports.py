"""Which names does ``from module import *`` import?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.model.decls import ClassDecl, Statement
from arctic_codegen.model.expr import Attr, BinOp, Expr, Name, Seq, Starred, Str
from arctic_codegen.model.settings import is_in_output, output_package
from arctic_codegen.model.skimming import stars_that_may_bring
from arctic_codegen.model.spelling import absolute_module
from arctic_codegen.resolve.binder.bindings import UNBOUND, bindings_of
from arctic_codegen.resolve.binder.blocks import flat
from arctic_codegen.resolve.binder.in_place_changes import changes_of
from arctic_codegen.resolve.entities import ModuleEntity, Scope, ValueEntity
from arctic_codegen.resolve.names.stdlib import COMPUTED

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names

ALL = "__all__"


class Listed(msgspec.Struct, frozen=True):
    """The names in ``__all__``; ``whole`` is false if it may contain more."""

    names: tuple[str, ...] = ()
    whole: bool = True

    def joined(self, other: Listed) -> Listed:
        """The names of both, in order."""
        names = dict.fromkeys((*self.names, *other.names))
        return Listed(tuple(names), self.whole and other.whole)


_UNKNOWN = Listed((), False)


class Exports:
    """Reads ``__all__`` if it is built from displays, and knows what is public without it."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._output = output_package(names.settings)

    def exported(self, module: str, name: str, typing: bool) -> bool | None:
        """Whether a star import of ``module`` binds ``name``; ``None`` if this is unknown.

        With ``typing``, ``TYPE_CHECKING`` is true.
        """
        if (module, name) in COMPUTED:
            return True
        if self._is_ruled_out(module, name):
            return False
        source = self._names.source(module)
        if source.kind in ("missing", "namespace"):
            self._names.queries.read(module, "")
            return False
        if source.kind == "opaque" or source.decls is None:
            self._names.queries.read(module, "")
            if self._output is not None and is_in_output(module, self._output):
                # A compiled module exports the classes of its source, and little else.
                behind = self._names.source(module[len(self._output) + 1 :]).decls
                statements = () if behind is None else flat(behind.body)
                return any(isinstance(one, ClassDecl) and one.name == name for one in statements)
            return None
        listed = self.listed(module)
        if listed is not None:
            if name in listed.names:
                return True
            if listed.whole:
                return False
        elif name.startswith("_"):
            return False
        body = self._names.sources.body(module)
        if not body.relevant(name):
            self._names.queries.read(module, name)
            return False
        state = self._names.queries.get(
            ("exported", module, name, typing),
            lambda: self._names.state(Scope(module), name, typing=typing),
            lambda: UNBOUND,
        )
        if state == UNBOUND:
            return False
        certain = all(found is not None and found.certain for found in state)
        return True if certain else None

    def _is_ruled_out(self, module: str, name: str) -> bool:
        """Whether the bytes of a module, and of the modules it star-imports, show that it does not
        export a name."""
        return self._names.queries.get(
            ("ruled out", module, name), lambda: self._bytes_rule_out(module, name), lambda: True
        )

    def _bytes_rule_out(self, module: str, name: str) -> bool:
        own = self._names.sources.skim_own(module)
        file = own or self._names.sources.skim(module)
        stars = None if file is None else stars_that_may_bring(file.data, name)
        if file is None or stars is None or (own is not None and stars):
            return False  # changes to star imports of the project must be noticed
        package = module if file.is_package else module.rpartition(".")[0]
        for level, inside in stars:
            source = absolute_module(level, inside, package)
            if source is None or not self._is_ruled_out(source, name):
                return False
        self._names.queries.ruled_out(module, name)
        return True

    def listed(self, module: str) -> Listed | None:
        """The contents of a module's ``__all__``; ``None`` if it has none."""
        return self._names.queries.get(
            (ALL, module), lambda: self._listed(module), lambda: Listed((), False)
        )

    def _listed(self, module: str) -> Listed | None:
        decls = self._names.source(module).decls
        if decls is None:
            return None
        self._names.queries.read(module, ALL)
        if ALL not in self._names.sources.body(module).binders:
            return None  # a star import copies `__all__` only if the module lists that name itself
        listed: Listed | None = None
        for live in self._names.branches.live(decls.body, Scope(module), _concerns_all):
            if live.typing_only or live.main_only:
                continue
            changed = self._after(live.stmt, Scope(module, (), live.stmt.span.start), listed)
            if live.context not in ("plain", "with"):
                changed = _UNKNOWN.joined(listed or _UNKNOWN).joined(changed)
            listed = changed
        return listed

    def _after(self, stmt: Statement, here: Scope, listed: Listed | None) -> Listed:
        """``__all__`` after one statement that changes it."""
        before = _UNKNOWN if listed is None else listed
        for change in changes_of(stmt):
            if change.kind in ("append", "extend", "assign") and _is_all(change.target):
                more = change.args[0]
                if change.kind == "append":
                    more = Seq(change.span, "list", change.args)
                found = self._strings(more, here, before)
                return found if change.kind == "assign" else before.joined(found)
        return _UNKNOWN.joined(before)

    def _strings(self, expr: Expr, here: Scope, own: Listed) -> Listed:
        """The strings in displays and in their sums; ``own`` is the current ``__all__``."""
        if isinstance(expr, Seq):
            found = Listed()
            for item in expr.items:
                if isinstance(item, Starred):
                    found = found.joined(self._strings(item.value, here, own))
                else:
                    found = found.joined(
                        Listed((item.value,)) if isinstance(item, Str) else _UNKNOWN
                    )
            return found
        if isinstance(expr, BinOp) and expr.op == "+":
            left = self._strings(expr.left, here, own)
            return left.joined(self._strings(expr.right, here, own))
        if _is_all(expr):
            return own
        if isinstance(expr, Attr) and expr.attr == ALL:
            module = self._names.lookup(expr.value, here)
            if isinstance(module, ModuleEntity):
                return self.listed(module.name) or _UNKNOWN
        if isinstance(expr, Name):
            entity = self._names.lookup(expr, here)
            if isinstance(entity, ValueEntity):
                return self._names.queries.get(
                    ("strings", entity.module, id(entity.expr)),
                    lambda: self._strings(entity.expr, entity.scope, _UNKNOWN),
                    lambda: _UNKNOWN,
                )
        return _UNKNOWN


def _concerns_all(stmt: Statement) -> bool:
    """Whether a statement binds or changes ``__all__``."""
    bound = any(one.name == ALL for one in bindings_of(stmt))
    return bound or any(_is_all(change.target) for change in changes_of(stmt))


def _is_all(target: Expr) -> bool:
    return isinstance(target, Name) and target.id == ALL

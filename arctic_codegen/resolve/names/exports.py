"""What ``from module import *`` brings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from arctic_codegen.model.decls import (
    Assign,
    AugAssign,
    CallStmt,
    ClassDecl,
    Delete,
    FromImport,
    If,
    Loop,
    Match,
    Statement,
    Try,
    With,
)
from arctic_codegen.model.expr import Attr, BinOp, Call, Expr, IfExp, Name, Seq, Starred, Str
from arctic_codegen.model.settings import is_in_output, output_package
from arctic_codegen.model.skimming import stars_that_may_bring
from arctic_codegen.resolve.entities import ModuleEntity, Scope, Unknown, ValueEntity
from arctic_codegen.resolve.names.bindings import (
    ALL_CHANGES,
    UNBOUND,
    Body,
    absolute,
    absolute_name,
    start,
)
from arctic_codegen.resolve.names.branches import Branches
from arctic_codegen.resolve.names.stdlib import public
from arctic_codegen.resolve.statement_walk import flat

if TYPE_CHECKING:
    from arctic_codegen.resolve.names.names import Names

ALL = "__all__"
_DISPLAYS = ("list", "tuple", "set", "sorted", "frozenset")


class Listed(msgspec.Struct, frozen=True):
    """The names in ``__all__``; ``whole`` is false where more may be in it."""

    names: tuple[str, ...] = ()
    whole: bool = True


class Exports:
    """Reads ``__all__``, however it is put together, and knows what is public without it."""

    def __init__(self, names: Names, branches: Branches) -> None:
        self._names = names
        self._branches = branches
        self._output = output_package(names.settings)

    def exported(self, module: str, name: str, typing: bool) -> bool | None:
        """Whether a star import of ``module`` binds ``name``; ``None`` if it cannot be told.

        ``typing`` takes ``TYPE_CHECKING`` for true.
        """
        if self._is_ruled_out(module, name):
            return False
        source = self._names.source(module)
        if source.kind in ("missing", "namespace"):
            self._names.recorder.read(module, "")
            return False
        if source.kind == "opaque" or source.decls is None:
            self._names.recorder.read(module, "")
            if self._output is not None and is_in_output(module, self._output):
                # A compiled module has the classes of its source, and little else to offer.
                behind = self._names.source(module[len(self._output) + 1 :]).decls
                statements = () if behind is None else flat(behind.body)
                return any(isinstance(one, ClassDecl) and one.name == name for one in statements)
            known = public(module)
            return None if known is None else name in known
        listed = self.listed(module)
        if listed is not None:
            if name in listed.names:
                return True
            if listed.whole:
                return False
        elif name.startswith("_"):
            return False
        body = self._names.body(module)
        if not body.relevant(name):
            self._names.recorder.read(module, name)
            return False
        state = self._names.memo.get(
            ("exported", module, name, typing),
            lambda: self._names.state(Scope(module), name, typing=typing),
            lambda: UNBOUND,
        )
        if state == UNBOUND:
            return False
        certain = all(found is not None and found.certain for found in state)
        return True if certain else None

    def _is_ruled_out(self, module: str, name: str) -> bool:
        """Whether the bytes of a module, and of those that it has stars of, show that it does not
        bring a name."""
        return self._names.memo.get(
            ("ruled out", module, name), lambda: self._bytes_rule_out(module, name), lambda: True
        )

    def _bytes_rule_out(self, module: str, name: str) -> bool:
        own = self._names.skim_own(module)
        file = own or self._names.skim(module)
        stars = None if file is None else stars_that_may_bring(file.data, name)
        if file is None or stars is None or (own is not None and stars):
            return False  # edits of one's own stars have to be seen
        for level, inside in stars:
            source = absolute_name(level, inside, module, file.is_package)
            if source is None or not self._is_ruled_out(source, name):
                return False
        self._names.recorder.ruled_out(module, name)
        return True

    def listed(self, module: str) -> Listed | None:
        """What ``__all__`` of a module holds; ``None`` where it has none."""
        return self._names.memo.get(
            (ALL, module), lambda: self._listed(module), lambda: Listed((), False)
        )

    def _listed(self, module: str) -> Listed | None:
        source = self._names.source(module)
        if source.decls is None:
            return None
        self._names.recorder.read(module, ALL)
        body = self._names.body(module)
        result = self._walk(body, Scope(module), None)
        if result is None:
            # Another module's ``__all__`` may come in through a star only if that lists itself.
            return None
        return result

    def _walk(self, body: Body, scope: Scope, state: Listed | None) -> Listed | None:
        indices = sorted({*body.relevant(ALL), *body.relevant(ALL_CHANGES)})
        for index in indices:
            stmt = body.statements[index]
            here = Scope(scope.module, scope.frames, start(stmt.span))
            arms = body.arms.get(index)
            if arms is None:
                state = self._change(stmt, here, state)
            elif isinstance(stmt, If):
                taken = self._branches.test(stmt.test, here)
                if taken is None:
                    one, other = (self._walk(arm, scope, state) for arm in arms)
                    state = _either(one, other)
                else:
                    state = self._walk(arms[0 if taken else 1], scope, state)
            elif isinstance(stmt, Try):
                state = self._try(stmt, arms, scope, state)
            elif isinstance(stmt, With):
                state = self._walk(arms[0], scope, state)
            elif isinstance(stmt, (Loop, Match)):
                before = state
                for arm in arms:
                    state = self._walk(arm, scope, state)
                if state is not before:
                    state = Listed(() if state is None else state.names, False)
        return state

    def _try(
        self, stmt: Try, arms: tuple[Body, ...], scope: Scope, state: Listed | None
    ) -> Listed | None:
        attempt = self._branches.attempt(stmt, scope)
        body, *handlers, orelse, final = arms
        if attempt.cut is not None:
            kept = [part for part in body.statements if start(part.span) < attempt.cut]
            state = self._walk(Body(kept), scope, state)
            if attempt.handler is not None:
                state = self._walk(handlers[attempt.handler], scope, state)
        else:
            state = self._walk(orelse, scope, self._walk(body, scope, state))
            if not attempt.decided:
                for arm in handlers:
                    state = _either(state, self._walk(arm, scope, state))
        return self._walk(final, scope, state)

    def _change(self, stmt: Statement, here: Scope, state: Listed | None) -> Listed | None:
        if isinstance(stmt, Assign) and stmt.value is not None:
            for target in stmt.targets:
                if isinstance(target, Name) and target.id == ALL:
                    return self._strings(stmt.value, here, state)
            return Listed((), False)
        if isinstance(stmt, AugAssign):
            return _joined(state, self._strings(stmt.value, here, state))
        if isinstance(stmt, Delete):
            return None
        if isinstance(stmt, FromImport) and not stmt.star:
            return self._imported(stmt, here)
        if isinstance(stmt, CallStmt):
            return self._called(stmt.call, here, state)
        return state

    def _imported(self, stmt: FromImport, here: Scope) -> Listed | None:
        """``from .other import __all__``"""
        source = self._names.source(here.module)
        module = absolute(stmt, source.name, source.is_package)
        if module is None or all(alias.name != ALL for alias in stmt.names):
            return Listed((), False)
        return self.listed(module) or Listed((), False)

    def _called(self, call: Call, here: Scope, state: Listed | None) -> Listed | None:
        assert isinstance(call.func, Attr)
        args = [arg.value for arg in call.args]
        if call.func.attr == "extend" and len(args) == 1:
            return _joined(state, self._strings(args[0], here, state))
        if call.func.attr in ("append", "insert") and args:
            text = self._string(args[-1], here)
            return _joined(state, Listed((), False) if text is None else Listed((text,)))
        if call.func.attr == "remove" and len(args) == 1 and state is not None:
            text = self._string(args[0], here)
            return Listed(tuple(name for name in state.names if name != text), state.whole)
        if call.func.attr in ("sort", "reverse"):
            return state
        if call.func.attr == "clear":
            return Listed()
        return Listed(() if state is None else state.names, False)

    def _string(self, expr: Expr, here: Scope) -> str | None:
        if isinstance(expr, Str):
            return expr.value
        if isinstance(expr, Attr) and expr.attr == "__name__":
            from_ = self._names.lookup(expr.value, here)
            decl = getattr(from_, "decl", None)
            return None if decl is None else str(decl.name)
        if isinstance(expr, Name):
            entity = self._names.lookup(expr, here)
            if isinstance(entity, ValueEntity) and isinstance(entity.expr, Str):
                return entity.expr.value
        return None

    def _strings(self, expr: Expr, here: Scope, own: Listed | None, depth: int = 0) -> Listed:
        """The texts in an expression that makes a list of them; ``own`` is ``__all__`` so far."""
        unknown = Listed((), False)
        if depth > 200:
            return unknown
        if isinstance(expr, Seq):
            result = Listed()
            for item in expr.items:
                if isinstance(item, Starred):
                    result = _joined(result, self._strings(item.value, here, own, depth + 1))
                else:
                    text = self._string(item, here)
                    result = _joined(result, unknown if text is None else Listed((text,)))
            return result
        if isinstance(expr, BinOp) and expr.op == "+":
            return _joined(
                self._strings(expr.left, here, own, depth + 1),
                self._strings(expr.right, here, own, depth + 1),
            )
        if isinstance(expr, IfExp):
            taken = self._branches.test(expr.test, here)
            if taken is None:
                return unknown
            return self._strings(expr.body if taken else expr.orelse, here, own, depth + 1)
        if isinstance(expr, Call):
            if isinstance(expr.func, Name) and expr.func.id in _DISPLAYS:
                if not expr.args:
                    return Listed()
                return self._strings(expr.args[0].value, here, own, depth + 1)
            if isinstance(expr.func, Attr) and expr.func.attr == "copy" and not expr.args:
                return self._strings(expr.func.value, here, own, depth + 1)
            return unknown
        if isinstance(expr, Name) and expr.id == ALL:
            return own or unknown
        if isinstance(expr, Attr) and expr.attr == ALL:
            module = self._names.lookup(expr.value, here)
            if isinstance(module, ModuleEntity):
                return self.listed(module.name) or unknown
            return unknown
        if isinstance(expr, (Name, Attr)):
            return self._through_name(expr, here, depth)
        return unknown

    def _through_name(self, expr: Expr, here: Scope, depth: int) -> Listed:
        if isinstance(expr, Name) and not here.frames:
            alias = self._all_alias(expr.id, here)
            if alias is not None:
                return alias
        entity = self._names.lookup(expr, here)
        if isinstance(entity, Unknown) or not isinstance(entity, ValueEntity):
            return Listed((), False)
        return self._strings(entity.expr, entity.scope, None, depth + 1)

    def _all_alias(self, name: str, here: Scope) -> Listed | None:
        """``from .other import __all__ as other_all``"""
        state = self._names.state(here, name)
        if len(state) != 1:
            return None
        (found,) = state
        if found is None or found.kind != "from" or not isinstance(found.stmt, FromImport):
            return None
        if found.stmt.names[found.index].name != ALL:
            return None
        source = self._names.source(here.module)
        module = absolute(found.stmt, source.name, source.is_package)
        return None if module is None else self.listed(module)


def _joined(one: Listed | None, other: Listed) -> Listed:
    if one is None:
        return Listed(other.names, False)
    return Listed(tuple(dict.fromkeys((*one.names, *other.names))), one.whole and other.whole)


def _either(one: Listed | None, other: Listed | None) -> Listed | None:
    if one is None or other is None:
        return one or other
    names = tuple(dict.fromkeys((*one.names, *other.names)))
    same = set(one.names) == set(other.names)
    return Listed(names, one.whole and other.whole and same)

"""Does the signature of a callback fit the method of its event (R21 to R24)?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from arctic_codegen.diagnostics import suggest
from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Fix, Place, Related, Span
from arctic_codegen.model.expr import Name, Param, Seq
from arctic_codegen.model.hosts import ClassId, Method
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.methods import is_none_annotation
from arctic_codegen.resolve.hosts.returns import (
    Returned,
    Shapes,
    falls_through,
    maps_an_iterator,
    may_mean_none,
    returns_of,
)
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import STARS, show

_OBJECT = ClassId("builtins", "object")
_KINDS = {"no": "a plain method", "sync": "a generator", "async": "an async generator"}
CANNOT_BE_CALLED = frozenset(
    {"AC401", "AC403", "AC404", "AC405", "AC411", "AC412", "AC414", "AC415", "AC707"}
)
"""If one of these is suppressed, the callback is left out: no call of it could be correct."""


def check_signature(
    declaration: Declaration, method: Method, mro: Sequence[ClassEntity], names: Names
) -> tuple[Finding, ...]:
    """All findings about one callback of one method, in the class with this MRO.

    If none is an error, the callback can be called.
    """
    return tuple(_Check(declaration, method, mro, names).run())


class _Check:
    def __init__(
        self, declaration: Declaration, method: Method, mro: Sequence[ClassEntity], names: Names
    ) -> None:
        self.declaration = declaration
        self.method = method
        self.mro = mro
        self.names = names
        self.value = declaration.callable
        self.what = declaration.short
        self.falls_through = falls_through(self.value, mro[0], names)

    def run(self) -> Iterator[Finding]:
        params = self.value.params
        if params is None:
            yield self._finding(message("AC414", "unknown", callback=self.what))
            return
        if self.value.is_async and (self.method.generator != "no" or not self.method.is_async):
            kind, method = _KINDS[self.method.generator], self.method.name
            yield self._finding(
                message("AC411", "async", callback=self.what, method=method, kind=kind)
            )
        elif self.value.is_generator and not maps_an_iterator(self.declaration, self.method):
            kind = _KINDS["async" if self.value.is_async else "sync"]
            yield self._finding(message("AC415", "generator", callback=self.what, kind=kind))
            return
        wrong = list(self._forms(params))
        yield from wrong
        if wrong:
            return
        if self.declaration.role != "in order":
            yield from self._at_failure(params[1:])
        elif self.declaration.phase == "pre":
            yield from self._pre(params)
        else:
            yield from self._post(params)
        yield from self._unannotated()

    def _forms(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        for param in params:
            if param.kind in STARS:
                shown = f"{STARS[param.kind]}{param.name}"
                found = message("AC403", "variadic", callback=self.what, parameter=shown)
                yield self._finding(self._mine(found), span=param.span)
            elif param.default is not None:
                found = message("AC402", "default", parameter=param.name, callback=self.what)
                yield self._finding(self._mine(found), span=param.span)
        plain = [param for param in params if param.kind not in STARS]
        variadic_first = bool(params) and params[0].kind in STARS
        if not variadic_first and (not plain or plain[0].kind == "keyword_only"):
            yield self._finding(self._no_object())

    def _no_object(self) -> Message:
        value = self.value
        definition = value.definition if value.receiver else None
        if definition is None or not definition.params:
            return message("AC404", "no-object", callback=self.what)
        own = definition.params[0].name
        return message(
            "AC404", "method-of-object", callback=self.what, name=definition.name, own=own
        )

    def _pre(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        unfit = [found for param in params[1:] if (found := self._unfit(param, params))]
        yield from unfit or self._pre_returns(params)

    def _unfit(self, param: Param, params: tuple[Param, ...]) -> Finding | None:
        """The finding about a parameter of a pre callback, compared with those of the method."""
        name, method = param.name, self.method
        found = next((one for one in method.params[1:] if one.name == name), None)
        if found is not None and found.kind not in STARS:
            return None
        fix = None
        if name in method.hidden:
            problem = message(
                "AC414",
                "hidden-by-decorator",
                callback=self.what,
                parameter=name,
                method=method.name,
            )
        elif found is not None:
            problem = message(
                "AC412",
                "variadic",
                callback=self.what,
                parameter=f"{STARS[found.kind]}{name}",
                method=method.name,
            )
        elif method.defined_in == _OBJECT and len(method.params) > 1:
            problem = message("AC414", "init-not-written", callback=self.what, parameter=name)
        else:
            plain = [one.name for one in method.params[1:] if one.kind not in STARS]
            free = [one for one in plain if all(one != other.name for other in params)]
            likely = suggest.close(name, free, most=2)
            if len(likely) == 1:
                fix = self._fix("parameter", param.span, old=name, new=likely[0])
            problem = self._unknown(name, plain)
        return self._finding(problem, span=param.span, fix=fix)

    def _unknown(self, name: str, plain: Sequence[str]) -> Message:
        """The message for a parameter that the method does not have, with a suggestion."""
        method, behind = self.method.name, self.method.behind
        near = suggest.parameter(name, plain)
        if near:
            return message("AC401", "did-you-mean", parameter=name, method=method, meant=near)
        if behind:
            return message(
                "AC401", "behind-decorator", parameter=name, method=method, wrapper=behind
            )
        if plain:
            taken = ", ".join(map(repr, plain))
            return message("AC401", "takes-others", parameter=name, method=method, parameters=taken)
        return message("AC401", "takes-nothing", parameter=name, method=method)

    def _pre_returns(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        taken = tuple(param.name for param in params[1:])
        if self._is_exempt():
            return
        if not taken:
            yield from self._needless_value(params)
            return
        listed = ", ".join(taken)
        found = returns_of(self.value)
        spelled = len(taken) == 1 and may_mean_none(self.value, self.method, taken[0])
        missing = next(
            (one for one in found if one.value is None or (one.is_none and not spelled)), None
        )
        if missing is not None or self.falls_through:
            them = "it" if len(taken) == 1 else "them"
            yield self._finding(
                message(
                    "AC406", "missing-return", callback=self.what, parameters=listed, them=them
                ),
                span=None if self.falls_through or missing is None else missing.place,
                fix=self._returning(listed, found),
            )
        if len(taken) < 2:
            return
        shapes = Shapes(self.value, self.mro, self.names)
        for one in found:
            shape = shapes.of(one)
            if shape is None:
                continue
            if shape.length != len(taken):
                problem = message(
                    "AC407",
                    "length",
                    callback=self.what,
                    count=len(taken),
                    value="" if one.value is None else show(one.value),
                    parameters=listed,
                )
                yield self._finding(problem, span=one.place)
                return
            names = shape.names
            if names is not None and names != taken and sorted(names) == sorted(taken):
                fix = self._fix("order", one.place, new=", ".join(taken))
                is_display = isinstance(one.value, Seq) and one.value.kind == "tuple"
                problem = message(
                    "AC410",
                    "order",
                    callback=self.what,
                    parameters=listed,
                    returned=", ".join(names),
                )
                yield self._finding(problem, span=one.place, fix=fix if is_display else None)
                return

    def _needless_value(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        """A value returned by a pre callback that replaces none: it is ignored."""
        definition = self.value.definition
        if definition is None or (self.value.returns and is_none_annotation(self.value.returns)):
            # `-> None`: the returned value is a call without a result, or a type error.
            return
        # A decorator's wrapper returns the result of the callback, which may be None.
        wrapped = [p.name for p in definition.params] != [p.name for p in params]
        for one in returns_of(self.value):
            if not one.may_be_none and not (wrapped and isinstance(one.value, Name)):
                problem = message("AC408", "value", callback=self.what, method=self.method.name)
                yield self._finding(problem, span=one.place)
                return

    def _post(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        count = len(params) - 1
        if (wrong := self._post_count(params[1:])) is not None:
            yield self._finding(wrong)
            return
        if count == 1 and not self._is_exempt():
            bare = next((one for one in returns_of(self.value) if one.value is None), None)
            if bare is not None or self.falls_through:
                yield self._finding(
                    message(
                        "AC409", "missing-return", callback=self.what, parameter=params[1].name
                    ),
                    span=None if self.falls_through or bare is None else bare.place,
                    fix=self._returning(params[1].name, ()),
                )

    def _at_failure(self, taken: tuple[Param, ...]) -> Iterator[Finding]:
        """Findings about the parameters of a callback under ``on_error`` or ``always``, whose
        result is ignored."""
        listed = ", ".join(repr(param.name) for param in taken) or "nothing"
        if self.declaration.role == "on_error":
            if len(taken) != 1:
                found = message("AC405", "on-error", callback=self.what, parameters=listed)
                yield self._finding(found)
        elif taken:
            yield self._finding(message("AC405", "always", callback=self.what, parameters=listed))

    def _post_count(self, taken: tuple[Param, ...]) -> Message | None:
        """The message for a wrong number of parameters after ``self``."""
        count, name = len(taken), self.method.name
        if self.method.returns_none and count != 0:
            listed = ", ".join(repr(param.name) for param in taken)
            return message(
                "AC405", "returns-nothing", callback=self.what, method=name, parameters=listed
            )
        if self.method.returns_none is False and count == 0:
            return message("AC405", "value-not-taken", callback=self.what, method=name)
        if self.method.returns_none is False and count > 1:
            return message(
                "AC405", "too-many-for-value", callback=self.what, method=name, count=count
            )
        return message("AC405", "too-many", callback=self.what, count=count) if count > 1 else None

    def _mine(self, problem: Message) -> Message:
        """The problem with another help if the definition is in an installed package."""
        if not self.value.installed:
            return problem
        return problem.with_help(message("shared", "installed-callback", callback=self.what).text)

    def _unannotated(self) -> Iterator[Finding]:
        definition = self.value.definition
        if definition is None or self.value.installed:
            return
        if definition.returns is not None or any(p.annotation for p in definition.params):
            return
        yield self._finding(message("AC413", "unannotated", callback=self.what))

    def _is_exempt(self) -> bool:
        """Whether the returns do not count: those of a generator, or of an abstract stub."""
        return self.value.is_generator or self.declaration.abstract

    def _finding(
        self, problem: Message, *, span: Span | None = None, fix: Fix | None = None
    ) -> Finding:
        declaration = self.declaration
        place = declaration.reported_at
        if span is not None and not self.value.installed:
            place = Place(self.value.place.path, span)
        related: list[Related] = []
        if place == declaration.declared_at and place != self.value.place:
            callback = message("shared", "callback", callback=self.what)
            related.append(callback.note(self.value.place))
        elif declaration.declared_at not in (place, self.value.place):
            declared = message("shared", "entry" if declaration.kind == "entry" else "name")
            related.append(declared.note(declaration.declared_at))
        method = message("shared", "method", method=self.method.name)
        return problem.at(place, *related, method.note(self.method.place), fix=fix)

    def _fix(
        self, kind: Literal["parameter", "order"], span: Span, *, old: str = "", new: str = ""
    ) -> Fix | None:
        """A fix for a problem with a single correct solution."""
        if self.value.installed:
            return None
        return Fix(kind, Place(self.value.place.path, span), old, new)

    def _returning(self, listed: str, found: Sequence[Returned]) -> Fix | None:
        """A fix that returns the parameter; not if there is a literal `return None`."""
        if self.value.definition is None or self.value.installed:
            return None
        if any(one.is_none for one in found):
            return None
        return Fix("return", self.value.place, "end" if self.falls_through else "", listed)

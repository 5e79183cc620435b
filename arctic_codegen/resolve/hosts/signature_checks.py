"""Does the signature of a callback fit the method that it surrounds (R21 to R24)?"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from typing import Literal

from arctic_codegen.diagnostics.records import Finding, Fix, Place, Related, Severity, Span
from arctic_codegen.model.expr import Name, Param
from arctic_codegen.model.hosts import ClassId, Method
from arctic_codegen.resolve.entities import ClassEntity
from arctic_codegen.resolve.hosts.declarations import Declaration
from arctic_codegen.resolve.hosts.methods import is_none_annotation
from arctic_codegen.resolve.hosts.returns import (
    Returned,
    Shapes,
    falls_through,
    maps_an_iterator,
    returns_of,
)
from arctic_codegen.resolve.names.names import Names

_OBJECT = ClassId("builtins", "object")
_VARIADIC = {"var_positional": "*", "var_keyword": "**"}
_KINDS = {"no": "a plain method", "sync": "a generator", "async": "an async generator"}
CANNOT_BE_CALLED = frozenset(
    {"AC401", "AC403", "AC404", "AC405", "AC411", "AC412", "AC414", "AC415"}
)
"""Where one of these is silenced, the callback is left out: no call of it would be right."""


def check_signature(
    declaration: Declaration, method: Method, mro: Sequence[ClassEntity], names: Names
) -> tuple[Finding, ...]:
    """Every finding about one callback of one method, in the class whose MRO is given.

    No error means that it can be called.
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
            yield self._finding(
                "AC414",
                f"the signature of the callback '{self.what}' cannot be known",
                hint="use a plain function, or a decorator made with functools.wraps",
            )
            return
        if self.value.is_async and (self.method.generator != "no" or not self.method.is_async):
            yield self._finding(
                "AC411",
                f"the callback '{self.what}' is async, but '{self.method.name}' is "
                f"{_KINDS[self.method.generator]}",
                hint="write the callback as a plain 'def'",
            )
        elif self.value.is_generator and not maps_an_iterator(self.declaration, self.method):
            kind = _KINDS["async" if self.value.is_async else "sync"]
            yield self._finding(
                "AC415",
                f"the callback '{self.what}' is {kind} function: calling it runs none of its body",
                hint="remove the 'yield': a callback runs to its end at each call",
            )
            return
        wrong = list(self._forms(params))
        yield from wrong
        if wrong:
            return
        if self.declaration.phase == "pre":
            yield from self._pre(params)
        else:
            yield from self._post(params)
        yield from self._unannotated()

    def _forms(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        for param in params:
            if param.kind in _VARIADIC:
                yield self._finding(
                    "AC403",
                    f"the callback '{self.what}' takes '{_VARIADIC[param.kind]}{param.name}'",
                    hint=self._mine("name each parameter that it takes") + self._decorated(),
                    span=param.span,
                )
            elif param.default is not None:
                yield self._finding(
                    "AC402",
                    f"the parameter '{param.name}' of the callback '{self.what}' has a default",
                    hint=self._mine(
                        "remove the default: every parameter gets the method's own value; "
                        "functools.partial binds a value of yours"
                    ),
                    span=param.span,
                )
        plain = [param for param in params if param.kind not in _VARIADIC]
        variadic_first = bool(params) and params[0].kind in _VARIADIC
        if not variadic_first and (not plain or plain[0].kind == "keyword_only"):
            yield self._finding(
                "AC404",
                f"the callback '{self.what}' has no parameter for the object",
                hint="add the object as its first parameter, as in 'def callback(self)'",
            )

    def _decorated(self) -> str:
        """What else can be done where it is a decorator that has those parameters."""
        name = self.value.name
        if "<locals>" not in name and not name.endswith(".__call__"):
            return ""
        return (
            "; if a decorator puts it in the place of the callback, make it with functools.wraps, "
            "or add the decorator to 'signature-preserving' in the configuration"
        )

    def _pre(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        unfit = [found for param in params[1:] if (found := self._unfit(param, params))]
        yield from unfit or self._pre_returns(params)

    def _unfit(self, param: Param, params: tuple[Param, ...]) -> Finding | None:
        """What is wrong with a parameter of a pre callback, by the method's."""
        name, method = param.name, self.method
        found = next((one for one in method.params[1:] if one.name == name), None)
        if found is not None and found.kind not in _VARIADIC:
            return None
        code = "AC414"
        fix = None
        if found is not None:
            code = "AC412"
            what = f"'{_VARIADIC[found.kind]}{name}' of '{method.name}'"
            hint = "a callback can only take named parameters"
        elif name in method.hidden:
            what = (
                f"'{name}', but a decorator of '{method.name}' looks at the arguments as the "
                "caller gave them"
            )
            hint = (
                "take only the object, name the parameter in the decorator's wrapper "
                f"('def wrapper(self, {name}, ...)'), or let the decorated method call a plain "
                "one, and attach the callback to that"
            )
        elif method.defined_in == _OBJECT and len(method.params) > 1:
            what = (
                f"'{name}', but '__init__' is not written out: what it takes cannot be determined "
                "statically"
            )
            hint = "take only the object, or write an '__init__' that names the parameter"
        else:
            plain = [one.name for one in method.params[1:] if one.kind not in _VARIADIC]
            free = [one for one in plain if all(one != other.name for other in params)]
            likely = difflib.get_close_matches(name, free, n=2, cutoff=0.6)
            if len(likely) == 1:
                fix = self._fix("parameter", param.span, old=name, new=likely[0])
            message = f"'{name}' is no parameter of '{method.name}'"
            hint = self._takes(name, plain)
            return self._finding("AC401", message, hint=hint, span=param.span, fix=fix)
        message = f"the callback '{self.what}' names {what}"
        return self._finding(code, message, hint=hint, span=param.span)

    def _takes(self, name: str, plain: Sequence[str]) -> str:
        """What to write in the place of a parameter that the method lacks."""
        near = difflib.get_close_matches(name, plain, n=1, cutoff=0.5)
        if near:
            return f"did you mean '{near[0]}'?"
        if self.method.behind:
            return (
                f"a decorator puts '{self.method.behind}' in the place of "
                f"'{self.method.name}', and callers see its parameters: make it with "
                "functools.wraps, which keeps those of the method, or add the decorator "
                "to 'signature-preserving' in the configuration"
            )
        if plain:
            return f"'{self.method.name}' takes {', '.join(map(repr, plain))}"
        return f"'{self.method.name}' takes nothing that a callback can name"

    def _pre_returns(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        taken = tuple(param.name for param in params[1:])
        if self._is_exempt():
            return
        if not taken:
            yield from self._needless_value(params)
            return
        listed = ", ".join(taken)
        found = returns_of(self.value)
        missing = next((one for one in found if one.value is None or one.is_none), None)
        if missing is not None or self.falls_through:
            yield self._finding(
                "AC406",
                f"the callback '{self.what}' takes '{listed}', but does not always return "
                f"{'it' if len(taken) == 1 else 'them'}",
                hint=f"end every path with 'return {listed}'",
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
                yield self._finding(
                    "AC407",
                    f"the callback '{self.what}' takes {len(taken)} parameters, "
                    f"but returns {shape.what}",
                    hint=f"write 'return {listed}'",
                    span=one.place,
                )
                return
            names = shape.names
            if names is not None and names != taken and sorted(names) == sorted(taken):
                fix = self._fix("order", one.place, new=", ".join(taken))
                yield self._finding(
                    "AC410",
                    f"the callback '{self.what}' takes '{listed}', "
                    f"but returns '{', '.join(names)}'",
                    hint="return the parameters in the order in which it takes them",
                    span=one.place,
                    severity=Severity.WARNING,
                    fix=fix if names == one.tuple_names else None,
                )
                return

    def _needless_value(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        """A value from a pre callback that takes none: nobody gets it."""
        definition = self.value.definition
        if definition is None or (self.value.returns and is_none_annotation(self.value.returns)):
            # `-> None`: what is returned then is a call that gives nothing, or a type error.
            return
        # A decorator's wrapper hands on what the callback gave, which may be nothing.
        wrapped = [p.name for p in definition.params] != [p.name for p in params]
        for one in returns_of(self.value):
            if not one.may_be_none and not (wrapped and isinstance(one.value, Name)):
                yield self._finding(
                    "AC408",
                    f"the callback '{self.what}' takes no parameter of "
                    f"'{self.method.name}', but returns a value",
                    hint="return nothing, or take the parameter that it changes",
                    span=one.place,
                )
                return

    def _post(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        count, name = len(params) - 1, self.method.name
        wrong = hint = ""
        if self.method.returns_none and count != 0:
            wrong = f"'{name}' returns nothing, so the callback '{self.what}' takes only `self`"
            hint = f"remove {', '.join(repr(param.name) for param in params[1:])}"
        elif self.method.returns_none is False and count != 1:
            some = "only the object" if count == 0 else f"{count} parameters after the object"
            wrong = f"the callback '{self.what}' takes {some}, but '{name}' returns a value"
            hint = "take the object and the return value, and return the value"
        elif count > 1:
            wrong = f"the callback '{self.what}' takes {count} parameters after the object"
            hint = "a post callback takes the object and the return value"
        if wrong:
            yield self._finding("AC405", wrong, hint=hint)
            return
        if count == 1 and not self._is_exempt():
            bare = next((one for one in returns_of(self.value) if one.value is None), None)
            if bare is not None or self.falls_through:
                yield self._finding(
                    "AC409",
                    f"the callback '{self.what}' takes the return value '{params[1].name}', "
                    "but does not always return one",
                    hint=f"end every path with 'return {params[1].name}'",
                    span=None if self.falls_through or bare is None else bare.place,
                    fix=self._returning(params[1].name, ()),
                )

    def _mine(self, hint: str) -> str:
        """The hint, or another one where the definition is not the person's own to change."""
        if not self.value.installed:
            return hint
        return (
            f"'{self.what}' stands in an installed package: write a function of your own that "
            "names what it takes, and calls the callback"
        )

    def _unannotated(self) -> Iterator[Finding]:
        definition = self.value.definition
        if definition is None or self.value.installed:
            return
        if definition.returns is not None or any(p.annotation for p in definition.params):
            return
        yield self._finding(
            "AC413",
            f"the callback '{self.what}' has no annotations, so a type checker does not check it",
            hint="annotate its parameters and what it returns",
            severity=Severity.NOTE,
        )

    def _is_exempt(self) -> bool:
        """A generator's ``return`` is no return of the call, and an abstract one is a stub."""
        return self.value.is_generator or self.declaration.abstract

    def _finding(
        self,
        code: str,
        message: str,
        *,
        hint: str,
        span: Span | None = None,
        severity: Severity = Severity.ERROR,
        fix: Fix | None = None,
    ) -> Finding:
        declaration = self.declaration
        place = declaration.reported_at
        if span is not None and not self.value.installed:
            place = Place(self.value.place.path, span)
        related: list[Related] = []
        if place == declaration.declared_at and place != self.value.place:
            related.append(Related(self.value.place, f"the callback '{self.what}'"))
        elif declaration.declared_at not in (place, self.value.place):
            text = "the entry" if declaration.kind == "entry" else "the name"
            related.append(Related(declaration.declared_at, f"{text} that declares it"))
        related.append(Related(self.method.place, f"the method '{self.method.name}'"))
        return Finding(code, message, place, hint, tuple(related), severity, fix)

    def _fix(
        self, kind: Literal["parameter", "order"], span: Span, *, old: str = "", new: str = ""
    ) -> Fix | None:
        """What has one right answer."""
        if self.value.installed:
            return None
        return Fix(kind, Place(self.value.place.path, span), old, new)

    def _returning(self, listed: str, found: Sequence[Returned]) -> Fix | None:
        """Returning what it takes where it returns nothing; `return None` may have been meant."""
        if self.value.definition is None or self.value.installed:
            return None
        if any(one.is_none for one in found):
            return None
        return Fix("return", self.value.place, "end" if self.falls_through else "", listed)

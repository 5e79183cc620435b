"""What is wrong with a callback's signature, seen against the method it surrounds (R21 to R24)."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from arctic_codegen.diagnostics.records import Finding, Fix, Place, Related, Severity, Span
from arctic_codegen.model.expr import Name, Param
from arctic_codegen.model.hosts import ClassId, Method
from arctic_codegen.resolve.hosts.declared import Declaration
from arctic_codegen.resolve.hosts.generators import maps_an_iterator
from arctic_codegen.resolve.hosts.methods import is_none_annotation
from arctic_codegen.resolve.hosts.return_shapes import Shapes
from arctic_codegen.resolve.hosts.returns import Returned, returns_of, returns_of_lambda
from arctic_codegen.resolve.interfaces import CallableValue

_OBJECT = ClassId("builtins", "object")
_VARIADIC = ("var_positional", "var_keyword")
CANNOT_BE_CALLED = frozenset(
    {"AC401", "AC403", "AC404", "AC405", "AC411", "AC412", "AC414", "AC415"}
)
"""Where one of these is silenced, the callback is left out: no call of it would be right."""


def check_signature(
    declaration: Declaration,
    method: Method,
    falls_through: bool,
    shapes: Callable[[int], Shapes],
) -> tuple[Finding, ...]:
    """Every finding about one callback of one method. No error means that it can be called.

    ``falls_through`` says whether the callback can end without a ``return``, ``shapes`` what it
    returns where that many values are expected.
    """
    return tuple(_Check(declaration, method, falls_through, shapes).run())


class _Check:
    def __init__(
        self,
        declaration: Declaration,
        method: Method,
        falls_through: bool,
        shapes: Callable[[int], Shapes],
    ) -> None:
        self.shapes = shapes
        self.declaration = declaration
        self.falls_through = falls_through
        self.method = method
        self.value: CallableValue = declaration.callable
        self.what = _short(declaration)
        self.event = f"{declaration.phase}-{declaration.event.replace('_', '-')}"

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
            kind = {"no": "a plain method", "sync": "a generator", "async": "an async generator"}[
                self.method.generator
            ]
            yield self._finding(
                "AC411",
                f"the callback '{self.what}' is async, but '{self.method.name}' is {kind}",
                hint="write the callback as a plain 'def'",
            )
        elif self.value.is_generator and not maps_an_iterator(self.declaration, self.method):
            is_async = "an async generator" if self.value.is_async else "a generator"
            yield self._finding(
                "AC415",
                f"the callback '{self.what}' is {is_async} function: "
                "calling it runs none of its body",
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
                star = "*" if param.kind == "var_positional" else "**"
                yield self._finding(
                    "AC403",
                    f"the callback '{self.what}' takes '{star}{param.name}'",
                    hint=self._mine("name each parameter that it takes") + self._decorated(),
                    span=param.span,
                )
            elif param.default is not None:
                yield self._finding(
                    "AC402",
                    f"the parameter '{param.name}' of the callback '{self.what}' has a default",
                    hint=self._mine(
                        "remove the default: every parameter gets the method's own value"
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
        method = {param.name: param for param in self.method.params[1:]}
        plain = [name for name, param in method.items() if param.kind not in _VARIADIC]
        known = True
        for param in params[1:]:
            found = method.get(param.name)
            if found is None and param.name in self.method.hidden:
                known = False
                yield self._finding(
                    "AC414",
                    f"the callback '{self.what}' names '{param.name}', but a decorator of "
                    f"'{self.method.name}' looks at the arguments as the caller gave them",
                    hint="take only the object, name the parameter in the decorator's wrapper "
                    "('def wrapper(self, " + param.name + ", ...)'), or let the decorated method "
                    "call a plain one, and attach the callback to that",
                    span=param.span,
                )
            elif (
                found is None and self.method.defined_in == _OBJECT and len(self.method.params) > 1
            ):
                known = False
                yield self._finding(
                    "AC414",
                    f"the callback '{self.what}' names '{param.name}', but '__init__' is not "
                    "written out: what it takes cannot be determined statically",
                    hint="take only the object, or write an '__init__' that names the parameter",
                    span=param.span,
                )
            elif found is None:
                known = False
                free = [name for name in plain if all(name != one.name for one in params)]
                likely = difflib.get_close_matches(param.name, free, n=2, cutoff=0.6)
                near = difflib.get_close_matches(param.name, plain, n=1, cutoff=0.5)
                if near:
                    hint = f"did you mean '{near[0]}'?"
                elif self.method.behind:
                    hint = (
                        f"a decorator puts '{self.method.behind}' in the place of "
                        f"'{self.method.name}', and callers see its parameters: make it with "
                        "functools.wraps, which keeps those of the method, or add the decorator "
                        "to 'signature-preserving' in the configuration"
                    )
                elif plain:
                    listed = ", ".join(f"'{name}'" for name in plain)
                    hint = f"'{self.method.name}' takes {listed}"
                else:
                    hint = f"'{self.method.name}' takes nothing that a callback can name"
                yield self._finding(
                    "AC401",
                    f"'{param.name}' is no parameter of '{self.method.name}'",
                    hint=hint,
                    span=param.span,
                    fix=self._rename(param, likely),
                )
            elif found.kind in _VARIADIC:
                known = False
                star = "*" if found.kind == "var_positional" else "**"
                yield self._finding(
                    "AC412",
                    f"the callback '{self.what}' names '{star}{param.name}' "
                    f"of '{self.method.name}'",
                    hint="a callback can only take named parameters",
                    span=param.span,
                )
        if known:
            yield from self._pre_returns(params)

    def _pre_returns(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        taken = tuple(param.name for param in params[1:])
        definition = self.value.definition
        if self._is_exempt():
            return
        if not taken:
            if definition is not None and not _says_none(self.value):
                # A decorator's wrapper hands on what the callback gave, which may be nothing.
                wrapped = [p.name for p in definition.params] != [p.name for p in params]
                for one in returns_of(definition):
                    if not one.may_be_none and not (wrapped and isinstance(one.value, Name)):
                        yield self._finding(
                            "AC408",
                            f"the callback '{self.what}' takes no parameter of "
                            f"'{self.method.name}', but returns a value",
                            hint="return nothing, or take the parameter that it changes",
                            span=one.place,
                        )
                        return
            return
        listed = ", ".join(taken)
        found = self._returned()
        missing = next((one for one in found if one.value is None or one.is_none), None)
        falls_through = self.falls_through
        if missing is not None or falls_through:
            yield self._finding(
                "AC406",
                f"the callback '{self.what}' takes '{listed}', but does not always return "
                f"{'it' if len(taken) == 1 else 'them'}",
                hint=f"end every path with 'return {listed}'",
                span=None if falls_through or missing is None else missing.place,
                fix=self._returning(listed, found),
            )
        if len(taken) < 2:
            return
        shapes = self.shapes(len(taken))
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

    def _post(self, params: tuple[Param, ...]) -> Iterator[Finding]:
        count = len(params) - 1
        name = self.method.name
        if self.method.returns_none and count != 0:
            yield self._finding(
                "AC405",
                f"'{name}' returns nothing, so the callback '{self.what}' takes the object alone",
                hint=f"remove {_quoted(params[1:])}",
            )
            return
        if self.method.returns_none is False and count != 1:
            some = "only the object" if count == 0 else f"{count} parameters after the object"
            yield self._finding(
                "AC405",
                f"the callback '{self.what}' takes {some}, but '{name}' returns a value",
                hint="take the object and the return value, and return the value",
            )
            return
        if count > 1:
            yield self._finding(
                "AC405",
                f"the callback '{self.what}' takes {count} parameters after the object",
                hint="a post callback takes the object and the return value",
            )
            return
        if count == 1 and not self._is_exempt():
            bare = next((one for one in self._returned() if one.value is None), None)
            falls_through = self.falls_through
            if bare is not None or falls_through:
                yield self._finding(
                    "AC409",
                    f"the callback '{self.what}' takes the return value '{params[1].name}', "
                    "but does not always return one",
                    hint=f"end every path with 'return {params[1].name}'",
                    span=None if falls_through or bare is None else bare.place,
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
        if definition is None or self.value.installed or definition.type_comment:
            return
        if definition.returns is not None or any(p.annotation for p in definition.params):
            return
        yield self._finding(
            "AC413",
            f"the callback '{self.what}' has no annotations, so a type checker does not check it",
            hint="annotate its parameters and what it returns",
            severity=Severity.NOTE,
        )

    def _returned(self) -> tuple[Returned, ...]:
        if self.value.definition is not None:
            return returns_of(self.value.definition)
        if self.value.lambda_body is not None:
            return returns_of_lambda(self.value.lambda_body)
        return ()

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
        place = declaration.told_at
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

    # What has one right answer.

    def _fix(
        self, kind: Literal["parameter", "order"], span: Span, *, old: str = "", new: str = ""
    ) -> Fix | None:
        if self.value.installed:
            return None
        return Fix(kind, Place(self.value.place.path, span), old, new)

    def _rename(self, param: Param, likely: Sequence[str]) -> Fix | None:
        """The parameter that was meant, if only one can be."""
        if len(likely) != 1:
            return None
        return self._fix("parameter", param.span, old=param.name, new=likely[0])

    def _returning(self, listed: str, found: Sequence[Returned]) -> Fix | None:
        """Returning what it takes where it returns nothing; `return None` may have been meant."""
        if self.value.definition is None or self.value.installed:
            return None
        if any(one.is_none for one in found):
            return None
        end = "end" if self.falls_through else ""
        return Fix("return", self.value.place, end, listed)


def _short(declaration: Declaration) -> str:
    if declaration.kind == "method":
        return declaration.method
    if declaration.callable.lambda_body is not None:
        return "<lambda>"
    if declaration.callable.definition is not None:
        return declaration.callable.definition.name
    return declaration.callable.name.rpartition(".")[2]


def _says_none(value: CallableValue) -> bool:
    """``-> None``: what is returned then is a call that gives nothing, or a type error."""
    return value.returns is not None and is_none_annotation(value.returns)


def _quoted(params: tuple[Param, ...]) -> str:
    return ", ".join(f"'{param.name}'" for param in params)

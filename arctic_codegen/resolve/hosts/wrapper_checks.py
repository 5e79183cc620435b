"""Are the wrappers of a callback allowed on its event (R56 to R58)?"""

from __future__ import annotations

from collections.abc import Iterator

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.hosts import Method
from arctic_codegen.resolve.hosts.declarations import Declaration


def wrapper_findings(declaration: Declaration, method: Method) -> Iterator[Finding]:
    """Findings about the wrappers of one callback on a method."""
    if declaration.role != "in order":
        yield from _at_failure(declaration, method)
    before_init = declaration.phase == "pre" and method.name == "__init__"
    for wrapper in declaration.callable.wrappers:
        condition = wrapper.condition
        if condition is None:
            continue
        if not condition.annotated and condition.function is not None:
            short = condition.name.rpartition(".")[2]
            yield message("AC413", "condition", condition=short).at(condition.function)
        if condition.path and before_init:
            found = message(
                "AC706",
                "before-init",
                owner=method.defined_in.name,
                wrapper=wrapper.kind,
                path=condition.path,
            )
            yield found.at(condition.place)


def _at_failure(declaration: Declaration, method: Method) -> Iterator[Finding]:
    role, callback = declaration.role, declaration.short
    kinds = {wrapper.kind for wrapper in declaration.callable.wrappers}
    place = declaration.declared_at
    if {"on_error", "always"} <= kinds:
        yield message("AC707", "both", callback=callback).at(place)
    if declaration.phase == "pre":
        found = message("AC707", "pre", wrapper=role, callback=callback, event=declaration.event)
        yield found.at(place)
    elif method.generator != "no":
        yield message("AC707", "generator", wrapper=role, callback=callback, method=method.name).at(
            place, message("shared", "method", method=method.name).note(method.place)
        )

"""May the wrappers of a callback stand on its event (R56)?"""

from __future__ import annotations

from collections.abc import Iterator

from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.model.hosts import Method
from arctic_codegen.resolve.hosts.declarations import Declaration


def wrapper_findings(declaration: Declaration, method: Method) -> Iterator[Finding]:
    """What is wrong with the wrappers of one callback on that method."""
    if declaration.phase != "pre" or method.name != "__init__":
        return
    for wrapper in declaration.callable.wrappers:
        condition = wrapper.condition
        if condition is not None and condition.path:
            found = message(
                "AC706",
                "before-init",
                owner=method.defined_in.name,
                wrapper=wrapper.kind,
                path=condition.path,
            )
            yield found.at(condition.place)

"""The proof at import: compares the actual classes with what the build read (R48).

A build reads lists of callbacks without running anything, and Python can change a list in ways that
no text shows. So each compiled module compares once, after its source has been imported: it
describes its classes in the form in which the build described them. If the two texts differ,
``differences`` compares in detail.
"""

from __future__ import annotations

import sys
from types import FunctionType
from typing import Any

from arctic_codegen.runtime.callable_shapes import VARIADIC
from arctic_codegen.runtime.errors import IN_MEMORY, CallbacksDifferError, full_name
from arctic_codegen.runtime.source_lists import is_callback_name, unchanged_entries
from arctic_codegen.runtime.staleness import policy, react
from arctic_codegen.runtime.wrapping import COROUTINE

HELP_IN_MEMORY = (
    "Write entries and methods in the class body, or change the list by its own name (append,"
    " extend, insert, +=) at module level, before compiled() is called; in a notebook, run the "
    "class statement again, in a cell that has nothing else"
)

_CLASS = "\n        class "
_COMPILED = "\n        compiled "
_INSIDE = "\n            "

_proved: dict[str, tuple[dict[str, Any], Any, str]] = {}
"""The arguments of each proof, by compiled module."""


def prove(namespace: dict[str, Any], source: Any, text: str) -> None:
    """Compares the classes of the module ``source`` with what the build read.

    ``namespace`` are the globals of the compiled module. ``text`` is what the build read, in the
    format of ``runtime.proof_text``.

    Raises CallbacksDifferError with all differences, unless ``on-stale`` says otherwise.
    """
    _proved[namespace["__name__"]] = namespace, source, text
    if _is_as_read(source, text):
        return
    from arctic_codegen.runtime.differences import differences
    from arctic_codegen.runtime.source_objects import HELP

    file = namespace.get("__file__", "")
    found = differences(source, text, in_memory=file.startswith("<"))
    if not found:
        return
    lines = "".join(f"\n  {full_name(cls)}: {text}" for cls, text in found)
    reader, advice = "'arctic-codegen build'", HELP
    if namespace["__name__"].startswith(IN_MEMORY):
        reader, advice = "compiled()", HELP_IN_MEMORY
    message = (
        f"the callbacks of {source.__name__} are not those that {reader} read:{lines}"
        f"\n{advice} ({file})"
    )
    error = CallbacksDifferError(message, found, name=source.__name__, path=file)
    react(policy(file, source.__name__), error)


def prove_again(compiled: str) -> None:
    """Repeats the proof of a compiled module once, since ArcticTraining's lists are not watched."""
    known = _proved.get(compiled)
    if known is not None:
        prove(*known)
        del _proved[compiled]


def _is_as_read(source: Any, text: str) -> bool:
    """Whether the description of the classes equals the text.

    If not, a detailed comparison may still find no difference.
    """
    head, *compiled = text.rstrip().split(_COMPILED)
    expected = {one.partition("\n")[0]: one for one in head.split(_CLASS)[1:]}
    if not compiled:
        return False
    labels = {id(object): ""}  # by identity: a metaclass may make its classes unhashable
    definitions: dict[Any, str] = {}
    for one in compiled:
        first, *events = one.split(_INSIDE)
        name, _, order = first.partition(" =")
        cls: Any = source
        for part in name.split("."):
            cls = getattr(cls, part, None)
        if not isinstance(cls, type):
            return False
        contributing = ""
        for ancestor in cls.__mro__:
            label = labels.get(id(ancestor))
            if label is None:
                lines = _written(ancestor)
                label = ""
                if lines:
                    label = f", {ancestor.__qualname__}"
                    written = f"{ancestor.__module__}:{ancestor.__qualname__}"
                    if expected.get(written) != written + _INSIDE + _INSIDE.join(lines):
                        return False
                labels[id(ancestor)] = label
            if label:
                contributing = label + contributing
        if contributing[2:] != order[1:]:
            return False
        for event in events:
            method = getattr(cls, event[event.index("def ") + 4 :].partition("(")[0], None)
            if type(method) is not FunctionType:
                return False
            definition = definitions.get(method)
            if definition is None:
                definition = definitions[method] = _definition(method)
            if definition != event:
                return False
    return True


def _written(cls: type) -> list[str]:
    """The lines in which a build describes what a class itself declares.

    Only plain functions are described. If there is anything else, it returns a line that no build
    writes.
    """
    lines: list[str] = []
    space = cls.__dict__
    entries = unchanged_entries(cls)
    if entries is None:  # changed by something other than the class statement
        return ["?"]
    try:
        lines = [_entry(event, fn) for event, fn in entries]
    except (TypeError, ValueError):  # an item that is not an entry
        return ["?"]
    if "_callback " in f"{' '.join(space)} ":  # one test for all: many classes have none
        for name in space:
            if is_callback_name(name):
                value = space[name]
                if type(value) is FunctionType:
                    lines.append(_definition(value, name))
                elif value is None or callable(value):
                    return ["?"]
    return lines


def _entry(event: str, fn: Any) -> str:
    if type(fn) is not FunctionType or fn.__dict__:  # an object, or a wrapper
        return "?"
    code = fn.__code__
    qualname = fn.__qualname__
    dot = "."
    if "<" not in qualname:
        found: Any = sys.modules.get(fn.__module__)
        for part in qualname.split("."):
            found = getattr(found, part, None)
        if found is fn:
            dot = ":"
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    waits = "async " if code.co_flags & COROUTINE else ""
    return f"{event} {waits}{fn.__module__}{dot}{qualname}({', '.join(names)})"


def _definition(fn: Any, name: str | None = None) -> str:
    code = fn.__code__
    flags = code.co_flags
    waits = "async " if flags & COROUTINE else ""
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    shown = "" if flags & VARIADIC else f"({', '.join(names)})"
    return f"{waits}def {name or fn.__name__}{shown}"

"""The errors of compiled classes and of the classes that they are compiled from."""

from __future__ import annotations

import sys

IN_MEMORY = "arctic_codegen_compiled_"
"""How the names of modules begin that `arctic_codegen.testing` makes."""


class UncompiledClassError(TypeError):
    """A class with callbacks was instantiated uncompiled, so its callbacks would not run.

    It is a ``TypeError``, as for an abstract class.
    """


class ClosedCallbacksError(TypeError):
    """Something tries to change the ``callbacks`` of a compiled class, whose methods are fixed."""


class CallbackNotAddedError(RuntimeError):
    """An event fires before the statement that adds one of its callbacks has run."""


class StaleOutputError(ImportError):
    """A compiled module does not match the sources that it was built from."""


class CallbacksDifferError(ImportError):
    """The callbacks that Python has differ from those that the build read.

    Something changed a list or a class in a way that the source text does not show, so other
    callbacks would run than the program declares. ``differences`` are the classes, each with what
    differs about it.
    """

    def __init__(
        self,
        message: str,
        differences: tuple[tuple[type, str], ...] = (),
        *,
        name: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(message, name=name, path=path)
        self.differences = differences


class CallbackStateError(RuntimeError):
    """The state of a callback object cannot be saved with a checkpoint, or restored from one."""


class TrainingError(Exception):
    """A run cannot start or go on; the message says why, and what to do."""


class OutputDiffersError(RuntimeError):
    """The ranks of one training run have different output and would run different callbacks."""


def full_name(cls: type) -> str:
    """A class as messages name it."""
    return f"{cls.__module__}.{cls.__qualname__}"


def uncompiled(cls: type) -> UncompiledClassError:
    """The error about an object of a source class, with the way out."""
    compiled = _compiled_name(cls)
    module = sys.modules.get(cls.__module__)
    typed_in = cls.__module__ == "__main__" and not hasattr(module, "__file__")  # in a notebook
    if compiled.startswith(IN_MEMORY) or (typed_in and not compiled):
        advice = f"make the object through arctic_codegen.testing.compiled({cls.__qualname__})"
    elif compiled:
        advice = (
            f"make the object through {compiled} (if that lacks the class, run 'arctic-codegen"
            " build')"
        )
    else:
        advice = "run 'arctic-codegen build' and make the object through the compiled class"
    return UncompiledClassError(
        f"{full_name(cls)} is not compiled, and its callbacks would not run: {advice}"
    )


def first_line(error: Exception) -> str:
    """The first line of what an error says, or its kind where it says nothing."""
    return (str(error) or type(error).__name__).splitlines()[0]


def _compiled_name(cls: type) -> str:
    """How to reach the compiled class: one that is loaded, or one that stands on the disk."""
    children: list[type] = type.__subclasses__(cls)
    for child in children:
        if vars(child).get("__arctic_source__") is cls:
            return full_name(child)
    try:
        return _compiled_on_disk(cls)
    except Exception:  # this only makes a message better
        return ""


def _compiled_on_disk(cls: type) -> str:
    """Looks for an output folder beside the import root that the class's module stands under."""
    import os

    from arctic_codegen.runtime.staleness import read_lock

    file = os.path.abspath(vars(sys.modules[cls.__module__])["__file__"])
    stem, name = os.path.splitext(os.path.basename(file))[0], cls.__module__
    if name == "__main__":
        name = stem
    root = os.path.dirname(file)
    for _ in range(name.count(".") + (stem == "__init__")):
        root = os.path.dirname(root)
    for folder in (root, os.path.dirname(root)):
        for child in sorted(os.listdir(folder)):
            if name in read_lock(os.path.join(folder, child)).get("modules", ()):
                return f"{child}.{name}.{cls.__name__}"
    return ""

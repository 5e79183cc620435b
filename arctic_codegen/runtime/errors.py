"""The errors of compiled classes and of their source classes."""

from __future__ import annotations

IN_MEMORY = "arctic_codegen_compiled_"
"""The prefix of the names of modules that `arctic_codegen.testing` creates."""


class UncompiledClassError(TypeError):
    """A class with callbacks was instantiated uncompiled, so its callbacks would not run.

    It is a ``TypeError``, as for an abstract class.
    """


class ClosedCallbacksError(TypeError):
    """Something tries to change the ``callbacks`` of a compiled class, which are fixed."""


class CallbackNotAddedError(RuntimeError):
    """An event fires before the statement that adds one of its callbacks has run."""


class StaleOutputError(ImportError):
    """A compiled module does not match the sources that it was built from."""


class CallbacksDifferError(ImportError):
    """The callbacks that Python has differ from those that the build read.

    Something changed a list or a class in a way that the source text does not show, so other
    callbacks would run than the program declares. ``differences`` are pairs of a class and the
    description of a difference.
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


class TrainingError(Exception):
    """A run cannot start or continue; the message says why, and what to do."""


class CallbackStateError(TrainingError):
    """The state of a callback object cannot be saved with a checkpoint, or restored from one."""


class OutputDiffersError(RuntimeError):
    """The ranks of one training run have different output and would run different callbacks."""


def full_name(cls: type) -> str:
    """Module and qualified name of a class."""
    return f"{cls.__module__}.{cls.__qualname__}"


def first_line(error: Exception) -> str:
    """The first line of an error's message, or its type if the message is empty."""
    return (str(error) or type(error).__name__).splitlines()[0]

"""4xx: signatures of callbacks."""

from __future__ import annotations

from arctic_codegen.diagnostics.records import Severity
from arctic_codegen.diagnostics.table.entry import Code


def _trainer(callback: str, imports: str = "") -> str:
    """A module with one class: ``step`` returns nothing, ``loss`` a number."""
    return f"""{imports}from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self, batch: int, scale: int = 1) -> None:
        print(batch * scale)

    def loss(self, *batches: int) -> float:
        return float(len(batches))

{callback}"""


_PRE_STEP = _trainer(
    """    def pre_step_callback(self, batch: int) -> int:
        return batch + 1
"""
)
_POST_LOSS = _trainer(
    """    def post_loss_callback(self, value: float) -> float:
        return value
"""
)

SIGNATURES = (
    Code(
        "AC401",
        "unknown-parameter",
        "A pre callback takes a parameter that the method does not have.",
        "A pre callback takes the method's parameters by name, so the name has to be one of them.",
        _trainer(
            """    def pre_step_callback(self, bach: int) -> int:
        return bach
"""
        ),
        _PRE_STEP,
    ),
    Code(
        "AC402",
        "default-in-callback",
        "A parameter of a callback has a default.",
        "Every parameter of a callback is always given, so the default could never take effect.",
        _trainer(
            """    def pre_step_callback(self, batch: int = 3) -> int:
        return batch
"""
        ),
        _PRE_STEP,
    ),
    Code(
        "AC403",
        "variadic-in-callback",
        "A callback has `*args` or `**kwargs`.",
        "Which of the method's parameters it wants is then not stated, nor what it returns.",
        _trainer(
            """    def pre_step_callback(self, *args: int) -> None:
        print(args)
"""
        ),
        _PRE_STEP,
    ),
    Code(
        "AC404",
        "no-object-parameter",
        "A callback has no parameter for the object.",
        "A callback is called with the object that it is attached to as its first argument.",
        _trainer('    callbacks = [("post-step", lambda: print("after the step"))]\n'),
        _trainer('    callbacks = [("post-step", lambda self: print("after the step"))]\n'),
    ),
    Code(
        "AC405",
        "post-parameter-count",
        "A post callback takes more or fewer parameters than it will be given.",
        "It takes the object, and the return value of a method that has one. For a method "
        "annotated `-> None` it takes the object alone.",
        _trainer(
            """    def post_step_callback(self, value: float) -> float:
        return value
"""
        ),
        _POST_LOSS,
    ),
    Code(
        "AC406",
        "pre-missing-return",
        "A pre callback takes parameters, and has a path that returns nothing.",
        "What it returns is what the method receives: a missing `return` would give the method "
        "`None`.",
        _trainer(
            """    def pre_step_callback(self, batch: int) -> int:
        if batch < 0:
            return 0
        print(batch)
"""
        ),
        _PRE_STEP,
    ),
    Code(
        "AC407",
        "pre-return-length",
        "A pre callback returns a tuple of another length than it takes parameters.",
        "It returns the parameters that it takes, in that order: none gives `None`, one the "
        "value itself, more a tuple.",
        _trainer(
            """    def pre_step_callback(self, batch: int, scale: int) -> tuple[int, int, int]:
        return batch, scale, 0
"""
        ),
        _trainer(
            """    def pre_step_callback(self, batch: int, scale: int) -> tuple[int, int]:
        return batch, scale
"""
        ),
    ),
    Code(
        "AC408",
        "pre-returns-without-parameters",
        "A pre callback takes no parameter, and returns a value.",
        "The value would be thrown away. To change a parameter, the callback has to take it.",
        _trainer(
            """    def pre_step_callback(self) -> int:
        return 3
"""
        ),
        _PRE_STEP,
    ),
    Code(
        "AC409",
        "post-missing-return",
        "A post callback takes the return value, and has a path that returns nothing.",
        "What it returns is the new return value: a missing `return` would turn it into `None`.",
        _trainer(
            """    def post_loss_callback(self, value: float) -> float:
        print(value)
"""
        ),
        _POST_LOSS,
    ),
    Code(
        "AC410",
        "return-order",
        "A pre callback returns its own parameters in another order than it takes them.",
        "The values come back in the order of the parameters, so this swaps them. That is "
        "seldom meant.",
        _trainer(
            """    def pre_step_callback(self, batch: int, scale: int) -> tuple[int, int]:
        return scale, batch
"""
        ),
        _trainer(
            """    def pre_step_callback(self, batch: int, scale: int) -> tuple[int, int]:
        return batch, scale
"""
        ),
        Severity.WARNING,
    ),
    Code(
        "AC411",
        "async-callback",
        "An `async def` callback is attached to an event that is not awaited.",
        "A plain method cannot await it, so it would never run.",
        _trainer(
            """    async def post_step_callback(self) -> None:
        print("after the step")
"""
        ),
        _trainer(
            """    def post_step_callback(self) -> None:
        print("after the step")
"""
        ),
    ),
    Code(
        "AC412",
        "names-variadic",
        "A pre callback names `*args` or `**kwargs` of the method.",
        "They hold no single value that could be taken and given back.",
        _trainer(
            """    def pre_loss_callback(self, batches: int) -> int:
        return batches
"""
        ),
        _trainer(
            """    def pre_loss_callback(self) -> None:
        print("before the loss")
"""
        ),
    ),
    Code(
        "AC413",
        "unannotated",
        "A callback has no annotations.",
        "The type checker cannot tell whether it fits the method.",
        _trainer(
            """    def post_loss_callback(self, value):
        return value
"""
        ),
        _POST_LOSS,
        Severity.NOTE,
    ),
    Code(
        "AC414",
        "undecided-signature",
        "The signature of a callback cannot be determined statically.",
        "How to call it has to be known before the program runs. A small function that calls "
        "it states the signature. A decorator that keeps the signature, and cannot be read, is "
        'named in the configuration: `signature-preserving = ["my_project.decorators.timed"]`.',
        """
import functools

from arctic_codegen import CallbackMixin


@functools.singledispatch
def report(self: object) -> None:
    print("after the step")


class Trainer(CallbackMixin):
    callbacks = [("post-step", report)]

    def step(self) -> None:
        print("step")
""",
        """
import functools

from arctic_codegen import CallbackMixin


@functools.singledispatch
def report(self: object) -> None:
    print("after the step")


class Trainer(CallbackMixin):
    callbacks = [("post-step", lambda self: report(self))]

    def step(self) -> None:
        print("step")
""",
    ),
    Code(
        "AC415",
        "generator-callback",
        "A callback is a generator function.",
        "Calling it makes an iterator that nobody consumes, so its body would never run. A "
        "generator may stand where it takes an iterator and its result takes that one's place.",
        _trainer(
            """    def post_step_callback(self) -> Iterator[None]:
        print("after the step")
        yield
""",
            "from collections.abc import Iterator\n\n",
        ),
        _trainer(
            """    def post_step_callback(self) -> None:
        print("after the step")
"""
        ),
    ),
    Code(
        "AC420",
        "unused-mixin",
        "A class has callbacks on events that it lacks, and nothing is derived from it.",
        "Such a class gives its callbacks to classes that have the events. No compiled class is "
        "made of it, and here none is made of a class below it either.",
        """from arctic_codegen import CallbackMixin


class Clipping(CallbackMixin):
    def post_backward_callback(self) -> None:
        print("clip the gradients")


class Trainer(CallbackMixin):
    def backward(self) -> None:
        print("backward")
""",
        """from arctic_codegen import CallbackMixin


class Clipping(CallbackMixin):
    def post_backward_callback(self) -> None:
        print("clip the gradients")


class Trainer(Clipping):
    def backward(self) -> None:
        print("backward")
""",
        Severity.WARNING,
    ),
)

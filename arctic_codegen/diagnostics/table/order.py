"""3xx: inheritance and order."""

from __future__ import annotations

from arctic_codegen.diagnostics.records import Severity
from arctic_codegen.diagnostics.table.entry import Code

_HEAD = "from arctic_codegen import CallbackMixin\n\n\n"

_PARENT = """class Trainer(CallbackMixin):
    def step(self) -> None:
        print("step")

    def loss(self) -> float:
        return 0.0

    def post_loss_callback(self, value: float) -> float:
        return value
"""

_ARCTIC = """from arctic_training import SFTTrainer


class Parent(SFTTrainer):
    name = "parent"

    def post_epoch_callback(self) -> None:
        print("parent")


class Child(Parent):
    name = "child"

    def post_epoch_callback(self) -> None:
        print("child")

# file: pyproject.toml
[tool.arctic-codegen]
sources = ["trainers.py"]
"""

_TESTED = """class Engine(CallbackMixin):
    def save(self) -> None:
        print("save")


class FastEngine(Engine):
    pass


class Trainer(CallbackMixin):
    engine_class = Engine

    def uses(self, engine: object) -> bool:
        return isinstance(engine, CLASS)
"""

ORDER = (
    Code(
        "AC301",
        "unordered-bases",
        "The bases of a class cannot be put in one order.",
        "Python's C3 rule finds no method resolution order, so the class statement raises a "
        "TypeError.",
        _HEAD + _PARENT + "\n\nclass Other(Trainer):\n    pass\n\n\n"
        "class Both(Trainer, Other):\n    pass\n",
        _HEAD + _PARENT + "\n\nclass Other(Trainer):\n    pass\n\n\n"
        "class Both(Other, Trainer):\n    pass\n",
    ),
    Code(
        "AC302",
        "cyclic-inheritance",
        "A class is among its own ancestors.",
        "Python cannot build such a class: one of the modules fails to import.",
        """
import other
from arctic_codegen import CallbackMixin


class Trainer(other.Other, CallbackMixin):
    pass

# file: other.py
import trainers


class Other(trainers.Trainer):
    pass
""",
        """
import other
from arctic_codegen import CallbackMixin


class Trainer(other.Other, CallbackMixin):
    pass

# file: other.py
class Other:
    pass
""",
    ),
    Code(
        "AC303",
        "compiled-base",
        "A compiled class is used as a base in the sources.",
        "Its methods have the calls written into them already: the subclass's own compiled "
        "methods would run them again.",
        _HEAD
        + _PARENT
        + """
# file: custom.py
from generated.trainers import Trainer


class CustomTrainer(Trainer):
    pass
""",
        _HEAD
        + _PARENT
        + """
# file: custom.py
from trainers import Trainer


class CustomTrainer(Trainer):
    pass
""",
    ),
    Code(
        "AC304",
        "super-of-other-event",
        "A call or an entry reaches the plain method of an event that has callbacks.",
        "`super().loss()` in another method, `Trainer.loss(self)` and the entry "
        "`('post-epoch', Trainer.loss)` reach the plain method, so no callback of `loss` runs. "
        "`self.loss()` fires the event. On ArcticTraining, whose runtime fires there, this is an "
        "error.",
        _HEAD
        + _PARENT
        + """

class Child(Trainer):
    def step(self) -> None:
        print(super().loss())
""",
        _HEAD
        + _PARENT
        + """

class Child(Trainer):
    def step(self) -> None:
        print(self.loss())
""",
        Severity.WARNING,
        varies=True,
    ),
    Code(
        "AC305",
        "semantics-not-chosen",
        "A class on ArcticTraining has other callbacks, or another order, under its runtime "
        "than its documentation says.",
        "Nobody's training may change unseen. Choose `documented` (callbacks are inherited, "
        "parents first) or `runtime` (as version 0.8 runs them), for the project or the class.",
        _ARCTIC,
        _ARCTIC + 'semantics = "documented"\n',
    ),
    Code(
        "AC306",
        "semantics-differ",
        "The chosen semantics give a class on ArcticTraining other callbacks than the other "
        "ones would.",
        "This is what was chosen, and no mistake: it fails no run, `--strict` or not. "
        "`arctic-codegen explain CLASS --compare` shows both orders side by side.",
        _ARCTIC + 'semantics = "runtime"\n',
        _ARCTIC.replace('print("child")', "super().post_epoch_callback()")
        + 'semantics = "documented"\n',
        Severity.NOTE,
    ),
    Code(
        "AC307",
        "final",
        "A callback would have to override what is marked `@final`.",
        "Not reported at present: an event on such a method is AC202.",
        "",
        "",
        runnable=False,
    ),
    Code(
        "AC308",
        "test-of-replaced-class",
        "A method tests against a class attribute in which a compiled class has another class.",
        "A class attribute that names a class with callbacks names the compiled one in a compiled "
        "class. What derives from the source, such as another compiled class or an exception that "
        "the source raises, does not derive from that one, so `isinstance` and `except` miss it.",
        _HEAD + _TESTED.replace("CLASS", "self.engine_class"),
        _HEAD + _TESTED.replace("CLASS", "Engine"),
        Severity.WARNING,
    ),
    Code(
        "AC309",
        "event-rebound",
        "A statement binds the method of an event to a function with other parameters.",
        "The compiled method takes what the method in the class body takes, so callers could not "
        "give what the function needs.",
        _HEAD
        + _PARENT
        + """

def half(self: Trainer, scale: float) -> float:
    return scale / 2


Trainer.loss = half
""",
        _HEAD
        + _PARENT
        + """

def half(self: Trainer) -> float:
    return 0.5


Trainer.loss = half
""",
    ),
)

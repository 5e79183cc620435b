"""2xx: declarations of callbacks and events."""

from __future__ import annotations

from arctic_codegen.diagnostics.records import Severity
from arctic_codegen.diagnostics.table.entry import Code

_HEAD = "from arctic_codegen import CallbackMixin\n\n\n"

_REPORT = """def report(self: "Trainer") -> None:
    print("after the step")


"""

_STEP = """
    def step(self) -> None:
        print("step")
"""


def _trainer(callbacks: str, before: str = "", after: str = "") -> str:
    """A module with one class, which has one event and this list."""
    return (
        f"{_HEAD}{before}class Trainer(CallbackMixin):\n    callbacks = {callbacks}\n{_STEP}{after}"
    )


_RIGHT = _trainer('[("post-step", report)]', _REPORT)

DECLARATIONS = (
    Code(
        "AC201",
        "unknown-event",
        "An event names no method of the class.",
        "The callback would never run. The closest events of the class are named in the "
        "message. `-` and `_` mean the same, and `init` is `__init__`.",
        _trainer('[("post-stpe", report)]', _REPORT),
        _RIGHT,
    ),
    Code(
        "AC202",
        "not-an-event",
        "An event names something of the class that callbacks cannot surround.",
        "Properties, static and class methods, nested functions, dunder methods other than "
        "`__init__`, callback methods, and what is marked `@final` are no events. Nor is a method "
        "behind a decorator whose effect on the signature cannot be read: if it keeps the "
        "signature, add it to `signature-preserving` in the configuration.",
        _HEAD
        + """class Trainer(CallbackMixin):
    @property
    def loss(self) -> float:
        return 0.0

    def post_loss_callback(self, value: float) -> float:
        return value
""",
        _HEAD
        + """class Trainer(CallbackMixin):
    def loss(self) -> float:
        return 0.0

    def post_loss_callback(self, value: float) -> float:
        return value
""",
    ),
    Code(
        "AC203",
        "malformed-event",
        "An event string is not of the form `pre-EVENT` or `post-EVENT`.",
        "The phase comes first: it says whether the callback runs before or after the method.",
        _trainer('[("step-post", report)]', _REPORT),
        _RIGHT,
    ),
    Code(
        "AC204",
        "malformed-entry",
        "An entry of `callbacks` is not a pair of an event and a callable.",
        "What to call, and when, has to be stated together: `(event, callable)`.",
        _trainer('[("post-step",)]'),
        _RIGHT,
    ),
    Code(
        "AC205",
        "undecided-callbacks",
        "A value of `callbacks` cannot be determined statically.",
        "Callbacks are compiled before the program runs, so the list has to be there to read: "
        "displays, `+`, `*other`, names bound to such values, `Base.callbacks`.",
        _HEAD
        + """def load_callbacks():
    import json

    return json.load(open("callbacks.json"))


class Trainer(CallbackMixin):
    callbacks = load_callbacks()
"""
        + _STEP,
        _RIGHT,
    ),
    Code(
        "AC206",
        "undecided-event",
        "The event of an entry is not a string constant.",
        "Which method to surround has to be known before the program runs.",
        "import os\n\n" + _trainer('[(os.environ["EVENT"], report)]', _REPORT),
        "PHASE = 'post'\n\n" + _trainer('[(f"{PHASE}-step", report)]', _REPORT),
    ),
    Code(
        "AC207",
        "undecided-callable",
        "Which function an entry calls cannot be determined statically.",
        "Its signature has to be known, so that the call can be written out and checked.",
        "import os\n\n"
        + _trainer(
            '[("post-step", report if os.environ.get("LOUD") else silent)]',
            _REPORT + 'def silent(self: "Trainer") -> None:\n    pass\n\n\n',
        ),
        _RIGHT,
    ),
    Code(
        "AC208",
        "undecided-entry",
        "An element of `callbacks` cannot be determined statically.",
        "Write the pair itself, or a name that is bound to one.",
        _HEAD
        + """def make_entry(event):
    import json

    return event, json.loads("null")


class Trainer(CallbackMixin):
    callbacks = [make_entry("post-step")]
"""
        + _STEP,
        _RIGHT,
    ),
    Code(
        "AC209",
        "callback-method-kind",
        "A static method, class method or property has the name of a callback method.",
        "A callback takes the object first. These do not, so the name must be a mistake.",
        _HEAD
        + f"""class Trainer(CallbackMixin):{_STEP}
    @staticmethod
    def post_step_callback() -> None:
        print("after the step")
""",
        _HEAD
        + f"""class Trainer(CallbackMixin):{_STEP}
    def post_step_callback(self) -> None:
        print("after the step")
""",
    ),
    Code(
        "AC210",
        "change-elsewhere",
        "Callbacks are changed in a function, a loop or a `try`.",
        "Whether and when such a statement runs cannot be determined statically. At module level, "
        'or under `if __name__ == "__main__":`, it counts.',
        _trainer("[]", _REPORT)
        + """

def set_up() -> None:
    Trainer.callbacks.append(("post-step", report))
""",
        _trainer("[]", _REPORT)
        + """

Trainer.callbacks.append(("post-step", report))
""",
    ),
    Code(
        "AC211",
        "far-change",
        "Callbacks of a class are changed in another module than its own.",
        "The change reaches every subclass, and every program that uses the class, whether or "
        "not it imports that module. A subclass says the same where a reader looks for it.",
        _trainer("[]")
        + """
# file: extra.py
from trainers import Trainer


def report(self: Trainer) -> None:
    print("after the step")


Trainer.callbacks.append(("post-step", report))
""",
        _trainer("[]")
        + """
# file: extra.py
from trainers import Trainer


def report(self: Trainer) -> None:
    print("after the step")


class ReportingTrainer(Trainer):
    callbacks = [("post-step", report)]
""",
        Severity.WARNING,
    ),
    Code(
        "AC212",
        "object-changed-in-two-modules",
        "Callbacks of objects of one class are changed in two modules.",
        "Such a statement changes the class's own list, so each of the two programs would "
        "run the other's callback as well. Write a subclass for each.",
        _trainer("[]")
        + """
# file: train_a.py
from trainers import Trainer


def report_a(self: Trainer) -> None:
    print("a")


trainer = Trainer()
trainer.callbacks.append(("post-step", report_a))
# file: train_b.py
from trainers import Trainer


def report_b(self: Trainer) -> None:
    print("b")


trainer = Trainer()
trainer.callbacks.append(("post-step", report_b))
""",
        _trainer("[]")
        + """
# file: train_a.py
from trainers import Trainer


def report_a(self: Trainer) -> None:
    print("a")


class TrainerA(Trainer):
    callbacks = [("post-step", report_a)]
# file: train_b.py
from trainers import Trainer


def report_b(self: Trainer) -> None:
    print("b")


class TrainerB(Trainer):
    callbacks = [("post-step", report_b)]
""",
    ),
    Code(
        "AC213",
        "undecided-change",
        "Callbacks are changed in a way that cannot be compiled.",
        "Entries may be added (`append`, `extend`, `insert`, `+=`) and the list may be "
        "assigned. Removing, sorting and slices would need the list at run time. So would "
        "objects without names of their own that two modules add to one list of "
        "ArcticTraining, where nothing notes which module has added which.",
        _trainer('[("post-step", report)]', _REPORT) + "\n\nTrainer.callbacks.clear()\n",
        _trainer('[("post-step", report)]', _REPORT) + "\n\nTrainer.callbacks = []\n",
    ),
    Code(
        "AC214",
        "local-class",
        "A class with callbacks is defined inside a function.",
        "It cannot be imported, so no compiled class can be derived from it. "
        "`arctic_codegen.testing.compiled` compiles such a class in memory.",
        _HEAD
        + """def make():
    class Trainer(CallbackMixin):
        def step(self) -> None:
            print("step")

        def post_step_callback(self) -> None:
            print("after the step")

    return Trainer
""",
        _HEAD
        + f"""class Trainer(CallbackMixin):{_STEP}
    def post_step_callback(self) -> None:
        print("after the step")
""",
        Severity.WARNING,
    ),
    Code(
        "AC215",
        "not-callable",
        "An entry gives a value that cannot be called.",
        "The second half of an entry is called with the object when the event fires.",
        _trainer('[("post-step", "report")]', _REPORT),
        _RIGHT,
    ),
    Code(
        "AC216",
        "duplicate-name",
        "Two classes of one kind state the same registered name.",
        "`get_trainer(name)` can give only one of them. A subclass that states no `name` is "
        "not registered.",
        _HEAD
        + f"""class Trainer(CallbackMixin):{_STEP}

class Small(Trainer):
    name = "default"


class Large(Trainer):
    name = "default"
""",
        _HEAD
        + f"""class Trainer(CallbackMixin):{_STEP}

class Small(Trainer):
    name = "small"


class Large(Trainer):
    name = "large"
""",
    ),
    Code(
        "AC217",
        "near-miss",
        "A method or attribute looks like a declaration of callbacks, and is none.",
        "Callback methods are known by their names, such as `post_step_callback`, and entries "
        "by the attribute `callbacks`. Under another name they are never called, and nothing "
        "else says so.",
        _HEAD
        + f"""class Trainer(CallbackMixin):{_STEP}
    def after_step_callback(self) -> None:
        print("after the step")
""",
        _HEAD
        + f"""class Trainer(CallbackMixin):{_STEP}
    def post_step_callback(self) -> None:
        print("after the step")
""",
        Severity.WARNING,
    ),
    Code(
        "AC218",
        "declared-twice",
        "One class declares the same callback twice on one event.",
        "It runs twice at each call. An entry for a callback method is one too many, since the "
        "method is called by its name already.",
        _trainer('[("post-step", report), ("post-step", report)]', _REPORT),
        _trainer('[("post-step", report)]', _REPORT),
        Severity.WARNING,
    ),
    Code(
        "AC219",
        "entry-without-effect",
        "An entry repeats one that the class inherits, so it has no effect.",
        "The entries of parent classes run in their subclasses as well, each once. An entry with "
        "the same event and the same function in a subclass is not run again.",
        _trainer('[("post-step", report)]', _REPORT)
        + """

class Loud(Trainer):
    callbacks = [("post-step", report)]
""",
        _trainer('[("post-step", report)]', _REPORT)
        + """

class Loud(Trainer):  # it inherits the entry
    pass
""",
        Severity.WARNING,
    ),
    Code(
        "AC220",
        "change-in-method",
        "A method assigns or changes `self.callbacks` or `cls.callbacks`.",
        "`callbacks` of a class with a callback mixin is the list that is compiled, the same for "
        "all objects. A change of it when the program runs would have no effect, so it is refused. "
        "Where a base class of a library has an attribute of that name, it is the library's.",
        _trainer("[]", _REPORT)
        + """
    def __init__(self, callbacks: list[object]) -> None:
        self.callbacks = callbacks
""",
        _trainer("[]", _REPORT)
        + """
    def __init__(self, listeners: list[object]) -> None:
        self.listeners = listeners
""",
    ),
)

"""Faults of ArcticTraining's runtime when it collects callbacks (R45).

Each case has the result under that runtime, and the result of compiled classes.
"""

from __future__ import annotations

from tests.parity.callbacks.cases import Case

PAGE_EXAMPLE = Case(
    "page_example",
    """
def said(value: int, what: str) -> int:
    say(what)
    return value

class TrainerA(Block):
    def post_one_callback(self, value: int) -> int:
        say("Trainer A post epoch callback")
        return value

class TrainerB(TrainerA):
    callbacks = [("post-one", lambda self, value: said(value, "Trainer B post epoch callback 1"))]
    def post_one_callback(self, value: int) -> int:
        say("Trainer B post epoch callback 2")
        return value
""",
    ("TrainerB().one(1)",),
    (
        "one 1",
        "Trainer A post epoch callback",
        "Trainer B post epoch callback 1",
        "Trainer B post epoch callback 2",
        "= 10",
    ),
    *(("one 1", "Trainer B post epoch callback 1", "Trainer B post epoch callback 2", "= 10"),) * 2,
)
"""R15 and R17: two of the three lines of the page's own example."""

APPEND_TO_CLASS = Case(
    "append_to_class",
    """
class Later(Block):
    callbacks = [("pre-one", lambda self: say("own"))]

Later.callbacks.append(("pre-one", lambda self: say("appended")))
""",
    ("Later().one(1)",),
    ("own", "appended", "one 1", "= 10"),
    *(("own", "one 1", "= 10"),) * 2,
)
"""R12: a list was copied when its class was created."""

APPEND_TO_OBJECT = Case(
    "append_to_object",
    """
def hello(self) -> None:
    say("hello")

class Page(Block):
    callbacks = [("post-silent", lambda self: say("own"))]

trainer = Page()
trainer.callbacks.append(("pre-one", hello))
""",
    ("Page().one(1)",),
    ("hello", "one 1", "= 10"),
    *(("one 1", "= 10"),) * 2,
)
"""R12: the page's ``trainer.callbacks.append(init_cb)``."""

SECOND_BASE = Case(
    "second_base",
    """
class Left(Block):
    callbacks = [("pre-one", lambda self: say("left"))]

class Right(Block):
    callbacks = [("pre-one", lambda self: say("right"))]

class Both(Left, Right):
    pass
""",
    ("Both().one(1)",),
    ("right", "left", "one 1", "= 10"),
    *(("left", "one 1", "= 10"),) * 2,
)
"""R15: the list of a second base is lost in a diamond."""

UNDERSCORE = Case(
    "underscore",
    """
class Dashed(Block):
    callbacks = [("pre-make-it", lambda self: say("dashed"))]

class Method(Block):
    def pre_make_it_callback(self) -> None:
        say("method")
""",
    ("Dashed().make_it(1)", "Method().make_it(1)"),
    ("dashed", "make it 1", "= 1", "method", "make it 1", "= 1"),
    uncompiled=("! ValueError", "! ValueError"),
)
"""R5: an event spelled with an underscore, such as ``create_dataloader``, is unreachable."""

DASHED_METHOD = Case(
    "dashed_method",
    """
class Spaced(Block):
    @callback_wrapper("two-words")
    def two_words(self) -> None:
        say("two words")

class Underscored(Spaced):
    callbacks = [("pre-two_words", lambda self: say("pre"))]
""",
    ("Underscored().two_words()",),
    ("pre", "two words", "= None"),
    uncompiled=("! ValueError",),
)
"""R5, the other way round."""

PARTIAL = Case(
    "partial_objects",
    """
import functools

def scaled(factor: int, self, a: int) -> int:
    return a * factor

class EveryN:
    def __init__(self, n: int) -> None:
        self.n = n

    def __call__(self, block: Block, value: int) -> int:
        return value + self.n

class Child(Block):
    callbacks = [("pre-one", functools.partial(scaled, 5))]

class Other(Block):
    callbacks = [("post-one", EveryN(3))]
""",
    ("Child().one(1)", "Other().one(1)"),
    ("one 5", "= 50", "one 1", "= 13"),
    uncompiled=("! AttributeError", "! AttributeError"),
)
"""R10: neither has a ``__name__``."""

PREFIX = Case(
    "prefix_match",
    """
class Child(Block):
    def pre_one_callback_helper(self) -> None:
        say("helper")

    def pre_two_callback(self, a: int) -> int:
        return a + 1

    def post_two_callbacks(self, value: int) -> int:
        return value + 100
""",
    ("Child().one(1)", "Child().two(1)"),
    ("one 1", "= 10", "two 2 3", "= 6"),
    uncompiled=("helper", "one 1", "= 10", "two 2 3", "= 106"),
    warned=("AC217",),
)
"""R11: a helper whose name starts like that of a callback method is one at run time."""

PRE_IN_EVENT = Case(
    "pre_in_event",
    """
class Prepared(Block):
    @callback_wrapper("prepare")
    def prepare(self, a: int) -> int:
        return a + 1

class Child(Prepared):
    callbacks = [("post-prepare", lambda self, value: value * 10)]

class Names(Prepared):
    callbacks = [("post-prepare", lambda self, a: a * 10)]
""",
    ("Child().prepare(1)", "Names().prepare(1)"),
    ("= 20", "= 20"),
    uncompiled=("! ValueError", "! TypeError"),
)
"""R5: "post-prepare" is treated as a ``pre`` callback, because it contains "pre"."""

INSTANTIATED_BEFORE = Case(
    "instantiated_before",
    """
class Parent(Block):
    def pre_one_callback(self) -> None:
        say("parent")

made = Parent().size

class Child(Parent):
    def pre_one_callback(self) -> None:
        say("child")
""",
    ("Child().one(1)",),
    ("parent", "child", "one 1", "= 10"),
    uncompiled=("parent", "child", "one 1", "= 10"),
    runtime=("child", "one 1", "= 10"),
)
"""Objects created before a class statement matter; in a fresh process only the child's runs."""

LISTED_METHOD = Case(
    "listed_method",
    """
class Parent(Block):
    def pre_one_callback(self) -> None:
        say("parent")

class Child(Parent):
    callbacks = [
        ("pre-one", Parent.pre_one_callback),
        ("pre-two", lambda self: say("two")),
        ("pre-two", lambda self, b: b + 1),
    ]
""",
    ("Child().one(1)", "Child().two(1)"),
    ("parent", "parent", "one 1", "= 10", "two", "two 1 4", "= 4"),
    uncompiled=("parent", "one 1", "= 10", "two", "two 1 4", "= 4"),
    runtime=("parent", "one 1", "= 10", "two", "two 1 4", "= 4"),
)
"""A callback method that is also an entry is not appended a second time."""

DECLARING_FAULTS = (
    PAGE_EXAMPLE,
    APPEND_TO_CLASS,
    APPEND_TO_OBJECT,
    SECOND_BASE,
    UNDERSCORE,
    DASHED_METHOD,
    PARTIAL,
    PREFIX,
    PRE_IN_EVENT,
    INSTANTIATED_BEFORE,
    LISTED_METHOD,
)

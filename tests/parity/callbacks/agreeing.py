"""Cases in which ArcticTraining's runtime matches its documentation, and compiled classes too."""

from __future__ import annotations

from tests.parity.callbacks.cases import Case

CALLBACKS = """
def pre_nothing(self) -> None:
    self.size = self.size + 100

def pre_one(self, a: int) -> int:
    return a + 1

def pre_two(self, a: int, b: int) -> tuple[int, int]:
    return a + 1, b + 2

def pre_silent(self, a: int) -> int:
    return a * 2

def post_value(self, value: int) -> int:
    return value + 1000

def post_silent(self) -> None:
    self.size = self.size * 3

class Child(Block):
    size = 7
    callbacks = [
        ("pre-nothing", pre_nothing), ("post-nothing", post_value),
        ("pre-one", pre_one), ("post-one", post_value),
        ("pre-two", pre_two), ("post-two", post_value),
        ("pre-silent", pre_silent), ("post-silent", post_silent),
        ("pre-halves", pre_one), ("post-halves", post_value),
    ]

class Grandchild(Child):
    size = 11
    def one(self, a: int) -> int:
        return a * 100
"""

GUARDS = """
import copy

from arctic_codegen import every, optional, rank_zero

def note(self, value: int) -> int:
    say("note", value)
    return value + 1000

def looks(self, a: int, b: int) -> tuple[int, int]:
    say("looks", a, b)
    return a, b

def doubled(self, b: int, a: int) -> tuple[int, int]:
    return b * 2, a * 2

def fails(self, a: int) -> int:
    a = a + 1
    raise ValueError(a)

def tagged(self) -> None:
    say("tagged")

class Adder:
    def __init__(self, number: int) -> None:
        self.number = number

    def __call__(self, block, value: int) -> int:
        return value + self.number

    def act(adder, self, a: int) -> int:
        say("act", a)
        return a + adder.number

ADDER = Adder(5)
seldom = every(3, ADDER)

class Guarded(Block):
    callbacks = [
        ("post-one", every(2, note)),
        ("post-one", rank_zero(lambda self, value: say("lambda", value) or value)),
        ("post-one", optional(every(2, lambda self, value: value // 0))),
        ("post-one", seldom),
        ("pre-one", optional(fails)),
        ("pre-one", every(2, ADDER.act)),
        ("pre-two", rank_zero(looks)),
        ("pre-two", every(2, doubled)),
        ("pre-nothing", every(2, rank_zero(tagged))),
        ("pre-init", rank_zero(lambda self: say("before init"))),
        ("post-init", every(1, lambda self: say("after init"))),
    ]

    @every(2)
    @optional
    def post_nothing_callback(self, value: int) -> int:
        say("every second", value)
        return value + 1

class Inheriting(Guarded):
    callbacks = [("post-one", every(3, note))]

    @rank_zero
    def pre_silent_callback(self, a: int) -> int:
        say("silently", a)
        return a

    def post_nothing_callback(self, value: int) -> int:
        return super().post_nothing_callback(value) + 10000

def several(made):
    found = [made.one(1), made.one(2), made.one(3), made.two(1), made.two(1, 4), made.silent(2)]
    return [*found, made.nothing(), made.nothing(), copy.copy(made).one(4), made.one(5)]
"""

CONDITIONS = """
from arctic_codegen import every, unless, when

def is_big(self) -> bool:
    return self.size > 6

class Asking(Block):
    callbacks = [
        ("pre-one", when("size", lambda self, a: a + 1)),
        ("post-one", when(is_big, lambda self, value: value + 1000)),
        ("post-one", unless(lambda self: self.size > 6, lambda self, value: -value)),
        ("post-silent", every(10, lambda self: say("passed", self.size), by="size")),
        ("post-one", every(2, when(is_big, lambda self, value: say("second", value) or value))),
    ]

    @when(lambda self: self.size > 20)
    def pre_silent_callback(self, a: int) -> int:
        return a + 1

def asked(made):
    found = []
    for number in (1, 3, 8, 30, 1):
        made.silent(number)
        found.append(made.one(number))
    made.size = 0
    return [*found, made.one(1), made.silent(12), made.silent(1)]
"""

AGREEING = (
    Case(
        "conditions",
        CONDITIONS,
        ("asked(Asking())",),
        (
            *("silent 1", "one 2", "silent 3", "one 4", "second 1040", "silent 8", "passed 17"),
            *("one 9", "silent 30", "passed 47", "one 31", "second 1310", "silent 2", "one 2"),
            *("one 1", "silent 12", "passed 12", "silent 1"),
            "= [-20, 1040, 1090, 1310, 1020, -10, None, None]",
        ),
    ),
    Case(
        "guards",
        GUARDS,
        ("several(Guarded())", "several(Inheriting())"),
        (
            *("before init", "after init", "one 1", "lambda 10", "act 2", "one 7", "note 70"),
            *("lambda 1070", "one 3", "lambda 30", "looks 1 3", "two 1 3", "looks 1 4", "two 2 8"),
            *("silent 2", "nothing", "tagged", "nothing", "every second 7", "act 4", "one 9"),
            *("note 90", "lambda 1090", "act 5", "one 10", "note 100", "lambda 1100"),
            "= [10, 1070, 35, 3, 16, None, 7, 8, 1090, 1100]",
            *("before init", "after init", "one 1", "lambda 10", "act 2", "one 7", "note 70"),
            *("lambda 1070", "one 3", "lambda 30", "note 35", "looks 1 3", "two 1 3", "looks 1 4"),
            *("two 2 8", "silently 2", "silent 2", "nothing", "tagged", "nothing"),
            *("every second 7", "act 4", "one 9", "note 90", "lambda 1090", "act 5", "one 10"),
            *("note 100", "lambda 1100"),
            "= [10, 1070, 1035, 3, 16, None, 10007, 10008, 1090, 1100]",
        ),
    ),
    Case(
        "shapes",
        CALLBACKS,
        tuple(
            call
            for cls in ("Child", "Grandchild")
            for call in (
                f"{cls}().nothing()",
                f"{cls}().one(2)",
                f"{cls}().two(2, 4)",
                f"{cls}().two(2)",
                f"{cls}().two(b=2, a=1)",
                f"[o := {cls}(), o.silent(3), o.size][2]",
                f"{cls}().split_halves(9)",
            )
        ),
        (
            *("nothing", "= 1107", "one 3", "= 1030", "two 3 6", "= 1018", "two 3 5", "= 1015"),
            *("two 2 4", "= 1008", "silent 6", "= 39", "halves 10", "= 1005"),
            *("nothing", "= 1111", "= 1300", "two 3 6", "= 1018", "two 3 5", "= 1015"),
            *("two 2 4", "= 1008", "silent 6", "= 51", "halves 10", "= 1005"),
        ),
    ),
    Case(
        "abstract_methods",
        """
from abc import abstractmethod

class Open(Block):
    @abstractmethod
    @callback_wrapper("inner")
    def inner(self, a: int) -> int: ...

    @callback_wrapper("other")
    @abstractmethod
    def other(self, a: int) -> int: ...

class Squared(Open):
    callbacks = [("pre-inner", lambda self, a: a + 1), ("post-other", lambda self, value: -value)]
    def inner(self, a: int) -> int:
        return a ** 2
    def other(self, a: int) -> int:
        return a + 5

class Cubed(Squared):
    def inner(self, a: int) -> int:
        return a ** 3
""",
        ("Squared().inner(1)", "Squared().other(1)", "Cubed().inner(1)", "Cubed().other(1)"),
        ("= 4", "= -6", "= 8", "= -6"),
    ),
    Case(
        "callback_methods",
        """
class Methods(Block):
    def pre_one_callback(self, a: int) -> int:
        say("pre", a)
        return a + 1
    def post_one_callback(self, value: int) -> int:
        say("post", value)
        return value + 1
    def pre_halves_callback(self) -> None:
        say("pre halves")

class Inherits(Methods):
    pass
""",
        ("Methods().one(1)", "Inherits().one(1)", "Inherits().split_halves(4)"),
        (
            *("pre 1", "one 2", "post 20", "= 21", "pre 1", "one 2", "post 20", "= 21"),
            *("pre halves", "halves 4", "= 2"),
        ),
    ),
    Case(
        "order",
        """
def first(self) -> None:
    say("first")

def second(self) -> None:
    say("second")

class Parent(Block):
    callbacks = [("pre-one", second), ("pre-one", first), ("pre-one", second)]
    def pre_one_callback(self) -> None:
        say("method")

class Child(Parent):
    callbacks = [("pre-one", first), ("pre-one", lambda self: say("third"))]

class Empty(Parent):
    callbacks = []
""",
        ("Parent().one(1)", "Empty().one(1)", "Child().one(1)"),
        (
            *("second", "first", "second", "method", "one 1", "= 10"),
            *("second", "first", "second", "method", "one 1", "= 10"),
            *("second", "first", "second", "method", "third", "one 1", "= 10"),
        ),
        # At run time the methods of all classes come after the entries of all classes.
        *(
            (
                *("second", "first", "second", "method", "one 1", "= 10"),
                *("second", "first", "second", "method", "one 1", "= 10"),
                *("second", "first", "second", "third", "method", "one 1", "= 10"),
            ),
        )
        * 2,
        warned=("AC218", "AC219"),
    ),
    Case(
        "nested_methods",
        """
class Parent(Block):
    def post_one_callback(self, value: int) -> int:
        say("parent", value)
        return value + 1

class Child(Parent):
    def post_one_callback(self, value: int) -> int:
        value = super().post_one_callback(value * 2)
        say("child", value)
        return value

class Dropped(Parent):
    post_one_callback = None
""",
        ("Child().one(1)", "Dropped().one(1)"),
        ("one 1", "parent 20", "child 21", "= 21", "one 1", "= 10"),
    ),
    Case(
        "one_event_in_another",
        """
class Both(Block):
    callbacks = [
        ("pre-outer", lambda self, a: a + 1), ("pre-one", lambda self, a: a * 2),
        ("post-one", lambda self, value: value + 3), ("post-outer", lambda self, value: value + 4),
    ]

class Countdown(Block):
    callbacks = [("pre-one", lambda self: say("pre")), ("post-one", lambda self, value: value + 1)]
    def one(self, a: int) -> int:
        return 0 if a == 0 else self.one(a - 1)
""",
        ("Both().outer(1)", "Countdown().one(2)"),
        ("outer 2", "one 4", "= 48", "pre", "pre", "pre", "= 3"),
    ),
    Case(
        "exceptions",
        """
def refuse(self, a: int) -> int:
    raise ArithmeticError(a)

def late(self, value: int) -> int:
    say("late")
    return value

class Before(Block):
    callbacks = [("pre-one", refuse), ("pre-one", lambda self: say("never")), ("post-one", late)]

class Inside(Block):
    callbacks = [("pre-fails", lambda self, a: a + 1), ("post-fails", late)]

class After(Block):
    callbacks = [("post-one", lambda self, value: value // 0), ("post-one", late)]
""",
        ("Before().one(1)", "Inside().fails(1)", "After().one(1)"),
        ("! ArithmeticError", "fails 2", "! KeyError", "one 1", "! ZeroDivisionError"),
    ),
    Case(
        "callables",
        """
import functools

class Shelf:
    @staticmethod
    def static(self, a: int) -> int:
        return a + 1

    def plain(self, a: int) -> int:
        return a + 2

    def bound(self, block: Block) -> None:
        say("bound", block.size)

def every(n: int):
    def hook(self, value: int) -> int:
        return value * n
    return hook

def doubled(fn):
    @functools.wraps(fn)
    def inner(*args):
        return fn(*args) * 2
    return inner

@doubled
def decorated(self, value: int) -> int:
    return value + 1

class Kinds(Block):
    callbacks = [
        ("pre-one", Shelf.static), ("pre-one", Shelf.plain), ("post-one", every(3)),
        ("post-one", decorated), ("post-one", lambda self, value: value + 7),
    ]
""",
        ("Kinds().one(1)",),
        ("one 4", "= 249"),
    ),
    Case(
        "init",
        """
class Plain(Block):
    callbacks = [
        ("pre-init", lambda self: say("pre", sorted(vars(self)))),
        ("post-init", lambda self: say("post", sorted(vars(self)))),
    ]
    def post_init_callback(self) -> None:
        say("method")
""",
        ("[Plain(), 1][1]", "[Plain(), Plain(), 2][2]"),
        # Without its own `__init__`: the mixin's.
        (*("pre []", "post []", "method", "= 1"), *("pre []", "post []", "method") * 2, "= 2"),
        # The mixin's `-> None` is recognized: its module has no postponed annotations.
    ),
    Case(
        "values_pass_through",
        """
import copy, pickle

class Kept(Block):
    callbacks = [("post-one", lambda self, value: None), ("pre-silent", lambda self, a: a)]
    def post_two_callback(self, value: int) -> int:
        return value
""",
        (
            "Kept().one(1)",
            "[Kept().one(1) is None, Kept().silent(1) is None]",
            "Kept().two(a=2)",
            "isinstance(Kept(), Block)",
            "[type(copy.copy(Kept())) is Kept, type(pickle.loads(pickle.dumps(Kept()))) is Kept]",
            "sorted(Kept._get_all_callback_event_methods())[:4]",
        ),
        (
            *("one 1", "= None", "one 1", "silent 1", "= [True, True]", "two 2 3", "= 6", "= True"),
            *("= [True, True]", "= ['post-fails', 'post-halves', 'post-init', 'post-make_it']"),
        ),
    ),
    Case(
        "defaults",
        """
class Defaults(Block):
    def two(self, a: int, b: int = 3, *, c: int = 4) -> int:
        return a * 100 + b * 10 + c

class With(Defaults):
    callbacks = [("pre-two", lambda self, b: b + 1), ("pre-two", lambda self, c, a: (c + 2, a + 1))]
""",
        ("With().two(1)", "With().two(1, 5)", "With().two(1, c=0, b=0)", "With().two()"),
        ("= 246", "= 266", "= 212", "! TypeError"),
    ),
    Case(
        "one_value",
        """
class Pair(Block):
    callbacks = [("pre-two", lambda self, a: a + 1), ("pre-two", lambda self: None)]

class Wide(Block):
    callbacks = [("pre-one", lambda self, a: (a, a))]
    def one(self, a: object) -> str:
        return str(a)
""",
        ("Pair().two(1)", "Wide().one(1)"),
        ("two 2 3", "= 6", "= '(1, 1)'"),
    ),
)

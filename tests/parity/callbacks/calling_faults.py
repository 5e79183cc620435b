"""Faults of ArcticTraining's runtime when it calls callbacks (R45).

Each case has the result under that runtime, and the result of compiled classes.
"""

from __future__ import annotations

from tests.parity.callbacks.cases import Case

FUTURE = Case(
    "future_annotations",
    """
class Quiet(Block):
    @callback_wrapper("hush")
    def hush(self, a: int) -> None:
        say("hush", a)

class Child(Quiet):
    callbacks = [("post-hush", lambda self: say("post"))]
""",
    ("[Child().hush(1), 1][1]",),
    ("hush 1", "post", "= 1"),
    uncompiled=("! ValueError",),
    future=True,
)
"""R23: ``-> None`` is a string there, so a callback without the value is rejected."""

QUOTED_NONE = Case(
    "quoted_none",
    """
class Quiet(Block):
    @callback_wrapper("hush")
    def hush(self) -> "None":
        say("hush")

class Child(Quiet):
    def post_hush_callback(self) -> None:
        say("post")
""",
    ("[Child().hush(), 1][1]",),
    ("hush", "post", "= 1"),
    uncompiled=("! ValueError",),
)

UNTOLD = Case(
    "untold_return",
    """
class Child(Block):
    callbacks = [("post-untold", lambda self: say("post"))]
""",
    ("Child().untold(1)",),
    ("untold 1", "post", "= 2"),
    uncompiled=("untold 1", "! TypeError"),
)
"""R23: without annotations, the callback's own parameters count, except at the first call."""

AT_FAILURE = Case(
    "at_failure",
    """
from arctic_codegen import always, on_error, optional, when

def report(self, error: BaseException) -> None:
    say("failed", type(error).__name__)

class Reporting(Block):
    callbacks = [
        ("post-fails", on_error(report)),
        ("post-silent", always(lambda self: say("end"))),
        ("post-fails", optional(always(when(lambda self: self.size > 4, lambda self: say("big"))))),
    ]
""",
    ("Reporting().fails(1)", "Reporting().silent(2)"),
    ("fails 1", "failed KeyError", "big", "! KeyError", "silent 2", "end", "= None"),
    uncompiled=("! UncompiledClassError", "! UncompiledClassError"),
)
"""R58: they need the compiler, and raise an error as soon as their signatures are inspected."""

SUPER_CALLS = Case(
    "super_calls",
    """
class Parent(Block):
    callbacks = [("pre-one", lambda self, a: a + 1), ("post-one", lambda self, value: value + 1)]

class Child(Parent):
    def one(self, a: int) -> int:
        return super().one(a) * 2

class Grandchild(Child):
    def one(self, a: int) -> int:
        return super().one(a) * 2
""",
    ("Parent().one(1)", "Child().one(1)", "Grandchild().one(1)"),
    ("one 2", "= 21", "one 2", "= 41", "one 2", "= 81"),
    uncompiled=("one 2", "= 21", "one 3", "= 63", "one 4", "= 167"),
)
"""R20: an event fires again in each ``super()``."""

LOOPED_SUPER = Case(
    "looped_super",
    """
class Parent(Block):
    callbacks = [("post-silent", lambda self: say("post"))]

class Child(Parent):
    def silent(self, a: int) -> None:
        for index in range(3):
            super().silent(index)
""",
    ("[o := Child(), o.silent(9), o.size][2]",),
    ("silent 0", "silent 1", "silent 2", "post", "= 8"),
    uncompiled=("silent 0", "post", "silent 1", "post", "silent 2", "post", "post", "= 8"),
)
"""R20, where one of ArcticTraining's own projects calls ``super().step`` in a loop."""

INIT_TWICE = Case(
    "init_twice",
    """
class Sized(CallbackMixin):
    callbacks = [("post-init", lambda self: say("post"))]
    def __init__(self, size: int = 1) -> None:
        say("Sized", size)
        super().__init__()
        self.size = size

class Named(Sized):
    def __init__(self, name: str, size: int) -> None:
        super().__init__(size)
        say("Named", name)
""",
    ("Sized(2).size", "Named('x', 3).size"),
    ("Sized 2", "post", "= 2", "Sized 3", "Named x", "post", "= 3"),
    uncompiled=(
        *("Sized 2", "post", "post", "= 2"),
        *("Sized 3", "post", "post", "Named x", "post", "= 3"),
    ),
)
"""R26: after the outermost ``__init__`` has returned. (At run time, a root class with its own list
hides the mixin's log entries.)"""

INIT_ARGUMENT = Case(
    "init_argument",
    """
class Sized(Block):
    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

class Doubled(Sized):
    callbacks = [("pre-init", lambda self, size: size * 2)]

class Told(Sized):
    callbacks = [("pre-init", lambda self: say("pre", sorted(vars(self))))]
""",
    ("Doubled(2).size", "Told(2).size"),
    ("= 4", "pre []", "= 2"),
    uncompiled=("! TypeError", "pre []", "! TypeError"),
)
"""R26: the mixin's ``__init__`` fires the event again, with parameters that it does not have: such
classes cannot be instantiated at all, since the mixin has a log entry on ``pre-init``."""

STARRED = Case(
    "starred",
    """
class Starred(Block):
    @callback_wrapper("stars")
    def stars(self, a: int, *args: int, **kwargs: int) -> str:
        return f"{a} {args} {kwargs}"

    @callback_wrapper("named")
    def named(self, a: int, *rest: int, **named: int) -> str:
        return f"{a} {rest} {named}"

    @callback_wrapper("only")
    def only(self, a: int, /, b: int) -> str:
        return f"{a} {b}"

class Child(Starred):
    callbacks = [
        ("pre-stars", lambda self, a: a + 1), ("pre-named", lambda self, a: a + 1),
        ("pre-only", lambda self, b: b + 1),
    ]
""",
    ("Child().stars(1, 2, 3, x=4)", "Child().named(1, 2, x=3)", "Child().only(1, 2)"),
    ("= \"2 (2, 3) {'x': 4}\"", "= \"2 (2,) {'x': 3}\"", "= '1 3'"),
    uncompiled=(
        "= '2 () {}'",
        "= \"2 () {'rest': (2,), 'named': {'x': 3}}\"",
        "! TypeError",
    ),
)
"""R22: the contents of ``*args`` and ``**kwargs`` are lost if there is a ``pre`` callback."""

OBJECT_NAMES = Case(
    "object_names",
    """
class Child(Block):
    callbacks = [("pre-one", lambda block, a: a + block.size)]

class This(Block):
    def one(this, a: int) -> int:
        return a + this.size

class Renamed(This):
    callbacks = [("pre-one", lambda this, a: a * 2)]
""",
    ("Child().one(1)", "Renamed().one(1)"),
    ("one 6", "= 60", "= 7"),
    uncompiled=("! ValueError", "! TypeError"),
)
"""R21: the object comes first, under any name."""

LOG_LINES = Case(
    "log_lines",
    """
class Costly:
    def __repr__(self) -> str:
        say("shown")
        return "Costly()"

class Child(Block):
    callbacks = [("pre-untold", lambda self: say("pre"))]
    def untold(self, a):
        say("untold")
        return 1
""",
    ("Child().untold(Costly())",),
    ("pre", "untold", "= 1"),
    uncompiled=("shown", "pre", "untold", "= 1"),
)
"""Each argument is formatted for a log line even if logging is off."""

AWAITED = Case(
    "awaited",
    """
import asyncio

class Async(Block):
    @callback_wrapper("fetch")
    async def fetch(self, a: int) -> int:
        return a + 1

class Child(Async):
    callbacks = [("post-fetch", lambda self, value: value * 10)]
""",
    ("asyncio.run(Child().fetch(1))",),
    ("= 20",),
    uncompiled=("! TypeError",),
)
"""R24: callbacks receive what the method returns, not the coroutine."""

CALLING_FAULTS = (
    AT_FAILURE,
    FUTURE,
    QUOTED_NONE,
    UNTOLD,
    SUPER_CALLS,
    LOOPED_SUPER,
    INIT_TWICE,
    INIT_ARGUMENT,
    STARRED,
    OBJECT_NAMES,
    LOG_LINES,
    AWAITED,
)

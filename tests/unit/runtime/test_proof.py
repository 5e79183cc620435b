"""The proof at import: every difference between the build and the actual classes (R48)."""

from __future__ import annotations

import sys
import types
import warnings

import pytest

from arctic_codegen import CallbackMixin, CallbacksDifferError
from tests.unit.runtime.proofs import changed, programs, read

CALLS = """
def scale(self, batch, by): return batch * by
def note(self): ...
class Keeper:
    def keep(self, trainer): ...
KEEPER = Keeper()
PAIRS = [("post-step", lambda self: None), ("post-step", lambda self: None)]
"""
MAIN = """
import functools
from arctic_codegen import CallbackMixin, every, optional, rank_zero
import proof_calls
from proof_calls import KEEPER, PAIRS, note

def run(name):
    return getattr(__import__("builtins"), name)
def log(self): ...
def crop(self, batch): return batch
def named(function):
    @functools.wraps(function)
    def around(*args, **kwargs):
        return function(*args, **kwargs)
    return around
@named
def decorated(self, batch): return batch
def make(n):
    def inner(self, batch): return batch
    return inner
class Recorder:
    def __init__(self, n): self.n = n
    def __call__(self, obj): ...
    def record(self, obj): ...
recorder = Recorder(1)

class Trainer(CallbackMixin):
    callbacks = [
        ("pre-step", crop),
        ("pre-fetch-all", make(1)),
        ("post-step", every(10, optional(log))),
        ("pre-step", lambda self: None),
        ("pre-step", lambda self: None),
        ("pre-step", functools.partial(proof_calls.scale, by=2)),
        ("post-step", Recorder(2)),
        ("post-step", recorder),
        ("post-step", recorder.record),
        ("pre-step", decorated),
        ("post-step", rank_zero(make(2))),
        PAIRS[1],
        ("post-step", KEEPER.keep),
    ]
    def step(self, batch): return batch
    def fetch_all(self, batch): ...
    def pre_step_callback(self, batch): return batch
    def pre_fetch_callback(self): ...
    async def fetch(self): ...
    async def post_fetch_callback(self): ...

class Plain:
    callbacks = [("post-step", note)]
    def post_step_callback(self): ...

class Child(Plain, Trainer):
    post_fetch_callback = None
    def pre_step_callback(self, batch): return batch

Child.callbacks.append(("post-step", lambda self: None))
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    with programs(tmp_path, monkeypatch) as made:
        yield made


def run(program, *pairs, more=""):
    """The differences if the program is built unchanged, and runs with these changes."""
    program.write("proof_calls", CALLS)
    program.write("proof_main", changed(MAIN, *pairs) + more)
    program.load("proof_main")
    return program.differences(read({"proof_calls": CALLS, "proof_main": MAIN}))


def test_R48_a_program_that_makes_what_was_read_is_proved(program):
    assert run(program) == []


def test_R5_events_that_mean_the_same_are_the_same(program):
    assert run(program, ("pre-fetch-all", "pre-fetch_all")) == []


def test_R48_lines_and_bodies_do_not_count(program):
    pairs = [("\ndef log", "\n\n\n\ndef log"), ("self, batch): return batch", "self, batch): 1")]
    assert run(program, *pairs) == []


TRAINER = "proof_main.Trainer"
CHILD = "proof_main.Child"

CHANGES = {
    "an entry more, through a loop": (
        [],
        "\nfor one in 'ab':\n    Trainer.callbacks.append(('post-fetch', log))\n",
        [
            f"{TRAINER}: its list has ('post-fetch', proof_main.log) <def log>, which the build did"
            " not read"
        ]
        * 1,
    ),
    "an entry of a place that is not read": (
        [("PAIRS[1],", "PAIRS[1], *[('post-step', note)] * run('len')('a'),")],
        "",
        [f"{TRAINER}: its list has ('post-step', proof_calls.note) (", "did not read"],
    ),
    "an entry that is gone": (
        [("        PAIRS[1],\n", "")],
        "",
        [f"{TRAINER}: the build read 'post-step proof_calls", "its list does not have"],
    ),
    "an entry with another event": (
        [('("pre-step", crop)', '("pre-fetch", crop)')],
        "",
        [
            f"{TRAINER}: its list has ('pre-fetch', proof_main.crop) <def crop>, which",
            f"{TRAINER}: the build read 'pre-step proof_main:crop(self, batch)', which its",
        ],
    ),
    "two entries in another order": (
        [
            (
                '        ("pre-step", crop),\n        ("pre-fetch-all", make(1)),\n',
                '        ("pre-fetch-all", make(1)),\n        ("pre-step", crop),\n',
            )
        ],
        "",
        [
            f"{TRAINER}: its list is in a different order: [('pre-fetch-all', "
            "proof_main.make.<locals>.",
            "; the build read pre-step proof_main:crop(self, batch), pre-fetch-all proof_main.make",
        ],
    ),
    "another object under the name": (
        [],
        "\ndef another(self, batch): ...\ncrop = another\n",
        [
            f"{TRAINER}: its list has ('pre-step', proof_main.crop) <def crop>, which",
            "the build read 'pre-step proof_main:crop(self, batch)'",
        ],
    ),
    "another object under the name of an instance": (
        [],
        "\nrecorder = Recorder(3)\n",
        [
            f"{TRAINER}: its list has ('post-step', proof_main.Recorder.__call__) <def __call__>",
            f"{TRAINER}: its list has ('post-step', proof_main.Recorder.record) <def record>",
        ],
    ),
    "another closure": (
        [('("pre-fetch-all", make(1))', '("pre-fetch-all", run("getattr")(Recorder, "record"))')],
        "",
        [
            f"{TRAINER}: its list has ('pre-fetch-all', proof_main.Recorder.record) <def record>",
            f"{TRAINER}: the build read 'pre-fetch-all proof_main.make.<locals>.inner(self, batch)",
        ],
    ),
    "another number around it": (
        [("every(10, optional(log))", "every(9 + 2, optional(log))")],
        "",
        [
            f"{TRAINER}: its list has ('post-step', proof_main.log in every(11), optional) (",
            "the build read 'post-step proof_main:log(self) in every(10), optional'",
        ],
    ),
    "wrappers in another order": (
        [("every(10, optional(log))", "optional(every(10, log))")],
        "",
        [f"{TRAINER}: its list has ('post-step', proof_main.log in optional, every(10)) <def log>"],
    ),
    "a wrapper that is gone": (
        [("rank_zero(make(2))", "make(2)")],
        "",
        ["the build read 'post-step proof_main.make.<locals>.inner(self, batch) in rank_zero'"],
    ),
    "a wrapper more": (
        [('("pre-step", crop)', '("pre-step", rank_zero(crop))')],
        "",
        ["the build read 'pre-step proof_main:crop(self, batch)', which its list does not have"],
    ),
    "parameters of a closure": (
        [("def inner(self, batch)", "def inner(self, item)")],
        "",
        [f"{TRAINER}: its list has ('pre-fetch-all', proof_main.make.<locals>.inner) <def inner>"],
    ),
    "parameters of a named function": (
        [("def crop(self, batch)", "def crop(self, image)")],
        "",
        [f"{TRAINER}", "('pre-step', proof_main.crop) <def crop>", "crop(self, batch)'"],
    ),
    "parameters of a function under a decorator": (
        [("def decorated(self, batch)", "def decorated(self)")],
        "",
        [f"{TRAINER}", "proof_main.decorated) ("],
    ),
    "parameters of an instance's call": (
        [("def __call__(self, obj)", "def __call__(self, obj, item)")],
        "",
        [f"{TRAINER}", "('post-step', proof_main.Recorder.__call__) <def __call__>"],
    ),
    "a callback that is a coroutine now": (
        [("    def inner(", "    async def inner(")],
        "",
        [
            f"{TRAINER}: its list has ('pre-fetch-all', proof_main.make.<locals>.inner) <async def"
            " inner>"
        ],
    ),
    "parameters of a callback method": (
        [("    def pre_fetch_callback(self)", "    def pre_fetch_callback(self, n)")],
        "",
        [
            f"{TRAINER}: 'pre_fetch_callback' <def pre_fetch_callback> takes (self, n), but the"
            " build read (self)"
        ],
    ),
    "a callback method that is no coroutine now": (
        [("async def post_fetch_callback", "def post_fetch_callback")],
        "",
        [
            f"{TRAINER}: 'post_fetch_callback' <def post_fetch_callback> is not an 'async def',"
            " unlike what the build read"
        ],
    ),
    "a callback method that is a coroutine now": (
        [("    def pre_fetch_callback", "    async def pre_fetch_callback")],
        "",
        [
            f"{TRAINER}: 'pre_fetch_callback' <async def pre_fetch_callback> is an 'async def',"
            " unlike what the build read"
        ],
    ),
    "parameters of the event's method": (
        [("def step(self, batch)", "def step(self, batch, more=1)")],
        "",
        [
            f"{TRAINER}: 'step' <def step> takes (self, batch, more), but the build read (self, ba",
            f"{CHILD}: 'step' <def step> takes (self, batch, more), but the build read (self, batc",
        ],
    ),
    "an event's method that is no coroutine now": (
        [("async def fetch", "def fetch")],
        "",
        [f"{TRAINER}: 'fetch' <def fetch> is not an 'async def'"],
    ),
    "an event's method that was replaced": (
        [],
        "\nTrainer.step = lambda self, other: None\n",
        [f"{TRAINER}: 'step' (", "takes (self, other), but the build read (self, batch)"],
    ),
    "a callback method more, by setattr": (
        [],
        "\nsetattr(Trainer, 'post_' + 'step_callback', lambda self: None)\n",
        [f"{TRAINER}: 'post_step_callback' (", "exists, but the build did not read it"],
    ),
    "a callback method more, in a class without any": (
        [],
        "\nsetattr(CallbackMixin, 'post_' + 'step_callback', note)\n",
        [
            "arctic_codegen.CallbackMixin: 'post_step_callback' <note> exists, but the build"
            " did not read"
        ],
    ),
    "a callback method that is gone": (
        [],
        "\ndelattr(Trainer, 'pre_' + 'fetch_callback')\n",
        [f"{TRAINER}: the build read 'pre_fetch_callback', which does not exist"],
    ),
    "a callback method that is None now": (
        [],
        "\nTrainer.pre_fetch_callback = None\n",
        [f"{TRAINER}: 'pre_fetch_callback' is None, but the build read a method"],
    ),
    "None that is a callback method now": (
        [],
        "\nsetattr(Child, 'post_' + 'fetch_callback', note)\n",
        [f"{CHILD}: 'post_fetch_callback' is <function note", ", but the build read None"],
    ),
    "callback methods in another order": (
        [
            (
                "    def pre_fetch_callback(self): ...\n    async def fetch(self): ...\n"
                "    async def post_fetch_callback(self): ...\n",
                "    async def post_fetch_callback(self): ...\n    async def fetch(self): ...\n"
                "    def pre_fetch_callback(self): ...\n",
            )
        ],
        "",
        [
            f"{TRAINER}: its callback methods are in a different order: pre_step_callback,"
            " post_fetch_callback, pre_fetch_callback; the build read pre_step_callback,"
            " pre_fetch_callback, post_fetch_callback"
        ],
    ),
    "a list that Python shortened": (
        [],
        "\nTrainer.callbacks.pop(0)\n",
        [
            f"{TRAINER}: the build read 'pre-step proof_main:crop(self, batch)', which its list"
            " does not have"
        ],
    ),
    "a list that Python reversed": (
        [],
        "\nTrainer.callbacks.reverse()\n",
        [f"{TRAINER}: its list has "],
    ),
    "a slice that Python assigned": (
        [],
        "\nTrainer.callbacks[:1] = [('pre-step', recorder)]\n",
        [f"{TRAINER}: its list has ('pre-step', proof_main.Recorder.__call__) <def __call__>"],
    ),
    "a list that Python assigned": (
        [],
        "\nsetattr(Child, 'call' + 'backs', [('pre-step', crop)])\n",
        [
            f"{CHILD}: its list has ('pre-step', proof_main.crop) <def crop>, which the build did",
            f"{CHILD}: the build read '[proof_main] post-step proof_main.<lambda>(self)'",
        ],
    ),
    "the list that the body names, changed later": (
        [("    callbacks = [\n", "    callbacks = HOOKS = [\n")],
        "\nvars(Trainer)['HOOKS'].append(('post-step', note))\n",
        [
            f"{TRAINER}: the list that its body names was changed after the class was made, to [",
            "('post-step', proof_calls.note) <note>]; the class has [('pre-step', proof_main.crop)",
        ],
    ),
    "something that is no entry": (
        [("        PAIRS[1],\n", "        PAIRS[1], run('len'), ('post-step',),\n")],
        "",
        [
            f"{TRAINER}: its list has <built-in function len>, which the build did not read",
            f"{TRAINER}: its list has ('post-step',), which the build did not read",
        ],
    ),
    "something that cannot be called": (
        [("        PAIRS[1],\n", "        PAIRS[1], ('post-step', 3),\n")],
        "",
        [f"{TRAINER}: its list has ('post-step', ", "which the build did not read"],
    ),
    "an event that is no string": (
        [("        PAIRS[1],\n", "        PAIRS[1], (3, log),\n")],
        "",
        [f"{TRAINER}: its list has ('3', proof_main.log) <def log>, which the build did not read"],
    ),
    "the list of a plain mixin": (
        [
            (
                'callbacks = [("post-step", note)]',
                "callbacks = [('post-step', note), ('post-step', log)]",
            )
        ],
        "",
        ["proof_main.Plain: its list has ('post-step', proof_main.log) <def log>, which the build"],
    ),
    "a method of a plain mixin": (
        [("    def post_step_callback(self): ...\n", "")],
        "",
        ["proof_main.Plain: the build read 'post_step_callback', which does not exist"],
    ),
    "a base class more": (
        [
            (
                "class Child(Plain, Trainer)",
                "class Extra:\n    def pre_fetch_callback(self): ...\n\n\nclass Child(Plain,"
                " Trainer, Extra)",
            )
        ],
        "",
        ["proof_main.Extra: 'pre_fetch_callback' (", "exists, but the build did not read it"],
    ),
    "a base class more, with a list": (
        [
            (
                "class Child(Plain, Trainer)",
                "class Extra:\n    callbacks = [('post-step', note)]\n\n\nclass Child(Plain,"
                " Trainer, Extra)",
            )
        ],
        "",
        ["proof_main.Extra: its list has ('post-step', proof_calls.note) <note>, which the build"],
    ),
    "a base class that is gone": (
        [("class Child(Plain, Trainer)", "class Child(Trainer)")],
        "",
        [f"{CHILD}: proof_main.Plain is no longer a base class"],
    ),
    "base classes in another order": (
        [("class Child(Plain, Trainer)", "class Child(Trainer, Plain)")],
        "",
        [
            f"{CHILD}: its base classes are in a different order: proof_main.Plain,"
            " proof_main.Trainer, proof_main.Child"
        ],
    ),
}


def shown(program, text):
    """``<def log>`` is the file and line that start with this text, ``<note>`` those of
    ``note``."""
    for start in (
        "def __call__",
        "def record",
        "def crop",
        "def log",
        "def inner",
        "def step",
        "def decorated",
        "async def inner",
        "def pre_fetch_callback",
        "async def pre_fetch_callback",
        "def post_fetch_callback",
        "def fetch",
    ):
        if f"<{start}>" in text:
            text = text.replace(f"<{start}>", program.line("proof_main", f"{start}("))
    return text.replace("<note>", program.line("proof_calls", "def note("))


@pytest.mark.parametrize("case", CHANGES)
def test_R48_a_difference_is_told_with_class_event_both_sides_and_place(program, case):
    pairs, more, fragments = CHANGES[case]
    try:
        found = run(program, *pairs, more=more)
    finally:
        if "post_step_callback" in vars(CallbackMixin):
            del CallbackMixin.post_step_callback
    assert found, "nothing was found"
    whole = "\n".join(found)
    for fragment in fragments:
        assert shown(program, fragment) in whole


def test_R48_all_differences_of_a_module_are_one_error(program):
    found = run(
        program,
        ("every(10, ", "every(3, "),
        ("def step(self, batch)", "def step(self, item)"),
        ("    post_fetch_callback = None\n", ""),
    )
    assert len(found) == 5
    assert sum(line.startswith(f"{TRAINER}: ") for line in found) == 3
    assert sum("'step' (" in line for line in found) == 2, "each class has its event's method"
    assert sum(line.startswith(f"{CHILD}: ") for line in found) == 2


def test_R48_the_error_is_an_import_error(program):
    assert issubclass(CallbacksDifferError, ImportError)


@pytest.mark.parametrize("by", ["environment", "lock"])
@pytest.mark.parametrize("wish", ["error", "warn", "ignore"])
def test_R48_on_stale_says_what_a_difference_does(program, monkeypatch, by, wish):
    if by == "environment":
        monkeypatch.setenv("ARCTIC_CODEGEN_ON_STALE", wish)
    else:
        folder = program.root / "generated"
        folder.mkdir()
        lock = f'{{"version": 1, "on-stale": "{wish}", "modules": {{"proof_main": {{}}}}}}'
        (folder / "arctic-codegen.lock").write_text(lock)
    program.write("proof_calls", CALLS)
    program.write("proof_main", f"{MAIN}\nTrainer.callbacks.pop()\n")
    program.load("proof_main")
    text = read({"proof_calls": CALLS, "proof_main": MAIN})
    if wish == "error":
        with pytest.raises(CallbacksDifferError, match="which its list does not have"):
            program.prove(text)
        return
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        program.prove(text)
    assert [one.category for one in told] == [RuntimeWarning] * (wish == "warn")
    assert all("which its list does not have" in str(one.message) for one in told)


def test_R34_two_copies_of_one_function_are_the_same(program):
    """Executing a module again creates the same functions again."""
    program.write("proof_calls", CALLS)
    program.write("proof_main", MAIN)
    program.load("proof_main")
    calls = sys.modules["proof_calls"]
    keeper, pairs = calls.KEEPER, calls.PAIRS
    exec(compile(CALLS.lstrip(), calls.__file__, "exec"), vars(calls))
    calls.KEEPER, calls.PAIRS = keeper, pairs
    assert program.differences(read({"proof_calls": CALLS, "proof_main": MAIN})) == []


def test_R48_a_module_that_is_not_imported_lends_its_names_alone(program):
    """Its object cannot be compared, but its name can."""
    program.write("proof_main", MAIN)
    program.write("proof_calls", CALLS)
    program.load("proof_main")
    text = read({"proof_calls": CALLS, "proof_main": MAIN})
    del sys.modules["proof_calls"]
    assert program.differences(text) == []


def test_R48_a_program_that_runs_as_main_and_is_imported_too(program, monkeypatch):
    program.write("proof_calls", CALLS)
    program.write("proof_main", MAIN)
    path = program.root / "proof_main.py"
    main = types.ModuleType("__main__")
    main.__file__ = str(path)
    main.__spec__ = None
    monkeypatch.setitem(sys.modules, "__main__", main)
    exec(compile(path.read_text(), str(path), "exec"), vars(main))
    program.load("proof_main")
    assert program.differences(read({"proof_calls": CALLS, "proof_main": MAIN})) == []

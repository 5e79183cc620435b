"""R68: `compiled` on the last definition of a class; cells run again, are edited, and fail."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import pytest

SHELL = """
import hashlib, json, sys
from IPython.core.compilerop import CachingCompiler
from IPython.core.interactiveshell import InteractiveShell

class Kernel(CachingCompiler):  # as ipykernel names cells: the same for the same text
    def get_code_name(self, raw_code, transformed_code, number):
        return f"/tmp/ipykernel_7/{hashlib.sha1(raw_code.encode()).hexdigest()[:9]}.py"

if sys.argv[1] == "kernel":
    InteractiveShell.compiler_class = Kernel
shell = InteractiveShell.instance(colors="NoColor")
told = []
shell.user_ns["told"] = lambda value: told.append(value)
done = []
for cells in json.loads(sys.stdin.read()):
    before = shell.execution_count - 1
    for cell in cells:
        result = shell.run_cell(cell, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if error is not None:
            told.append(f"{type(error).__name__}: {error}")
    done.append([before, *told])
    told.clear()
sys.stdout = sys.__stdout__
print("\\n" + json.dumps(done))
"""
IMPORTS = "from arctic_codegen import CallbackMixin\nfrom arctic_codegen.testing import compiled"
BASE = """class Base(CallbackMixin):
    def step(self) -> None:
        told("step")
"""


def trainer(entry: str, name: str = "Trainer", base: str = "Base") -> str:
    return f"class {name}({base}):\n    callbacks = [{entry}]\n"


def log(text: str, name: str = "log") -> str:
    return f"def {name}(self):\n    told({text!r})\n"


RUN = "compiled(Trainer)().step()"
ENTRY = '("post-step", log)'
LAMBDA = '("post-step", lambda self: told("{}"))'

# The cells, and their output in order; an error by its type and a part of its text.
CASES: dict[str, tuple[list[str], list[str | tuple[str, ...]]]] = {
    "magics": (
        [IMPORTS, "%%time\n" + BASE, "import os, sys\n" + trainer(LAMBDA.format("a")), RUN],
        ["step", "a"],
    ),
    "once": ([IMPORTS, BASE, log("a"), trainer(ENTRY), RUN], ["step", "a"]),
    "wrapped_and_decorated": (
        [
            IMPORTS + "\nfrom arctic_codegen import every",
            BASE,
            log("a"),
            "@every(3)\n" + log("b", "other"),
            trainer('("post-step", every(2, log)), ("post-step", other)'),
            "one = compiled(Trainer)()\nfor _ in range(4):\n    one.step()",
        ],
        ["step", "step", "a", "step", "b", "step", "a"],
    ),
    "all_in_one": (["\n".join([IMPORTS, BASE, log("a"), trainer(ENTRY), RUN])], ["step", "a"]),
    "run_again": (
        [IMPORTS, BASE, log("a"), trainer(ENTRY), RUN, trainer(ENTRY), RUN, RUN],
        ["step", "a"] * 3,
    ),
    "everything_again": (
        [IMPORTS, BASE, log("a"), trainer(ENTRY), RUN] * 3,
        ["step", "a"] * 3,
    ),
    "edited": (
        [IMPORTS, BASE, trainer(LAMBDA.format("a")), RUN, trainer(LAMBDA.format("b")), RUN],
        ["step", "a", "step", "b"],
    ),
    # The list contains the function that existed when the class was created.
    "function_edited": (
        [IMPORTS, BASE, log("a"), trainer(ENTRY), RUN, log("b"), RUN, trainer(ENTRY), RUN],
        ["step", "a", "step", "a", "step", "b"],
    ),
    "function_with_other_parameters": (
        [
            IMPORTS,
            BASE.replace("self)", "self, batch: int)"),
            "def pick(self, batch):\n    return batch + 1\n",
            trainer('("pre-step", pick)'),
            "compiled(Trainer)().step(1)",
            "def pick(self):\n    told('new')\n",
            "compiled(Trainer)().step(1)",
            trainer('("pre-step", pick)'),
            "compiled(Trainer)().step(1)",
        ],
        ["step", "step", "new", "step"],
    ),
    "base_edited": (
        [
            IMPORTS,
            BASE,
            trainer(LAMBDA.format("a")),
            RUN,
            BASE.replace('"step"', '"new step"'),
            RUN,  # it derives from the old class
            trainer(LAMBDA.format("a")),
            RUN,
        ],
        ["step", "a", "step", "a", "new step", "a"],
    ),
    "base_edited_with_callbacks": (
        [
            IMPORTS,
            BASE + "    def post_step_callback(self):\n        told('old')\n",
            trainer(LAMBDA.format("a")),
            BASE,
            RUN,
            trainer(LAMBDA.format("a")),
            RUN,
        ],
        ["step", "old", "a", "step", "a"],
    ),
    "wrong_and_repaired": (
        [
            IMPORTS,
            BASE,
            trainer('("post-stpe", lambda self: None)'),
            RUN,
            trainer(LAMBDA.format("a")),
            RUN,
        ],
        [("CompileError", "Cell In[3]:2:19"), "step", "a"],
    ),
    "class_and_run_in_one_cell_repaired": (
        [
            IMPORTS,
            BASE,
            trainer('("post-stpe", lambda self: None)') + RUN,
            trainer(LAMBDA.format("a")) + RUN,
        ],
        [("CompileError", "Cell In[3]:2:19"), "step", "a"],
    ),
    "body_that_raises": (
        [IMPORTS, BASE, trainer('("post-step", nothing)'), trainer(LAMBDA.format("a")), RUN],
        [("NameError", "nothing"), "step", "a"],
    ),
    "edited_to_a_body_that_raises": (
        [IMPORTS, BASE, log("a"), trainer(ENTRY), trainer('("pre-step", nothing)'), RUN],
        [("NameError", "nothing"), "step", "a"],
    ),
    "no_python": (
        [IMPORTS, BASE, "class Trainer(Base:\n", trainer(LAMBDA.format("a")), "def (", RUN],
        [("SyntaxError", ""), ("SyntaxError", ""), "step", "a"],
    ),
    "what_comes_after_an_error": (
        [
            IMPORTS,
            BASE,
            log("a") + trainer(ENTRY) + "1 / 0\nTrainer.callbacks.append(('post-step', log))\n",
            RUN,
        ],
        [("ZeroDivisionError", ""), "step", "a"],
    ),
    "what_comes_later_in_the_cell": (
        [IMPORTS, BASE, log("a"), trainer(ENTRY) + RUN + "\n" + trainer(LAMBDA.format("b"))],
        ["step", "a"],
    ),
    "changes": (
        [
            IMPORTS,
            BASE,
            log("a"),
            trainer(ENTRY),
            "Trainer.callbacks.append(('post-step', lambda self: told('b')))",
            RUN,
            trainer(ENTRY),
            RUN,
            # A compiled class would lack it.
            "Trainer.callbacks.insert(0, ('post-step', lambda self: told('c')))",
            RUN,
            trainer(ENTRY),
            "Trainer.callbacks.insert(0, ('post-step', lambda self: told('c')))",
            RUN,
        ],
        [
            *("step", "a", "b", "step", "a"),
            ("ClosedCallbacksError", "run the cell of Trainer again"),
            *("step", "a", "step", "c", "a"),
        ],
    ),
    "a_mistake_in_another_class": (
        [
            IMPORTS,
            BASE,
            trainer('("post-stpe", lambda self: None)', "Wrong"),
            "Wrong.callbacks.append(('nowhere', lambda self: None))",
            trainer(LAMBDA.format("a")),
            RUN,
        ],
        ["step", "a"],
    ),
    # A finding about the common base class does not concern this class.
    "wrong_parameters_in_another_class": (
        [
            IMPORTS,
            BASE,
            "def wrong(self, value, more):\n    return value\n",
            trainer('("post-step", wrong)', "Wrong"),
            "class Worse(Base):\n    def post_step_callback(self, value, more):\n        pass\n",
            trainer(LAMBDA.format("a")),
            RUN,
            trainer('("post-step", wrong)'),
            RUN,
        ],
        ["step", "a", ("CompileError", "Cell In[3]:1:5", "Cell In[8]:2:18")],
    ),
    "a_class_in_a_statement": (
        [
            IMPORTS,
            BASE,
            trainer(LAMBDA.format("a")),
            "for text in 'bc':\n    class Trainer(Base):\n"
            "        callbacks = [('post-step', lambda self: told(text))]\n"
            f"    {RUN}\n",
            "try:\n    told\nfinally:\n    class Trainer(Base):\n"
            "        callbacks = [('post-step', lambda self: told('d'))]\n",
            RUN,
            trainer(LAMBDA.format("e")),
            RUN,
        ],
        ["step", "b", "step", "c", "step", "d", "step", "e"],
    ),
    "a_function_in_a_partial_edited": (
        [
            IMPORTS + "\nfrom functools import partial",
            BASE,
            "def say(text, self):\n    told(text)\n",
            trainer("('post-step', partial(say, 'a'))"),
            RUN,
            "def say(text, self):\n    told(text * 2)\n",
            RUN,
            trainer("('post-step', partial(say, 'a'))"),
            RUN,
        ],
        ["step", "a", "step", "a", "step", "aa"],
    ),
    "a_function_that_a_call_is_given_edited": (
        [
            IMPORTS,
            BASE,
            "def each(fn):\n    def inner(self):\n        fn(self)\n    return inner\n",
            log("a"),
            trainer("('post-step', each(log))"),
            RUN,
            log("b"),
            RUN,
        ],
        ["step", "a", "step", "a"],
    ),
    "a_function_of_a_base_edited": (
        [
            IMPORTS,
            BASE,
            log("a"),
            trainer(ENTRY, "Middle"),
            log("b"),
            BASE.replace('"step"', '"new step"'),
            trainer(LAMBDA.format("c"), base="Middle"),
            RUN,
        ],
        ["step", "a", "c"],
    ),
    "a_class_in_a_function": (
        [
            IMPORTS,
            BASE,
            "def make(text):\n    class Trainer(Base):\n"
            "        callbacks = [('post-step', lambda self: told(text))]\n"
            "    return compiled(Trainer)\n",
            "make('a')().step()",
            "\n\ndef make(text):\n    class Trainer(Base):\n"
            "        callbacks = [('pre-step', lambda self: told(text))]\n"
            "    return compiled(Trainer)\n",
            "make('b')().step()",
        ],
        ["step", "a", "b", "step"],
    ),
    "a_related_place_in_another_cell": (
        [
            IMPORTS,
            BASE.replace("self)", "self, batch: int)"),
            "def pick(self, bacth):\n    return bacth\n",
            "# a comment\n" + trainer('("pre-step", pick)'),
            "compiled(Trainer)",
        ],
        [("CompileError", "Cell In[3]:1:16", "Cell In[4]:3:18", "Cell In[2]:2:9")],
    ),
}


def ran(program: str, mode: str) -> dict[str, list[str]]:
    """Run all cases in one process, one after the other: users do not restart the kernel either."""
    done = subprocess.run(
        [sys.executable, "-c", program, mode],
        input=json.dumps([cells for cells, _ in CASES.values()]),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(CASES, json.loads(done.stdout.splitlines()[-1]), strict=True))


@pytest.fixture(scope="module")
def terminal() -> dict[str, list[str]]:
    pytest.importorskip("IPython")
    return ran(SHELL, "terminal")


@pytest.fixture(scope="module")
def kernel() -> dict[str, list[str]]:
    pytest.importorskip("IPython")
    return ran(SHELL, "kernel")


def holds(found: list[str], wanted: list[str | tuple[str, ...]], before: int) -> bool:
    def with_number(text: str) -> str:
        return re.sub(r"In\[(\d+)\]", lambda one: f"In[{int(one[1]) + before}]", text)

    return len(found) == len(wanted) and all(
        one == other if isinstance(other, str) else all(with_number(part) in one for part in other)
        for one, other in zip(found, wanted, strict=True)
    )


@pytest.mark.parametrize("where", ["terminal", "kernel"])
@pytest.mark.parametrize("name", CASES)
def test_R68_a_session(name, where, request):
    before, *found = request.getfixturevalue(where)[name]
    assert holds(found, CASES[name][1], before), "\n".join(found)

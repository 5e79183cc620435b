"""Fingerprints (R36): which changes affect them, and which do not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from arctic_codegen.build.canonical import without_layout
from arctic_codegen.build.fingerprints import fingerprint, spelled
from arctic_codegen.model.resolution import Read
from arctic_codegen.scan import scan

BASE = '''
import os
from app.base import Base, helper
from app.other import *

LIMIT = 10

if os.name == "nt":
    EVENT = "post-step"
else:
    EVENT = "post-epoch"

try:
    import fast as backend
except ImportError:
    backend = None


def log(self, value: int) -> int:
    """Logs."""
    return value


class Trainer(Base):
    """A trainer."""

    size = LIMIT
    callbacks = [(EVENT, lambda self: print( self.size ))]

    def step(self, batch: int, *, scale: float = 1.0) -> int:
        self.seen.append(batch)
        return batch

    def post_step_callback(self, value):
        return value


Trainer.callbacks.append(("post-step", log))
'''

READ = ("Trainer", "EVENT", "LIMIT", "log", "backend", "Base", "nowhere", "()")


def digest(text: str, names: tuple[str, ...] = READ) -> str:
    decls = scan(text.encode(), "app.py")
    return fingerprint(decls, names)


UNCHANGED = {
    "a comment": lambda text: "# hello\n" + text.replace("LIMIT = 10", "LIMIT = 10  # ten"),
    "lines": lambda text: "\n\n\n" + text,
    "a docstring": lambda text: text.replace('"""A trainer."""', '"""Another."""'),
    "layout": lambda text: text.replace("batch: int, *, scale", "\n batch : int,\n *,\n scale"),
    "layout of a lambda": lambda text: text.replace("print( self.size )", "print(self . size)"),
    "a body": lambda text: text.replace("self.seen.append(batch)", "self.callback_count = 1"),
    "a return of no callback": lambda text: text.replace("return batch", "return batch + 1"),
    "a body of a function": lambda text: text.replace(
        "    return value\n\n\nclass", "    pass\n\n\nclass"
    ),
    "an unrelated function": lambda text: text + "\ndef unrelated(self): pass\n",
    "an unrelated import": lambda text: text.replace("import os", "import os, sys, json as j"),
    "an unrelated name of an import": lambda text: text.replace("Base, helper", "Base"),
    "an unrelated constant": lambda text: text + "\nOTHER = 1\n",
    "an unrelated list": lambda text: text + "\nOTHER = []\nOTHER.append(1)\n",
    "quotes": lambda text: text.replace('"post-step"', "'post-step'"),
    "number of lines in a branch": lambda text: text.replace("else:\n", "else:\n    x = 1\n"),
}

CHANGED = {
    "a parameter's name": lambda text: text.replace("batch: int", "data: int"),
    "a default": lambda text: text.replace("scale: float = 1.0", "scale: float = 2.0"),
    "an annotation": lambda text: text.replace("batch: int", "batch: float"),
    "a base": lambda text: text.replace("Trainer(Base)", "Trainer(Base, Mixin)"),
    "a new method": lambda text: text.replace(
        "    def step", "    def loss(self): pass\n\n    def step"
    ),
    "a new attribute": lambda text: text.replace(
        "    size = LIMIT", "    size = LIMIT\n    name = 'x'"
    ),
    "a decorator": lambda text: text.replace("    def step", "    @final\n    def step"),
    "a constant": lambda text: text.replace("LIMIT = 10", "LIMIT = 11"),
    "a lambda": lambda text: text.replace("self.size ))", "self.other ))"),
    "what a callback returns": lambda text: text.replace(
        "        return value\n", "        pass\n"
    ),
    "a test around it": lambda text: text.replace('os.name == "nt"', 'os.name == "posix"'),
    "a value in a branch": lambda text: text.replace('"post-epoch"', '"pre-epoch"'),
    "an import": lambda text: text.replace("app.base", "app.base2"),
    "a star import": lambda text: text.replace("app.other", "app.another"),
    "a fallback": lambda text: text.replace("backend = None", "backend = 1"),
    "a function's signature": lambda text: text.replace("value: int", "value: int, more: int"),
    "a change of callbacks": lambda text: text.replace('("post-step", log)', '("pre-step", log)'),
    "a new change": lambda text: text + "\nTrainer.callbacks += [x]\n",
    "a change in a function": lambda text: text + "\ndef f():\n    Trainer.callbacks.append(x)\n",
    "a name that was missed": lambda text: text + "\nnowhere = 1\n",
    "a second binding": lambda text: text + "\ndef log(self): pass\n",
    "a second binding elsewhere": lambda text: text + "\nfor log in (): pass\n",
    "a list that is changed": lambda text: text + "\nLIMIT.append(1)\n",
    "an attribute that is set": lambda text: text + "\nTrainer.step = None\n",
    "a global": lambda text: text + "\ndef f():\n    global LIMIT\n    LIMIT = 3\n",
    "annotations as text": lambda text: "from __future__ import annotations\n" + text,
    "a deletion": lambda text: text + "\ndel log\n",
    "a module's __getattr__": lambda text: text + "\ndef __getattr__(name): pass\n",
}


@pytest.mark.parametrize("change", UNCHANGED)
def test_R36_does_not_count(change):
    text = UNCHANGED[change](BASE)
    assert text != BASE
    assert digest(text) == digest(BASE)


@pytest.mark.parametrize("change", CHANGED)
def test_R36_counts(change):
    text = CHANGED[change](BASE)
    assert text != BASE
    assert digest(text) != digest(BASE)


def test_R36_a_body_counts_where_it_was_read():
    changed = BASE.replace("    return value\n\n\nclass", "    pass\n\n\nclass")
    assert digest(changed, ("log",)) == digest(BASE, ("log",))
    assert digest(changed, ("log+",)) != digest(BASE, ("log+",))


@pytest.mark.parametrize(
    "old, new",
    [("import T", "import T2 as T"), ("T(1)", "U(1)"), ("made = T", "made = other = T")],
)
def test_R36_what_decides_whose_list_is_changed_counts(old, new):
    script = "from generated.app import T\nmade = T(1)\nmade.callbacks.append(entry)\n"
    assert digest(script.replace(old, new), ("()",)) != digest(script, ("()",))
    assert digest(script.replace(old, new), ("()", "made")) != digest(script, ("()", "made"))
    assert digest(script + "\nimport os\nx = os\n", ("()",)) == digest(script, ("()",))


def test_R36_a_star_import_reads_the_names_and_no_more():
    assert digest(BASE + "\nmore = 1\n", ("*",)) != digest(BASE, ("*",))
    assert digest(BASE.replace("LIMIT = 10", "LIMIT = 11"), ("*",)) == digest(BASE, ("*",))
    exported = BASE + "\n__all__ = ['Trainer']\n__all__ += ['log']\n"
    assert digest(exported.replace("'log'", "'EVENT'"), ("*",)) != digest(exported, ("*",))


def test_R36_existence_alone_reads_nothing_of_a_module():
    assert digest("x = 1\n", ("",)) == digest("y = 2\n", ("",))


def test_R36_a_submodule_that_an_import_binds_counts():
    assert digest("from .sub import x\n", ("sub",)) != digest("", ("sub",))


def test_spelling_of_a_read():
    assert spelled(Read("app", "make", body=True)) == "make+"
    assert spelled(Read("app", "()")) == "()"


@pytest.mark.parametrize(
    "text, expected",
    [
        ("await  x ( 1,\n  2 ) # c", "await x(1,2)"),
        ("f'a  b'  +   c", "f'a  b'+c"),
        ('{**a,  "b # c" : \\\n 1}', '{**a,"b # c":1}'),
        ('"""x  \n y"""  if a else  b', '"""x  \n y"""if a else b'),
    ],
)
def test_layout_is_taken_out_of_expressions_that_stay_text(text, expected):
    assert without_layout(text) == expected


def test_R32_the_same_digest_for_any_hash_seed():
    program = (
        "import sys; sys.path.insert(0, sys.argv[1]); from test_digests import BASE, READ, digest;"
        "print(digest(BASE, READ), digest(BASE, ('*',)))"
    )
    seen = {
        subprocess.run(
            [sys.executable, "-c", program, os.path.dirname(__file__)],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": seed},
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(seen) == 1


HOSTS = """
from enum import Enum
import typing as t
from app.base import Base
class Trainer(Base): ...
"""


@pytest.mark.parametrize(
    ("added", "counts"),
    [
        ("class Plain: ...\n", False),
        ("class Error(Exception): ...\n", False),
        ("class Color(Enum): ...\n", False),
        ("class Pair(t.NamedTuple): ...\n", False),
        ("class Other(t.Generic[t.T], dict): ...\n", False),
        ("class Other(Base): ...\n", True),
        ("class Other(dict, Base): ...\n", True),
        ("class Other(unknown): ...\n", True),
        ("class Other(dict): ...\ndict = Base\n", True),
        ("from app.more import *\nclass Other(dict): ...\n", True),
        ("class Outer:\n    class Inner(dict): ...\n", True),
    ],
)
def test_R36_a_new_class_counts_where_it_may_be_a_host_class(added, counts):
    digests = {
        fingerprint(scan(text.encode(), "/p/app/main.py"), ("class",))
        for text in (HOSTS, HOSTS + added)
    }
    assert (len(digests) == 2) is counts

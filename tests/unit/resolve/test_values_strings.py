"""R9: event strings, evaluated as in Python."""

from __future__ import annotations

import pytest

from tests.unit.resolve.values_support import Sources

HEAD = """
import enum
import sys
from enum import StrEnum
import other
from other import FAR

PRE = "pre"
NUMBER = 3
HALF = 0.5
NAMES = ("step", "loss")
TABLE = {"a": "pre-step"}
class Names:
    STEP = "step"
    class Inner:
        LOSS = "post-" + other.FAR
class Plain(enum.Enum):
    STEP = "pre-step"
class Mixed(str, enum.Enum):
    STEP = "pre-step"
class Texts(StrEnum):
    STEP = "pre-step"
def make(): return "pre-step"
"""
OTHER = 'FAR = "loss"\n'

STRINGS = {
    "literal": ("'pre-step'", "pre-step"),
    "joined literals": ("'pre-' 'step'", "pre-step"),
    "raw": (r"r'a\b'", r"a\b"),
    "plus": ("PRE + '-' + 'step'", "pre-step"),
    "f-string": ("f'{PRE}-step'", "pre-step"),
    "f-string in f-string": ("f'{f\"{PRE}-\"}step'", "pre-step"),
    "f-string of numbers": ("f'{NUMBER}{HALF}{True}{None}'", "30.5TrueNone"),
    "f-string with braces": ("f'{{{PRE}}}'", "{pre}"),
    "f-string of a sum": ("f'{NUMBER + 1}{NUMBER * 2 - 1}'", "45"),
    "f-string and literal": ("f'{PRE}-' 'step'", "pre-step"),
    "percent": ("'%s-step' % PRE", "pre-step"),
    "percent of a tuple": ("'%s-%s%d' % (PRE, 'step', NUMBER)", "pre-step3"),
    "format": ("'{}-{}'.format(PRE, 'step')", "pre-step"),
    "format by index": ("'{1}-{0}'.format('step', PRE)", "pre-step"),
    "format by name": ("'{p}-{e}'.format(p=PRE, e='step')", "pre-step"),
    "format of a star": ("'{}-{e}'.format(*[PRE], e='step')", "pre-step"),
    "name": ("PRE", "pre"),
    "imported": ("FAR", "loss"),
    "of a module": ("other.FAR", "loss"),
    "class attribute": ("Names.STEP", "step"),
    "nested class attribute": ("Names.Inner.LOSS", "post-loss"),
    "conditional": ("'a' if NUMBER == 3 else 'b'", "a"),
    "conditional on a platform": ("'a' if sys.platform.startswith('linux') else make()", "a"),
    "or": ("'' or PRE", "pre"),
}


@pytest.mark.parametrize("form", STRINGS)
def test_R9_strings(form):
    expr, wanted = STRINGS[form]
    assert Sources(f"{HEAD}X = {expr}\n", other=OTHER).string("X") == wanted


@pytest.mark.parametrize(
    "expr",
    [
        "make()",
        "3",
        "b'pre-step'",
        "['pre-step']",
        "None",
        "nope",
        "f'{make()}'",
        "f'{NUMBER=}'",
        "f'{NUMBER:03d}'",
        "f'{PRE!r}'",
        "'%(p)s-step' % {'p': PRE}",
        "'%5.1f' % HALF",
        "'{:>5}'.format(PRE)",
        "TABLE['a']",
        "f'{Mixed.STEP}'",  # Python 3.11 and 3.12 differ
        "Plain.STEP",
        "Plain.STEP.value",
        "Mixed.STEP",
        "Texts.STEP",
        "f'pre-{Names.__name__}'",
        "'%s' % make()",
        "'%s-%s' % PRE",
        "'%*d' % (3, 4)",
        "'%99999d' % 3",
        "'{}'.format(make())",
        "'{0.__class__}'.format(3)",
        "'{:99999}'.format(3)",
        "f'{PRE:99999999}'",
        "f'{PRE:d}'",
        "'ab' * 2",
        "'a' * 10**9",
        "'-'.join(['pre', NAMES[0]])",
        "'PRE'.lower()",
        "'pre-step post-step'.split()[1]",
        "str(NUMBER)",
        "f'{2 ** 3}'",
        "f'{NUMBER % 2}'",
        "f'{NUMBER << 1}'",
        "'a' + 3",
        "'{:{w}}'.format('a', w=10**5)",
        "'pre'.nope()",
        "str(2 ** 9999)",
        "'abc'[7]",
        "input()",
        "'{}'.format",
        "lambda: 'x'",
    ],
)
def test_R13_what_is_no_string_constant(expr):
    assert Sources(f"{HEAD}X = {expr}\n", other=OTHER).string("X") is None


def test_R13_a_member_of_an_enumeration_says_to_write_the_string():
    text = f"{HEAD}def log(self): ...\nclass T:\n    callbacks = [(Mixed.STEP, log)]\n"
    (found,) = Sources(text, other=OTHER).own("T").findings
    assert found.code == "AC206"
    assert "members of the enumeration 'Mixed' are not supported" in found.message
    assert found.hint.startswith("write the event as a string constant")

"""Positions of nodes equal those of libcst's own metadata, at a third of the cost."""

from __future__ import annotations

import sysconfig
from pathlib import Path

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from arctic_codegen.scan.positions import Positions

STDLIB = Path(sysconfig.get_paths()["stdlib"])
ASKED_FOR = (
    cst.BaseExpression,
    cst.BaseSmallStatement,
    cst.BaseCompoundStatement,
    cst.ImportAlias,
    cst.SubscriptElement,
    cst.Arg,
)
ODD = '''\
#!/usr/bin/python
"""doc"""  # why

@ a . b ( 1 , * c , d = 2 , ** e )  # decorated

async  def f ( a , / , b : int=1 , * c : str , d , ** e ) -> "x" :  # type: ignore
    """doc"""
    async with a as b , ( c ) : pass
    async for x , * y in z : await  x ; continue
    else : return
    return ( yield )

class  A [ T ] ( B , metaclass = C ) : x = 1 ; y : int = 2 ; z : str
class A2(): pass
if a : pass
elif b : pass
# between
elif c :

    pass
    # last

else : pass
while a : break
else : pass
try : raise A from B
except ( B , C ) as e : assert a , b
else : pass
finally : del a , ( b )
with ( a as b , c , ) : pass
try:
    pass
except* A: pass
x = y = ( 1 , ) , [ 2 , * z ] , { 3 , 4 } , { 5 : 6 , ** z } , ( ) , [ ] , { }
x [ 1 : 2 : 3 , ... , : , * a ] += - + ~ 1 ** 2 // 3 % 4 @ 5 << 6 >> 7 & 8 | 9 ^ 10
x -= 1; x *= 1; x /= 1; x //= 1; x %= 1; x **= 1; x @= 1; x |= 1; x &= 1; x ^= 1; x <<= 1; x >>= 1
not a or b and c is  not d not  in e in f is g < h <= i > j >= k == l != m
lambda : 0 , lambda a , * b , c = 1 , ** d : a
( lambda * , a : a ) ( x if y else z )
f"{ a !r:>{ w }} {b = }" 'c' rf"{d}"
[ a for b in c if d for e in f ] , { a for b in c } , { a : b for c in d } , ( a for b in c )
( n := 1 )
import a . b as c , d
from . . a import ( b as c , # why
    d ,
)
from .x import *
def g(
    a,  # one
    # two
    b=1,
    *,
    c,
): return \\
    a
match a :
    case [ b , * c ] | { "d" : e , ** f } if g : pass
    case A ( 1 , x = 2 ) as y : pass
type X [ T : int = str , * Ts , ** P ] = list [ T ]
global a
pass
'''


def _compare(text):
    wrapper = MetadataWrapper(cst.parse_module(text), unsafe_skip_copy=True)
    positions = Positions(wrapper.module, text)
    assert "".join(positions.tokens) == text
    for node, place in wrapper.resolve(PositionProvider).items():
        if isinstance(node, ASKED_FOR):
            span = positions.span(node)
            assert (span.line, span.column - 1) == (place.start.line, place.start.column), node
            # A compound statement ends with its body; libcst has another end.
            if not isinstance(node, cst.BaseCompoundStatement):
                end = place.end.line, place.end.column
                assert (span.end_line, span.end_column - 1) == end, node


@pytest.mark.parametrize("end", ["", "\n", "\n\n", "  # end", "\n# end\n    # end"])
def test_odd_spacing(end):
    _compare(ODD + "a = 1" + end)
    _compare(ODD + "class A:\n    def f(self):\n        pass" + end)
    _compare(end)


def test_real_files():
    for path in sorted(STDLIB.glob("*.py"))[::40]:
        _compare(path.read_text(encoding="utf-8", errors="replace"))


def test_the_places_are_true_where_neither_prints_the_text():
    text = "try:\n    pass\nexcept E :\n    zz = 1\n"
    tree = cst.parse_module(text)
    positions = Positions(tree, text)
    assign = tree.body[0].handlers[0].body.body[0].body[0]
    assert text[positions.start(assign) : positions.end(assign)] == "zz = 1"

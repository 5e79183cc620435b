"""Statements that bind names or change callbacks are recorded, and no others."""

from __future__ import annotations

from arctic_codegen.model import decls, expr
from tests.unit.scan.scan_support import body, cut, module, only


def test_imports():
    first, second, third, fourth = body(
        "import a.b, c as d\nfrom .. import e\nfrom .f.g import (h as i, j)\nfrom k import *"
    )
    assert [(name.name, name.asname) for name in first.names] == [("a.b", None), ("c", "d")]
    assert (second.level, second.module) == (2, "")
    assert (third.level, third.module, third.names[0].asname) == (1, "f.g", "i")
    assert fourth.star
    assert fourth.names == ()


def test_the_span_of_an_import_covers_one_alias():
    source = "from a import (\n    b as c,  # why\n    d,\n)"
    assert [cut(source, name.span) for name in only(source).names] == ["b as c", "d"]


def test_assignments():
    chain, annotated, bare, augmented, unpack = body(
        "a = b = c\nd: int = 1\ne: str\nf += g\nh, *i = j"
    )
    assert [target.id for target in chain.targets] == ["a", "b"]
    assert annotated.annotation.id == "int"
    assert bare.value is None
    assert augmented.op == "+"
    assert unpack.targets[0].items[1].value.id == "i"


def test_calls_that_change_a_list_are_kept():
    kept = body(
        "X.callbacks.append(1)\nX.pop()\nsetattr(X, 'callbacks', [])\ndelattr(X, 'y')\n"
        "print(1)\nf.x()\n"
    )
    assert [type(each) for each in kept] == [decls.CallStmt] * 4


def test_in_functions_only_where_the_file_speaks_of_callbacks():
    assert only("def f(x):\n    x.append(1)").body == ()
    (call,) = only("def f(x):\n    x.callbacks.append(1)").body
    assert isinstance(call, decls.CallStmt)


def test_walrus_binds_a_name():
    first, if_ = body("if (a := f()) and (b := g()):\n    c = 1\n")[:2], body("if x: c = 1")[0]
    assert [each.targets[0].id for each in first] == ["a", "b"]
    assert isinstance(first[1].value, expr.Opaque)
    assert isinstance(if_, decls.If)
    (sure, _) = body("if (a := f()):\n    c = 1\n")
    assert isinstance(sure.value, expr.Call)
    assert body("x = lambda: (a := 1)")[0].targets[0].id == "x"


def test_elif_is_an_if_in_orelse():
    source = "if a:\n    x = 1\nelif b :\n    pass\nelse:\n    x = 2\n"
    outer = only(source)
    (inner,) = outer.orelse
    assert inner.test.id == "b"
    assert cut(source, outer.span) == "if a:"
    assert cut(source, inner.span) == "elif b :"
    assert inner.orelse[0].value.text == "2"


def test_very_long_chains_are_like_a_match():
    source = "if x:\n    a = 1\n" + "".join(f"elif y:\n    b{n} = 1\n" for n in range(100))
    found = only(source)
    assert isinstance(found, decls.Match)
    assert len(found.cases) == 102


def test_statements_without_bindings_are_left_out():
    source = """
    '''doc'''
    print(1)
    assert x
    if a:
        print()
    while b:
        pass
    with c:
        raise E
    try:
        f()
    except E:
        pass
    match x:
        case 1:
            pass
    """
    assert body(source) == ()


def test_compound_statements():
    source = """
    try:
        import a
    except (ImportError, AttributeError) as e:
        a = None
    else:
        b = 1
    finally:
        c = 2
    with open(x) as d, y as (e, f):
        pass
    for g, h in i:
        j = 1
    else:
        k = 1
    while l:
        m = 1
    match n:
        case [A(o, p=q), *r] | {"s": t, **u} as v if w:
            x = 1
        case _:
            y = 1
    del z, (aa.b, cc[0])
    global dd
    """
    try_, with_, for_, while_, match, delete, global_ = body(source)
    assert len(try_.handlers[0].type.items) == 2
    assert (try_.handlers[0].name, len(try_.orelse), len(try_.finalbody)) == ("e", 1, 1)
    assert len(with_.targets) == 2
    assert (for_.targets[0].kind, len(for_.orelse)) == ("tuple", 1)
    assert while_.targets == ()
    assert match.names == ("o", "q", "r", "t", "u", "v")
    assert len(match.cases) == 2
    assert len(delete.targets) == 2
    assert global_.names == ("dd",)


def test_headers_end_at_their_colon():
    source = "class A:\n    with x[1:2] as y :  # why: so\n\n        z = 1\n"
    (with_,) = only(source).body
    assert cut(source, with_.span) == "with x[1:2] as y :"


def test_one_line_suites():
    (if_,) = body("if x: a = 1; b = 2")
    assert len(if_.body) == 2
    assert only("class A: x = 1").body[0].targets[0].id == "x"


def test_white_space_that_libcst_forgets_moves_nothing():
    source = "try:\n    import a\nexcept E :\n    a = 1\nzz = 2\n"
    try_, assign = body(source)
    assert cut(source, try_.handlers[0].type.span) == "E"
    assert cut(source, try_.handlers[0].body[0].span) == "a = 1"
    assert cut(source, assign.span) == "zz = 2"


def test_form_feeds_and_tabs():
    source = "\f\nclass A:\n\tx = 1\n\f\n\ty = 2\n"
    assert [cut(source, each.span) for each in only(source).body] == ["x = 1", "y = 2"]


def test_classes():
    source = "@d(1)\nclass A(B, *c, metaclass=M, **k):\n    class In: pass\n    def f(self): pass\n"
    found = only(source)
    assert cut(source, found.span) == "A"
    assert isinstance(found.bases[1], expr.Starred)
    assert [key for key, _ in found.keywords] == ["metaclass", None]
    assert [each.qualname for each in found.body] == ["A.In", "A.f"]
    assert found.decorators[0].args[0].value.text == "1"


def test_type_parameters():
    function, class_, alias = body(
        "def f[T: int, *Ts, **P](x: T): pass\nclass A[T = str](B): pass\ntype X[T] = list[T]"
    )
    assert [(each.name, each.kind) for each in function.type_params] == [
        ("T", "TypeVar"), ("Ts", "TypeVarTuple"), ("P", "ParamSpec")
    ]  # fmt: skip
    assert function.type_params[0].bound.id == "int"
    assert class_.type_params[0].default.id == "str"
    assert alias.name == "X"


def test_future_annotations():
    assert module("from __future__ import annotations, division").future_annotations
    assert not module("from __future__ import division").future_annotations


def test_ignore_comments():
    source = (
        "x = 1  # arctic-codegen: ignore[AC201, AC202]\n"
        "y = '# arctic-codegen: ignore'\n"
        "z = f'# arctic-codegen: ignore {y}'\n"
        "# arctic-codegen: ignore\n"
        "class A:  # noqa  # arctic-codegen:ignore[AC1]\n"
        "    pass  # arctic-codegen: ignored\n"
    )
    found = module(source).ignores
    assert [(each.line, each.codes) for each in found] == [
        (1, ("AC201", "AC202")), (4, ()), (5, ("AC1",))
    ]  # fmt: skip
    assert cut(source, found[2].span) == "# arctic-codegen:ignore[AC1]"


def test_records_are_stored_and_read_back():
    import msgspec

    decls_ = module("class A(B['C']):\n    def f(self, x: 'T' = 1): return lambda: f'{x!r:>{y}}'\n")
    data = msgspec.msgpack.encode(decls_)
    assert msgspec.msgpack.decode(data, type=decls.ModuleDecls) == decls_

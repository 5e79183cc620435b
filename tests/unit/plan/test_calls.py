"""R21 to R28: signatures and calls of compiled methods, as text."""

from __future__ import annotations

import re

import msgspec
import pytest

from arctic_codegen.model.hosts import ClassId, ListedReach, StatementReach
from arctic_codegen.model.parameters import Overload, Taken
from arctic_codegen.model.wrappers import FunctionReach, ScriptReach, Wrapper
from tests.unit.plan.build import (
    SETTINGS,
    callback,
    event,
    function,
    host,
    lambda_,
    method,
    output,
    own_method,
    params,
    place,
    planned,
    text,
)


def squeezed(source):
    """Text without comments, and without the formatter's line breaks."""
    source = re.sub(r" *#.*", "", source)
    return re.sub(r",? ?([)\]])", r"\1", re.sub(r"\s+", " ", source).replace("( ", "("))


def body(*events, **more):
    whole = output(host("T", events, **more))
    return squeezed(whole.partition("\nclass T(")[2])


def test_R22_every_kind_of_parameter_is_passed_on():
    got = body(
        event(
            "step",
            method(
                "step",
                'self, a: int, /, b: str = "x", *args: int, k: int, d: int = ?, **kw: str',
                "int",
            ),
            own_method("pre", "pre_step_callback"),
        )
    )
    assert (
        'def step(self, a: int, /, b: str = "x", *args: int, k: int, d: int = _default_step_d, '
        "**kw: str) -> int:" in got
    )
    assert "return _T.step(self, a, b, *args, k=k, d=d, **kw)" in got


def test_R22_default_is_the_sources_own_object():
    whole = output(
        host("T", [event("s", method("s", "self, a = ?"), own_method("pre", "pre_s_callback"))])
    )
    assert '_default_s_a: Any = default_of(_T.s, "a")' in whole
    assert "def s(self, a: Any = _default_s_a) -> Any:" in whole


def test_R22_bare_star_and_positional_only_object():
    got = body(
        event("s", method("s", "this, /, *, k: int", "None"), own_method("pre", "pre_s_callback"))
    )
    assert (
        "def s(this, /, *, k: int) -> None: _T.pre_s_callback(this) return _T.s(this, k=k)" in got
    )


def test_R28_method_without_a_named_object():
    got = body(
        event("s", method("s", "self, /, *args: int", "int"), own_method("pre", "pre_s_callback"))
    )
    assert "def s(self, /, *args: int) -> int:" in got
    assert "return _T.s(self, *args)" in got


def test_R21_none_one_and_several_values():
    got = body(
        event(
            "s",
            method("s", "self, a: int, b: int", "int"),
            function("pre", "none"),
            function("pre", "one", ["b"]),
            function("pre", "two", ["b", "a"]),
            function("pre", "by_key", ["a", Taken("b", by_keyword=True)]),
        )
    )
    assert (
        "none(self) b = one(self, b) b, a = two(self, b, a) a, b = by_key(self, a, b=b) "
        "return _T.s(self, a, b)" in got
    )


def test_R23_post_values():
    value = event(
        "s",
        method("s", "self", "int"),
        function("post", "f", ["anything"]),
        function("post", "g", [Taken("return_value", by_keyword=True)]),
    )
    assert (
        "result: int = _T.s(self) result = f(self, result) result = g(self, return_value=result) "
        "return result" in body(value)
    )
    none = event("s", method("s", "self", "None"), function("post", "f"))
    assert "def s(self) -> None: _T.s(self) f(self)" in body(none)
    assert "result" not in body(none)
    unknown = event("s", method("s"), function("post", "f"), function("post", "g", ["value"]))
    assert (
        "def s(self) -> Any: result = _T.s(self) f(self) result = g(self, result) return result"
        in body(unknown)
    )


@pytest.mark.parametrize("name", ["apply", "Apply", "__call", "_apply", "init"])
def test_R23_a_method_gives_a_value_whatever_it_is_called(name):
    one = event(name, method(name, "self", "int"), function("pre", "f"), function("post", "g"))
    got = body(one)
    assert re.search(
        r"f\(self\) result(: int)? = \w+[.\w]+\(self\) g\(self\) return result", got
    ), got


@pytest.mark.parametrize("name", ["apply", "Apply", "__call__", "_apply", "__init__"])
def test_R23_none_is_passed_on_by_all_methods_but_init(name):
    got = body(event(name, method(name, "self", "None"), function("pre", "f")))
    assert ("return _T." in got) == (name != "__init__"), got


def test_R23_what_never_returns_has_no_return():
    """Checkers know that the call does not return; a value that a callback takes still gets a
    name."""
    one = event("s", method("s", "self", "typing:NoReturn"), function("post", "f"))
    assert "def s(self) -> NoReturn: _T.s(self) f(self)" in body(one)
    assert "return" not in body(one).partition("-> NoReturn")[2]
    one = event("s", method("s", "self", "typing:NoReturn"), function("post", "f", ["v"]))
    assert "result: Any = _T.s(self) result = f(self, result)" in body(one)


def test_R23_a_value_of_any_type_needs_no_annotation():
    one = event("s", method("s", "self", "typing:Any"), function("post", "f", ["v"]))
    assert "result = _T.s(self) result = f(self, result) return result" in body(one)


def test_R23_result_gives_way_to_a_parameter():
    got = body(
        event("s", method("s", "self, result, result_2", "int"), function("post", "f", ["v"]))
    )
    assert "result_3: int = _T.s(self, result, result_2) result_3 = f(self, result_3)" in got


def test_R24_async_events_and_generators():
    got = body(
        event(
            "s",
            method("s", "self, n: int", "int", is_async=True),
            function("pre", "a", ["n"], is_async=True),
            function("post", "b", ["v"]),
        ),
        event(
            "g",
            method("g", "self", "app.main:AsyncIterator", is_async=True, generator="async"),
            function("post", "c", ["v"]),
        ),
    )
    assert (
        "async def s(self, n: int) -> int: n = await a(self, n) result: int = await _T.s(self, n) "
        "result = b(self, result) return result" in got
    )
    assert (
        "def g(self) -> AsyncIterator: result: AsyncIterator = _T.g(self) result = c(self, result)"
        in got
    )
    assert "async def g" not in got


def test_R26_init_runs_around_the_source_init():
    got = body(
        event(
            "init",
            method("__init__", "self, n: int"),
            own_method("pre", "pre_init_callback"),
            own_method("post", "post_init_callback"),
        )
    )
    assert (
        "def __init__(self, n: int) -> None: _T.pre_init_callback(self) "
        "_T.__init__(self, n) _T.post_init_callback(self)" in got
    )


def test_R26_only_the_init_of_object_itself_is_called_through_another_name():
    """A class without one accepts no arguments, whatever the compiled ``__init__`` receives."""
    for owner in ("app.main:T", "zoo.main:T"):
        init = method("__init__", "self, n: int", owner=owner)
        made = event("init", init, own_method("pre", "pre_init_callback"))
        own = host("T", [made], module=owner[:8])
        assert "_T.__init__(self, n)" in output(own, path=f"{owner[:3]}/main.py")
    for spec, called in (("self", "_T.__init__(self)"), ("self, *args: Any", "init_of(_T)")):
        made = method("__init__", spec, owner="builtins:object")
        assert called in output(host("T", [event("init", made, own_method("pre", "p"))])), spec


def test_R28_init_that_a_decorator_writes():
    init = method("__init__", "self, lr: float, tags: list = ?", written_by_decorator=True)
    got = body(event("init", init, own_method("post", "post_init_callback")))
    assert "def __init__(self, *args: Any, **kwargs: Any) -> None:" in got
    assert "_T.__init__(self, *args, **kwargs)" in got
    got = body(event("init", init, function("pre", "rate", ["lr"])))
    assert "def __init__(self, lr: float, tags: list = _default_init_tags) -> None:" in got
    assert "lr = rate(self, lr) _T.__init__(self, lr, tags)" in got
    got = body(event("init", init, function("pre", "tagged", ["tags"])))
    assert 'tags = made_field(self, "tags", tags) tags = tagged(self, tags) _T.__init__' in got


def test_R28_overloads_are_repeated():
    overloads = (
        Overload(params("self, a: int"), text("int")),
        Overload(params("self, a: str, b: int = ?"), text("str"), "type: ignore[misc]"),
    )
    whole = output(
        host(
            "T",
            [
                event(
                    "s",
                    method(
                        "s", "self, a: app.main:A, b: int = 0", "app.main:A", overloads=overloads
                    ),
                    function("post", "f", ["v"]),
                )
            ],
        )
    )
    got = squeezed(whole.partition("\nclass T(")[2])
    assert "@overload def s(self, a: int) -> int: ..." in got
    assert "@overload def s(self, a: str, b: int = ...) -> str: ..." in got
    assert got.index("@overload def s(self, a: str") < got.index(
        "def s(self, a: A, b: int = 0) -> A:"
    )
    # An implementation's union need not match any overload: it is called without types.
    assert "_T_s: Callable[..., Any] = _T.s" in whole
    assert "result: A = _T_s(self, a, b)" in got


def test_R28_private_methods_keep_their_mangled_name():
    got = output(
        host(
            "T",
            [
                event(
                    "_Base__secret",
                    method("__secret", "self, __x: int", "int", owner="app.main:_Base"),
                    function("pre", "f", ["__x"]),
                )
            ],
        )
    )
    assert '_T_Base__secret: Callable[..., Any] = getattr(_T, "_Base__secret")' in got
    assert "def _Base__secret(self, _Base__x: int) -> int:" in got
    assert "_Base__x = f(self, _Base__x)" in got
    assert "result: int = _T_Base__secret(self, _Base__x)" in got


def test_R29_type_ignore_stands_where_checkers_look():
    def ignoring(comment):
        long = ", ".join(f"parameter_{n}: int" for n in range(9))
        return output(
            host(
                "T",
                [
                    event(
                        "s",
                        method("s", f"self, {long}", "int", type_ignore=comment),
                        own_method("pre", "pre_s_callback"),
                    )
                ],
            )
        )

    assert "    def s(  # type: ignore[override]\n" in ignoring("type: ignore[override]")
    assert "    def s(  # type: ignore\n" in ignoring("type: ignore")
    assert "    def s(  # type: ignore[override]\n" in ignoring(
        "type: ignore[no-untyped-def, override]"
    )
    assert "ignore" not in ignoring("type: ignore[no-untyped-def]")
    assert "ignore" not in ignoring("type: ignore[no-any-return, return-value]")


def test_R29_lambda_becomes_a_typed_function():
    whole = output(
        host(
            "T",
            [
                event(
                    "step",
                    method("step", "self, a: int, b", "str"),
                    lambda_("pre", "step", ["me", "x"], ["x + 1"], ["a"], 0, 3),
                    lambda_("pre", "step", ["me", "y", "x"], ["y, x"], ["b", "a"], 1, 3),
                    lambda_("pre", "step", ["s"], ["print(s)"], (), 2, 3),
                    lambda_("post", "step", ["s", "v"], ["v.strip()"], ["v"], 0, 2),
                    lambda_("post", "step", ["s"], ["print(\n    s,\n)"], (), 1, 2),
                )
            ],
        )
    )
    assert "def _t_pre_step(me: _T, x: int) -> int:\n    return x + 1\n" in whole
    assert (
        "def _t_pre_step_2(me: _T, y: Any, x: int) -> tuple[Any, int]:\n    return y, x\n" in whole
    )
    assert "def _t_pre_step_3(s: _T) -> None:\n    print(s)\n" in whole
    assert "def _t_post_step(s: _T, v: str) -> str:\n    return v.strip()\n" in whole
    assert "def _t_post_step_2(s: _T) -> None:\n    print(\n        s,\n    )\n" in whole
    assert whole.count("# app.main.T.<lambda>\ndef ") == 5
    found = 'listed(_T, "pre-step", "app.main.T.<lambda>", 0, of=3)'
    assert f'("pre-step", {found})' in squeezed(whole), (
        "the closed list has the source's own objects"
    )


def test_R29_subclasses_share_a_lambda_whose_types_are_the_same():
    step = method("step", "self, a: int", "int", owner="app.main:A")
    other = method("step", "self, a: str", "int", owner="app.main:C")
    shared = lambda_("pre", "step", ["self", "a"], ["a"], ["a"], owner="app.main:A")
    whole = output(
        host("A", [event("step", step, shared)], line=1),
        host("B", [event("step", step, shared)], line=2),
        host("C", [event("step", other, shared)], line=3),
    )
    assert whole.count("a = _a_pre_step(self, a)") == 2
    assert whole.count("a = _a_pre_step_2(self, a)") == 1
    assert "def _a_pre_step_2(self: _A, a: str) -> str:" in whole


def test_R10_objects_found_in_their_list_are_constants_with_a_type():
    """They are found by event and name, and by number if there are several (R48)."""
    owner = ClassId("app.main", "T")
    whole = output(
        host(
            "T",
            [
                event(
                    "s",
                    method("s", "self, a: int", "int"),
                    callback(
                        "pre",
                        ListedReach(owner, "pre-s", "app.main.make.<locals>.f"),
                        ["a"],
                        "app.main.T.x",
                    ),
                    callback(
                        "pre",
                        ListedReach(owner, "pre-s", "app.more.f", 1, 2, "app.more", ("app.more",)),
                        [Taken("a", annotation=text("int"))],
                        "app.more.f",
                        object="app.main:T",
                        returns="int",
                    ),
                    callback(
                        "post",
                        ListedReach(owner, "post_s", "app.main.f", 2, 3, None, ("app.b", "app.a")),
                        ["v"],
                        "app.main.T.y",
                        is_async=True,
                        returns="int",
                    ),
                )
            ],
        )
    )
    text_ = squeezed(whole)
    one = 'listed(_T, "pre-s", "app.main.make.<locals>.f")'
    assert f"_x: Callable[..., Any] = {one}" in text_
    two = 'listed(_T, "pre-s", "app.more.f", 1, of=2, by=more.__name__)'
    assert f"_f: Callable[[_T, int], int] = {two}" in text_
    assert "import app.more as more" in whole
    three = 'listed(_T, "post_s", "app.main.f", 2, of=3)'
    assert f"_y: Callable[[Any, Any], Coroutine[Any, Any, int]] = {three}" in text_
    for changing in ("a", "b"):
        assert f"import app.{changing}" in whole, "its statement has to have run"
    assert '("pre-s", _f)' in whole


def test_R32_what_no_annotation_needs_is_not_imported():
    reach = ListedReach(ClassId("app.main", "T"), "pre-s", "app.main.make.<locals>.f")
    made = callback("pre", reach, (), object="app.main:T", returns="int", name="app.main.f")
    one = host("T", [event("s", method("s", "self", "int"), made)], list_form="bare")
    whole = output(one)
    assert "_f: Callable[[_T], int] = listed(" in whole
    assert re.search(r"\bAny\b", whole) is None


def test_R12_function_of_a_script_is_looked_up():
    from arctic_codegen.model.hosts import Callback

    made: Callback = callback("pre", ScriptReach("app.run", "init_cb", (1,)), (), "app.run.f")
    made = msgspec.structs.replace(made, declared_at=place(path="/p/app/run.py"))
    whole = output(host("T", [event("s", method("s", "self", "int"), made)]))
    assert '_f: Callable[..., Any] = script("app.run", "app/run.py", "init_cb", 1)' in whole
    assert "import app.run" not in whole
    assert "/p/" not in whole


def test_R12_an_unnamed_entry_of_a_script_is_there_when_its_statement_has_run():
    owner = ClassId("app.main", "T")
    reach = StatementReach(owner, "app.run", "pre-s", "app.run.<lambda>", 2, "T.callbacks")
    made = callback("pre", reach, (), "app.run.<lambda>")
    made = msgspec.structs.replace(made, declared_at=place(path="/p/app/run.py"))
    whole = output(host("T", [event("s", method("s", "self", "int"), made)]))
    where = '_T, "app.run", "app/run.py", "T.callbacks"'
    call = f'stated({where}, "pre-s", "app.run.<lambda>", 2)'
    assert f"_t_pre: Callable[..., Any] = {call}" in squeezed(whole)
    assert "import app.run" not in whole
    assert "/p/" not in whole


def test_R47_an_unnamed_entry_of_a_script_is_taken_out_of_its_wrappers():
    owner = ClassId("app.main", "T")
    reach = StatementReach(owner, "app.run", "pre-s", "app.run.f", 0, "T.callbacks")
    made = callback("pre", reach, (), "app.run.f", wrappers=(Wrapper("every", 3),))
    made = msgspec.structs.replace(made, declared_at=place(path="/p/app/run.py"))
    whole = output(host("T", [event("s", method("s", "self", "int"), made)]))
    where = '_T, "app.run", "app/run.py", "T.callbacks"'
    start = f'stated({where}, "pre-s", "app.run.f", 0'
    assert f"{start}, inside=True)" in squeezed(whole)
    assert f"{start})" in squeezed(whole)


@pytest.mark.parametrize("returns", ["int", "None"])
def test_R58_callbacks_for_failures_stand_around_those_in_order(returns):
    late = [
        function("post", name, takes, wrappers=(Wrapper(kind),))
        for name, kind, takes in [
            ("g", "on_error", ["e"]),
            ("h", "always", []),
            ("k", "on_error", ["e"]),
            ("i", "always", []),
        ]
    ]
    got = body(event("s", method("s", "self", returns), function("post", "f"), *late))
    value, back = ("result = ", "return result ") if returns == "int" else ("", "")
    assert (
        f"try: {value}_T.s(self) f(self) {back}"
        "except BaseException as raised: _g(self, raised) _k(self, raised) raise "
        "finally: try: _h(self) finally: _i(self)"
    ) in got
    got = body(event("s", method("s", "self", "int"), *late[1::2]))
    assert "try: return _T.s(self) finally: try: _h(self) finally: _i(self)" in got
    assert "except" not in got


def test_R31_every_call_carries_its_name():
    long = "a_callback_with_a_long_name_that_leaves_no_room_for_a_comment_beside_it"
    whole = output(
        host(
            "T",
            [event("s", method("s", "self", "int"), function("pre", "f"), function("pre", long))],
        )
    )
    assert "        f(self)  # app.main.f\n" in whole
    assert f"  # app.main.f\n        {long}(self)\n" in whole, "the call alone says it"
    assert "return _T.s(self)  # app.main.T.s\n" in whole
    assert '\n    """Compiled from app.main.T.\n\n    Events: pre-s\n    """\n' in whole


@pytest.mark.parametrize("kind", ["plain", "awaited", "guarded", "twice guarded"])
def test_R31_a_comment_stands_beside_the_call_as_long_as_the_line_holds_it(kind):
    """Up to the last of 88 columns; a longer one is above the call: the formatter breaks no
    call."""
    wrappers = (Wrapper("rank_zero"), Wrapper("every", 3))
    more = {
        "awaited": {"is_async": True},
        "guarded": {"wrappers": wrappers[:1]},
        "twice guarded": {"wrappers": wrappers},
    }
    for columns in range(84, 94):
        indent = " " * (8 + 4 * ("guarded" in kind) + 4 * ("twice" in kind))
        statement = "(self)" if kind != "awaited" else "await (self)"
        length, odd = divmod(columns - len(f"{indent}{statement}  # app.main."), 2)
        name = "f" * length
        declared = "g" * (length + odd)  # the call does not show it
        text = f"{indent}{statement.replace('(', name + '(')}  # app.main.{declared}"
        assert len(text) == columns
        inner = FunctionReach("app.main", name)
        made = event(
            "s",
            method("s", "self", "int", is_async=kind == "awaited"),
            callback("pre", inner, (), f"app.main.{declared}", inner=inner, **more.get(kind, {})),
        )
        whole = output(host("T", [made]))
        assert (f"{text}\n" in whole) == (len(text) <= 88), (columns, whole)
        assert (f"{indent}# app.main.{declared}\n" in whole) == (len(text) > 88)


def test_R38_the_plain_method_has_the_type_of_the_source_s_unless_checkers_differ_in_it():
    one = event("s", method("s", "self", "int"), own_method("post", "post_s_callback"))
    whole = output(host("T", [one], framework="arctic_training"))
    assert re.search(r"^_T_s = plain\(_T\.s\)$", whole, re.MULTILINE), whole
    one = event("s", method("s", "self", "typing:Self"), own_method("post", "post_s_callback"))
    whole = output(host("T", [one], framework="arctic_training"))
    assert re.search(r"^_T_s: Callable\[\.\.\., Any\] = plain\(_T\.s\)$", whole, re.MULTILINE), (
        whole
    )


@pytest.mark.parametrize("phase", ["pre", "post"])
@pytest.mark.parametrize("returns", ["int", "None"])
def test_R40_late_callbacks_run_in_a_loop_at_the_end(returns, phase):
    settings = msgspec.structs.replace(SETTINGS, late_callbacks=True, semantics="documented")
    one = msgspec.structs.replace(
        event("s", method("s", "self, late", returns), function(phase, "f")), wrapped_as="s"
    )
    (plan,) = (
        planned(host("T", [one], framework="arctic_training"), settings=settings)
        .modules[0]
        .classes[0]
        .methods
    )
    value = returns == "int"
    call = (
        "        result, _ = late_2(self, result, {})"
        if value
        else "        late_2(self, None, {})"
    )
    assert plan.closing == (
        "for late_2 in self._initialized_callbacks:",
        '    if late_2.event == "post-s":',
        call,
        *(("return result",) if value else ()),
    )
    assert not [call for call in plan.calls if call.statement.startswith("return")]


def test_R9_runtime_semantics_of_a_class_on_arctic_training():
    one = msgspec.structs.replace(
        event("s", method("s", "self", "int"), function("pre", "f"), function("pre", "g")),
        runtime_pre=(function("pre", "g"),),
        runtime_post=(),
    )
    settings = msgspec.structs.replace(SETTINGS, semantics_of=(("app.main:T", "runtime"),))
    made = planned(
        host(
            "T",
            [one],
            framework="arctic_training",
            runtime_entries=(("pre-s", function("pre", "g")),),
        ),
        settings=settings,
    )
    plan = made.modules[0].classes[0]
    assert [call.key.name for call in plan.methods[0].calls] == ["app.main.g", "app.main.T.s"]
    assert "('pre-s', g)" in plan.attributes[1]
    assert "('pre-s', f)" not in plan.attributes[1]


def test_R12_a_class_of_the_output_means_its_source():
    made = callback(
        "pre",
        ScriptReach("app.run", "f"),
        [Taken("a", annotation=text("generated.app.main:T"))],
        "app.run.f",
        object="generated.app.main:T",
        returns="generated.app.other:U",
    )
    whole = output(host("T", [event("s", method("s", "self, a: int", "int"), made)]))
    assert "_f: Callable[[_T, _T], U] = script(" in whole
    assert "from generated.app.other import U" in whole, "what is not compiled here stays"


def test_R29_self_is_given_its_type_again():
    whole = output(
        host(
            "T",
            [
                event(
                    "me",
                    method("me", "self, other: typing:Self", "typing:Self"),
                    lambda_("pre", "me", ["self", "o"], ["o"], ["other"]),
                    lambda_("post", "me", ["self", "v"], ["v"], ["v"]),
                    own_method("post", "post_me_callback", ["v"], returns="typing:Self"),
                )
            ],
        )
    )
    assert "_T_me: Callable[..., Any] = _T.me" in whole
    assert "result: Self = _T_me(self, other)" in whole
    assert "_T_post_me_callback: Callable[..., Any] = _T.post_me_callback" in whole
    assert "def _t_pre_me(self: _T, o: Any) -> Any:" in whole


def test_R29_a_lambda_that_is_none():
    one = event("s", method("s", "self", "None"), lambda_("pre", "s", ["self"], ["None"]))
    whole = output(host("T", [one]))
    assert "def _t_pre_s(self: _T) -> None:\n    return None\n" in whole

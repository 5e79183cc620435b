"""Name clashes in generated modules (R29, R32)."""

from __future__ import annotations

import re
import sys

import msgspec

from arctic_codegen.model.hosts import ClassId, ListedReach
from arctic_codegen.model.spelling import mangled
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.plan.naming import (
    UniqueNames,
    already_named_by,
    called_after,
    identifiers,
    local,
    snake,
)
from tests.unit.plan.build import (
    Folder,
    callback,
    event,
    function,
    host,
    lambda_,
    method,
    output,
    own_method,
)


def test_names_are_handed_out_once():
    names = UniqueNames({"taken"})
    assert [names.pick("taken") for _ in range(3)] == ["_taken", "_taken_2", "_taken_3"]
    assert names.pick("free") == "free"
    assert names.pick("list") == "_list"
    assert names.pick("class") == "_class"
    assert names.pick("__private") == "_private"
    assert names.pick("__private") == "_private_2"
    assert names.pick("_") == "_name"
    assert names.pick("result") == "_result"
    assert names.pick("late") == "_late"  # the loop over callbacks that ArcticTraining has added
    assert names.pick("callbacks") == "_callbacks"
    # Python treats both spellings of this letter as one name.
    assert names.pick("\ufb01eld") == "field"
    assert names.pick("field") == "_field"


def test_mangled_as_python_does():
    assert mangled("__x", "Outer._Inner") == "_Inner__x"
    assert mangled("__x__", "A") == "__x__"
    assert mangled("_x", "A") == "_x"
    assert mangled("__x", "__") == "__x"


def test_small_helpers():
    assert snake("SFTTrainer") == "sft_trainer"
    assert snake("TrainerB") == "trainer_b"
    assert snake("NaNGuard") == "nan_guard"
    assert snake("MLflowLogger") == "mlflow_logger"
    assert snake("StopInARun") == "stop_in_a_run"
    assert local("result", {"result", "result_2"}) == "result_3"
    assert set(identifiers("f(a.b, 'c') + 1e5")) >= {"f", "a", "b", "c"}


def test_callables_are_called_after_their_definitions():
    for dotted, name in {
        "m.callbacks.at_most.<locals>.limit": "_limit",
        "m.callbacks.at_most.<locals>.wrapper": "_at_most",
        "m.callbacks.at_most.<locals>.<lambda>": "_at_most",
        "m.callbacks.BestLoss.__call__": "_best_loss",
        "m.callbacks.Curve.add": "_add",
        "m.callbacks._log": "_log",
        "m.callbacks.wrapper": "_wrapper",
        "m.T.<lambda>": "",
        "m.<lambda>": "",
    }.items():
        assert called_after(dotted) == name, dotted


def test_a_call_that_says_what_it_calls():
    for name, dotted in {
        "_T.post_step_callback": "m.T.post_step_callback",
        "_T_post_step_callback": "m.T.post_step_callback",
        "_T_init": "m.T.__init__",
        "log": "m.log",
        "_limit": "m.at_most.<locals>.limit",
        "_best_loss": "m.BestLoss.__call__",
    }.items():
        assert already_named_by(name, dotted), name
    for name, dotted in {
        "_T.step": "m.Base.step",
        "_limit": "m.my_limit",
        "_limit_2": "m.at_most.<locals>.limit",
        "_t_post_step": "m.T.<lambda>",
    }.items():
        assert not already_named_by(name, dotted), name


def found(phase, label, owner="app.main:T", nth=0):
    """One of three objects created by a function."""
    reach = ListedReach(ClassId(*owner.split(":")), f"{phase}-{label}", "app.more.f", nth, 3)
    made = callback(phase, reach, name="app.more.make.<locals>.hook", owner=owner)
    return msgspec.structs.replace(made, event_text=f"{phase}-{label}")


def test_R32_of_several_of_one_name_one_is_told_by_its_class_or_its_event():
    first, second = (
        host(
            name,
            [
                event("s", method("s"), found("pre", "s", f"app.main:{name}")),
                event(
                    "t",
                    method("t"),
                    found("pre", "t", f"app.main:{name}"),
                    found("pre", "t", f"app.main:{name}", 1),
                ),
            ],
            line=line,
        )
        for line, name in ((1, "First"), (9, "Second"))
    )
    names = re.findall(r"^(_\w+): Callable", output(first, second), re.MULTILINE)
    assert names == [
        "_hook", "_pre_t_hook", "_first_pre_t_hook",
        "_second_hook", "_second_pre_t_hook", "_second_pre_t_hook_2",
    ]  # fmt: skip
    assert names[:3] == re.findall(r"^(_\w+): Callable", output(first), re.MULTILINE)


def test_two_callbacks_of_one_name():
    whole = output(
        host(
            "T",
            [
                event(
                    "s",
                    method("s", "self", "int"),
                    function("pre", "hook", module="app.one"),
                    function("pre", "hook", module="app.two"),
                )
            ],
        )
    )
    assert "from app.one import hook\n" in whole
    assert "from app.two import hook as _hook\n" in whole


SOURCES = {
    "app/__init__.py": "",
    "app/one.py": "def hook(self): print('one')\n",
    "app/two.py": "def hook(self): print('two')\ndef closed(self): print('closed')\n",
    "app/main.py": """
        from __future__ import annotations
        from arctic_codegen import CallbackMixin
        import builtins
        from app import one, two
        class Any(CallbackMixin):
            callbacks = [("pre-step", one.hook), ("pre-step", two.hook), ("pre-step", two.closed),
                         ("post-step", lambda s, v: builtins.list(map(builtins.str, v)))]
            def step(
                this, self, super, value, result, print, closed, verify, hook, _Any, Callable
            ) -> list[int]:
                return [self, super, value, result, print, closed, verify, hook, _Any, Callable]
            def list(self, items: list[int]) -> list[int]: return items
            def pre_list_callback(self) -> None: print("list")
        class list(Any): ...
        class print_(Any): ...
        class _Any(Any): ...
        class str(Any): ...
        class app(Any): ...
        class type(Any): ...
        class TYPE_CHECKING(Any): ...
        class _source(Any): ...
        class verify(Any): ...
        class Outer:
            class Inner(Any): ...
            class app(Any): ...
        """,
}


def test_everything_at_once(tmp_path):
    names = ["Any", "list", "print_", "_Any", "str", "app", "type", "TYPE_CHECKING", "_source"]
    names += ["verify", "Outer.Inner", "Outer.app"]
    list_of_int = Text((Ref("builtins", "list", builtin=True), "[int]"))
    step = method(
        "step",
        "this, self, super, value, result, print, closed, verify, hook, _Any, Callable",
        owner="app.main:Any",
    )
    step = type(step)(
        step.name, step.defined_in, step.place, step.params, list_of_int, returns_none=False
    )
    items = method("list", "self, items", owner="app.main:Any")
    items = type(items)(
        items.name, items.defined_in, items.place, items.params, list_of_int, returns_none=False
    )
    body = (Ref("builtins", "list", builtin=True), "(map(")
    body = (*body, Ref("builtins", "str", builtin=True), ", v))")
    events = [
        event(
            "step",
            step,
            function("pre", "hook", module="app.one"),
            function("pre", "hook", module="app.two"),
            function("pre", "closed", module="app.two"),
            lambda_("post", "step", ["s", "v"], body, ["v"], owner="app.main:Any"),
        ),
        event("list", items, own_method("pre", "pre_list_callback", owner="app.main:Any")),
    ]
    hosts = [host(name, events, line=line) for line, name in enumerate(names, 1)]
    folder = Folder(tmp_path, SOURCES, *hosts)
    out = folder.run(
        """
        import app.main as m
        import generated.app.main as g
        for cls in (g.Any, g.list, g.str, g._source, g.app, g.Outer_app, g.Inner, g.TYPE_CHECKING):
            assert cls.__arctic_source__ is not cls and issubclass(cls, m.Any), cls
            assert cls.__module__ == "generated.app.main"
        assert g.Inner.__arctic_source__ is m.Outer.Inner
        assert g.Outer_app.__arctic_source__ is m.Outer.app
        print(g._Any().step(*range(10)))
        print(g.type().list([1]))
        """
    )
    numbers = [str(n) for n in range(10)]
    assert out.splitlines() == ["one", "two", "closed", str(numbers), "list", "[1]"]
    ruff = folder.command(
        sys.executable, "-m", "ruff", "check", "--isolated", "--select", "E4,E7,E9,F", "generated"
    )
    assert ruff.returncode == 0, ruff.stdout


def test_lambda_text_keeps_the_builtin_that_a_class_hides(tmp_path):
    whole = output(
        host(
            "print",
            [
                event(
                    "s",
                    method("s", "self", "None", owner="app.main:print"),
                    lambda_("pre", "s", ["self"], ["print(1)"], owner="app.main:print"),
                )
            ],
        )
    )
    assert "from builtins import print as _print" in whole
    assert "    _print(1)\n" in whole or "    _print_2(1)\n" in whole
    assert "\nclass print(" in whole

"""The text of the proof in a compiled module (R48)."""

from __future__ import annotations

import msgspec
import pytest

from arctic_codegen.model.hosts import ClassId, Contribution, Declared, ListedReach, StatementReach
from arctic_codegen.model.wrappers import FunctionReach, ScriptReach, Wrapper
from arctic_codegen.runtime.proof_text import parse
from tests.unit.plan.build import SETTINGS, event, function, host, method, output, planned

BASE = ClassId("app.base", "Base")
TRAINER = ClassId("app.main", "T")
LIST = ListedReach(TRAINER, "pre-s", "app.main.T.<lambda>")


def proof(*hosts, settings=SETTINGS):
    """The lines of the proof of ``app.main``."""
    (found,) = (one for one in planned(*hosts, settings=settings).modules if one.module != "x")
    return list(found.proof)


def entry(name="app.main.f", text="pre-s", params=("self",), is_async=False, **more):
    return Declared(text, name, params, is_async, **more)


ENTRIES = {
    "pre-s app.main:f(self)": entry(reach=FunctionReach("app.main", "f")),
    "pre-s app.main.T.<lambda>#2(self, x)": entry(
        "app.main.T.<lambda>", params=("self", "x"), reach=LIST, lambda_number=2
    ),
    "post-s async app.main.make.<locals>.g()": entry(
        "app.main.make.<locals>.g", "post-s", (), is_async=True
    ),
    "pre-s app.main.f": entry(params=None),
    "pre-s app.main:f(self) in every(3), optional": entry(
        reach=LIST,
        inner=FunctionReach("app.main", "f"),
        wrappers=(Wrapper("every", 3), Wrapper("optional")),
    ),
    "pre-s app.main:HOOKS[0][1] as app.main.f(self)": entry(
        reach=FunctionReach("app.main", "HOOKS", (0, 1))
    ),
    "[app.run?] pre-s app.run:f(self)": entry(
        "app.run.f", reach=ScriptReach("app.run", "f"), added_by="app.run", may_be_missing=True
    ),
    "[app.run] pre-s app.run.<lambda>(self)": entry(
        "app.run.<lambda>",
        reach=StatementReach(TRAINER, "app.run", "pre-s", "app.run.<lambda>", 0, "T.callbacks"),
        added_by="app.run",
    ),
}


@pytest.mark.parametrize("line", ENTRIES)
def test_R48_an_entry_is_one_line(line):
    contribution = Contribution(TRAINER, (ENTRIES[line],), ())
    lines = proof(host("T", contributions=(contribution,)))
    assert lines == ["class app.main:T", f"    {line}", "compiled T = T"]


def test_R48_methods_come_in_order_and_none_among_them():
    methods = (
        entry(text="post_s_callback", params=("self", "v")),
        "pre_s_callback",
        entry(text="pre_t_callback", params=None, is_async=True),
    )
    lines = proof(host("T", contributions=(Contribution(TRAINER, (), methods),)))
    assert lines == [
        "class app.main:T",
        "    def post_s_callback(self, v)",
        "    pre_s_callback = None",
        "    async def pre_t_callback",
        "compiled T = T",
    ]


def test_R48_classes_that_several_inherit_from_are_told_once():
    base = Contribution(BASE, (entry(),), ())
    own = Contribution(TRAINER, (entry(),), ())
    lines = proof(
        host("T", contributions=(base, own), line=1), host("U", contributions=(base,), line=2)
    )
    assert lines == [
        "class app.base:Base",
        "    pre-s app.main.f(self)",
        "class app.main:T",
        "    pre-s app.main.f(self)",
        "compiled T = Base, T",
        "compiled U = Base",
    ]


def test_R48_classes_of_one_name_are_told_apart():
    base = Contribution(ClassId("app.base", "T"), (entry(),), ())
    own = Contribution(TRAINER, (entry(),), ())
    assert proof(host("T", contributions=(base, own)))[-1] == "compiled T = app.base:T, app.main:T"


def test_R48_a_class_of_which_nothing_is_declared():
    assert proof(host("T")) == ["compiled T ="]


def test_R48_lists_that_statements_assign_and_classes_that_were_read_in_part():
    assigned = Contribution(BASE, (entry(),), (), assigned_by="app.more")
    part = Contribution(TRAINER, (), (), partial=True)
    lines = proof(host("T", contributions=(assigned, part)))
    assert lines[0] == "class app.base:Base assigned in app.more"
    assert lines[2] == "class app.main:T in part"


def test_R48_an_assigned_list_that_was_read_in_part():
    both = Contribution(TRAINER, (), (), assigned_by="app.more", partial=True)
    (found,) = parse("\n".join(proof(host("T", contributions=(both,)))), "app.main")[0].values()
    assert found.partial


def test_R48_the_methods_of_events_that_have_callbacks():
    events = [
        event("s", method("s", "self, a: int, *, k: str = 'x'", "int"), function("pre", "f")),
        event("t", method("t", "self, *args: int", "int", is_async=True), function("pre", "f")),
        event("u", method("u", "self, **options: int", "int"), function("post", "f")),
        event("v", method("v", "self", "int")),
    ]
    assert proof(host("T", events)) == [
        "compiled T =",
        "    def s(self, a, k)",
        "    async def t",
        "    def u",
    ]


def test_R48_with_runtime_semantics_the_collected_order_is_told():
    made = event("s", method("s", "self", "int"), function("pre", "f"), function("pre", "g"))
    first, second = made.pre
    named = entry(reach=FunctionReach("app.main", "f"), identity=first.identity)
    other = entry("app.main.g", identity=second.identity)
    one = host(
        "T",
        [made],
        framework="arctic_training",
        contributions=(Contribution(TRAINER, (named, other), ()),),
        runtime_entries=(("pre-s", second), ("pre-s", first)),
    )
    one = msgspec.structs.replace(
        one, events=(msgspec.structs.replace(made, runtime_pre=(second, first), runtime_post=()),)
    )
    settings = msgspec.structs.replace(SETTINGS, semantics="runtime")
    assert proof(one, settings=settings)[3:] == [
        "compiled T runtime as follows = T",
        "    pre-s app.main.g(self)",
        "    pre-s app.main:f(self)",
        "    def s(self)",
    ]
    same = msgspec.structs.replace(one, runtime_entries=(("pre-s", first), ("pre-s", second)))
    assert proof(same, settings=settings)[3:] == ["compiled T runtime = T", "    def s(self)"]
    documented = msgspec.structs.replace(SETTINGS, semantics="documented")
    assert proof(one, settings=documented)[3:] == ["compiled T = T", "    def s(self)"]


def test_R48_the_proof_stands_after_the_check_that_the_output_is_not_stale():
    contribution = Contribution(TRAINER, (entry(),), ())
    whole = output(host("T", contributions=(contribution,)))
    assert whole.index("verify(__file__") < whole.index("prove(\n") < whole.index("class T(")
    assert (
        """    prove(
        globals(),
        _source,
        \"\"\"
        class app.main:T
            pre-s app.main.f(self)
        compiled T = T
        \"\"\",
    )
"""
        in whole
    )


def test_R48_no_line_and_no_path_stands_in_the_proof():
    contribution = Contribution(TRAINER, tuple(ENTRIES.values()), ())
    text = "\n".join(proof(host("T", line=4711, contributions=(contribution,))))
    assert "4711" not in text
    assert "/p/" not in text
    assert ".py" not in text


def test_R48_what_is_written_is_what_the_proof_reads():
    """Every line is parsed as intended."""
    contribution = Contribution(TRAINER, tuple(ENTRIES.values()), ("pre_s_callback",), "app.run")
    text = "\n".join(proof(host("T", contributions=(contribution,))))
    contributions, (compiled,) = parse(text, "app.main")
    (found,) = contributions.values()
    assert compiled.source == "app.main:T"
    assert compiled.contributors == ["app.main:T"]
    assert found.assigned == "app.run"
    assert found.methods == {"pre_s_callback": None}
    for read, meant in zip(found.entries, contribution.entries, strict=True):
        assert read.event == meant.event
        assert read.params == meant.params
        assert read.is_async == meant.is_async
        assert read.lambda_number == meant.lambda_number
        assert read.module == meant.added_by
        assert read.maybe == meant.may_be_missing
        assert read.wrappers == tuple(map(str, meant.wrappers))
        assert read.name == meant.name

"""The final text, and the map from its calls to callbacks."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import msgspec
import pytest

from arctic_codegen.emit import emit, file_plans
from arctic_codegen.emit import format as format_module
from arctic_codegen.emit.format import FormatterFault, formatted
from arctic_codegen.emit.render import template_folder
from arctic_codegen.emit.verify import TextFault
from arctic_codegen.model.plan import PlanKey
from tests.unit.plan.build import (
    event,
    function,
    host,
    lambda_,
    method,
    outputs,
    own_method,
    planned,
)


def events():
    long = "a_callback_with_a_name_that_leaves_no_room_for_a_comment"
    return [
        event(
            "step",
            method("step", "self, größe: int", "int", is_async=True),
            function("pre", "f", ["größe"]),
            function("pre", long, is_async=True),
            lambda_("post", "step", ["self", "v"], ["v"], ["v"]),
        ),
        event("epoch", method("epoch", "self", "None"), own_method("post", "post_epoch_callback")),
    ]


def part(text, span):
    lines = text.split("\n")[span.line - 1 : span.end_line]
    lines[-1] = lines[-1][: span.end_column - 1]
    lines[0] = lines[0][span.column - 1 :]
    return "\n".join(lines)


def test_map_tells_each_call_and_definition():
    file = outputs(host("T", events()))["app/main.py"]
    told = [
        (one.kind, one.key.event, one.key.phase, one.key.index, part(file.text, one.span))
        for one in file.map
    ]
    calls = [one for one in told if one[0] in ("call", "source")]
    long = "a_callback_with_a_name_that_leaves_no_room_for_a_comment"
    assert calls == [
        ("call", "step", "pre", 0, "f(self, größe)"),
        ("call", "step", "pre", 1, f"{long}(self)"),
        ("source", "step", None, None, "_T.step(self, größe)"),
        ("call", "step", "post", 0, "_t_post_step(self, result)"),
        ("source", "epoch", None, None, "_T.epoch(self)"),
        ("call", "epoch", "post", 0, "_T.post_epoch_callback(self)"),
    ]
    assert {one.kind for one in file.map} == {"call", "source", "method", "lambda"}
    methods = [one for one in told if one[0] == "method"]
    assert [text.partition("(")[0] for *_, text in methods] == ["async def step", "def epoch"]
    lambdas = [one for one in told if one[0] == "lambda"]
    assert lambdas[0][1:4] == ("step", "post", 0)
    assert lambdas[0][4].startswith("def _t_post_step(self: _T, v: int) -> int:")


@pytest.mark.parametrize("change", [{"statement": "pass"}, {"callee": "other"}])
def test_a_text_that_is_not_the_plan_is_a_fault(change):
    plans = planned(host("T", events()))
    module = plans.modules[0]
    method_ = module.classes[0].methods[0]
    key = PlanKey(module.classes[0].id, "step", "pre", 9, "x")
    odd = msgspec.structs.replace(method_.calls[0], **change, key=key)
    broken = msgspec.structs.replace(method_, calls=(odd, *method_.calls[1:]))
    cls = msgspec.structs.replace(module.classes[0], methods=(broken,))
    changed = msgspec.structs.replace(
        plans, modules=(msgspec.structs.replace(module, classes=(cls,)),)
    )
    with pytest.raises(TextFault, match=r"app\.main\.T\.step"):
        emit(file_plans(changed))


def test_every_file_compiles():
    for path, file in outputs(host("T", events())).items():
        if path.endswith(".py"):
            compile(file.text, path, "exec", dont_inherit=True)


def test_a_text_that_python_refuses_is_a_fault():
    plans = planned(host("T", events()))
    module = msgspec.structs.replace(plans.modules[0], constants=("1 +",))
    with pytest.raises(FormatterFault, match=r"app/main\.py"):
        emit(file_plans(msgspec.structs.replace(plans, modules=(module,))))


def test_formatting_keeps_every_file_apart():
    texts = {"a/b.py": "x=1\n", "a_b.py": "y  =  'ä'\n", "pyproject.toml": "z=1"}
    assert formatted(texts, iter(())) == {
        "a/b.py": "x = 1\n",
        "a_b.py": 'y = "ä"\n',
        "pyproject.toml": "z = 1\n",
    }


def ran_in(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders that the formatter is called with."""
    given: list[str] = []
    run = format_module._run
    monkeypatch.setattr(
        format_module,
        "_run",
        lambda command, *rest: (given.append(command[-1]), run(command, *rest)),
    )
    return given


@pytest.mark.parametrize(
    ("memory", "temporary", "used"),
    [
        ("memory", None, "memory"),
        ("memory", "chosen", "chosen"),  # by the user, in TMPDIR
        ("missing", None, "usual"),
        ("a_file", None, "usual"),  # reports free space, but no folder can be created
    ],
)
def test_what_is_formatted_stands_in_memory_where_there_is_room(
    memory, temporary, used, monkeypatch, tmp_path
):
    for name in ("memory", "chosen", "usual"):
        (tmp_path / name).mkdir()
    (tmp_path / "a_file").touch()
    for name in ("TEMP", "TMP", "TMPDIR"):
        monkeypatch.delenv(name, raising=False)
    if temporary:
        monkeypatch.setenv("TMPDIR", str(tmp_path / temporary))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / (temporary or "usual")))
    monkeypatch.setattr(format_module, "_IN_MEMORY", str(tmp_path / memory))
    folders = ran_in(monkeypatch)
    assert formatted({"a.py": "x=1\n"}, iter(())) == {"a.py": "x = 1\n"}
    assert {Path(folder).parent for folder in folders} == {tmp_path / used}


def test_what_killed_builds_have_left_in_memory_is_removed(monkeypatch, tmp_path):
    for name in ("arctic-codegen-old", "arctic-codegen-new", "somebody-s"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f0.py").touch()
    os.symlink("somebody-s", tmp_path / "arctic-codegen-link")
    for name in ("arctic-codegen-old", "somebody-s"):
        os.utime(tmp_path / name, (0, 0))
    monkeypatch.setattr(format_module, "_IN_MEMORY", str(tmp_path))
    formatted({"a.py": "x=1\n"}, iter(()))
    left = ["arctic-codegen-link", "arctic-codegen-new", "somebody-s"]
    assert sorted(os.listdir(tmp_path)) == left
    assert (tmp_path / "somebody-s" / "f0.py").exists()


def test_memory_that_is_nearly_full_is_left_alone(monkeypatch, tmp_path):
    monkeypatch.delenv("TMPDIR", raising=False)
    (tmp_path / "memory").mkdir()
    monkeypatch.setattr(format_module, "_IN_MEMORY", str(tmp_path / "memory"))
    little = shutil._ntuple_diskusage(64 << 20, 56 << 20, 8 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: little)
    folders = ran_in(monkeypatch)
    formatted({"a.py": "x=1\n"}, iter(()))
    assert tmp_path / "memory" not in {Path(folder).parent for folder in folders}


def test_something_else_is_done_while_the_formatter_runs():
    steps = iter(range(10**9))
    assert formatted({"a.py": "x=1\n"}, steps) == {"a.py": "x = 1\n"}
    taken = next(steps)
    assert 0 < taken < 10**9 - 1

    def failing():
        yield 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        formatted({f"{n}.py": "x=1\n" * 200 for n in range(40)}, failing())


def test_what_a_linter_finds_in_a_persons_text_is_marked():
    made = lambda_("post", "s", ["self", "v"], ["v == None"], ["v"])
    text = outputs(host("T", [event("s", method("s", "self", "int"), made)]))["app/main.py"].text
    assert "    return v == None  # noqa: E711\n" in text
    assert text.count("noqa") == 1


def test_what_a_linter_finds_in_a_persons_names_is_marked():
    made = event("l", method("l", "self", "int"), function("post", "log"))
    text = outputs(host("I", [made]))["app/main.py"].text
    assert "class I(_I):  # noqa: E742\n" in text
    assert "    def l(self) -> int:  # noqa: E743\n" in text


def test_templates_of_code_decide_nothing():
    templates = set(template_folder().glob("*.jinja")) - set(template_folder().glob("*.html.jinja"))
    for template in templates:
        text = template.read_text(encoding="utf-8")
        for word in ("{% if", "{% set", "{% macro", "{% include", "{#"):
            assert word not in text, (template.name, word)


def test_R31_no_path_or_time_in_the_output():
    for file in outputs(host("T", events())).values():
        assert "/p/" not in file.text
        assert "\r" not in file.text
        assert file.text.endswith("\n")

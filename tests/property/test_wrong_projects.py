"""Broken projects: a finding and exit code 1, no internal error, and nothing written."""

from __future__ import annotations

import io
import random
import tokenize

import pytest

from arctic_codegen import api
from tests.property import support
from tests.property.projects import generate

WRONG = {
    "AC201": "callbacks = [('pre-no_such_event', lambda self: None)]",
    "AC203": "callbacks = [('around-broken', lambda self: None)]",
    "AC204": "callbacks = [('pre-broken',)]",
    "AC205": "callbacks = input()",
    "AC206": "callbacks = [(input(), lambda self: None)]",
    "AC207": "callbacks = [('pre-broken', {}['x'])]",
    "AC215": "callbacks = [('pre-broken', 3)]",
    "AC103": "callbacks = [('pre-broken', no_such_function)]",
    "AC401": "def pre_broken_callback(self, no_such_parameter): return no_such_parameter",
    "AC402": "def pre_broken_callback(self, given=1): return given",
    "AC403": "def pre_broken_callback(self, *given): return given",
    "AC404": "callbacks = [('pre-broken', lambda: None)]",
    "AC405": "def post_broken_callback(self): ...",
    "AC406": "def pre_broken_callback(self, given): print(given)",
    "AC408": "def pre_broken_callback(self): return 1",
    "AC409": "def post_broken_callback(self, value): print(value)",
    "AC411": "async def pre_broken_callback(self): ...",
    "AC209": "pre_broken_callback = staticmethod(lambda: None)",
}


@pytest.mark.parametrize("code", WRONG)
def test_one_wrong_class_in_a_right_project(code, tmp_path):
    """Only its finding is reported, at its own lines, and the rest is not written either."""
    seed = int(code[2:])
    project = generate(seed)
    module = project.modules[-1].rpartition(".")[2]
    path = f"{project.name}/{module}.py"
    line = project.files[path].count("\n")
    project.files[path] += (
        "\n\nimport arctic_codegen as the_tool\n\n\n"
        "class Broken(the_tool.CallbackMixin):\n"
        "    def broken(self, given: int) -> int:\n        return given\n\n"
        f"    {WRONG[code]}\n"
    )
    root = support.write(project, tmp_path)
    errors = support.build(root)
    assert [error.split()[1] for error in errors] == [code], errors
    name, row, _ = errors[0].split()[0].split(":")
    assert name == f"{module}.py"
    assert int(row) > line
    assert support.output(root) == {}


def spoil(text, rng):
    """The text with a few tokens removed, doubled, or exchanged."""
    tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    lines = text.splitlines(keepends=True)
    for _ in range(rng.randint(1, 3)):
        token = rng.choice([t for t in tokens if t.string.strip() and t.start[0] == t.end[0]])
        other = rng.choice([t.string for t in tokens if t.type == token.type and t.string.strip()])
        row, start, end = token.start[0] - 1, token.start[1], token.end[1]
        new = rng.choice(["", f"{token.string} {token.string}", other])
        lines[row] = lines[row][:start] + new + lines[row][end:]
    return "".join(lines)


def spoiled(seed, folder):
    rng = random.Random(seed)
    project = generate(seed)
    for path in rng.sample(sorted(p for p in project.files if project.files[p]), 2):
        project.files[path] = spoil(project.files[path], rng)
    root = support.write(project, folder)
    try:
        result = api.build(working_folder=root, use_cache=False)
    except Exception as error:
        raise AssertionError(f"{root}: {error!r}") from error
    assert result.exit_code in (0, 1)
    if result.exit_code:
        assert all(f.place is not None for f in result.findings)
        assert support.output(root) == {}


@pytest.mark.parametrize("first", range(8000, 8060, 20))
def test_spoiled_projects(first, tmp_path):
    for seed in range(first, first + 20):
        spoiled(seed, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("first", support.batches(9000, 100, 3))
def test_many_spoiled_projects(first, tmp_path):
    for seed in range(first, first + 100):
        spoiled(seed, tmp_path)


@pytest.mark.long
def test_any_valid_python_is_read_without_a_fault(tmp_path):
    import hypothesmith
    from hypothesis import HealthCheck, given, settings

    (tmp_path / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["m.py"]\n')
    module = tmp_path / "m.py"

    @settings(
        max_examples=150, deadline=None, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(hypothesmith.from_grammar())
    def read(source):
        try:
            data = source.encode("utf-8")
        except UnicodeEncodeError:
            return
        module.write_bytes(data)
        assert api.build(working_folder=tmp_path, use_cache=False).exit_code in (0, 1)

    read()

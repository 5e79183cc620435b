"""``check --fix`` on deliberately broken sources, in all kinds of file formats."""

from __future__ import annotations

import re

import pytest

from tests.e2e.typecheck.real import real_projects
from tests.e2e.typecheck.stripping import (
    NEWLINES,
    SPELLINGS,
    callbacks_of,
    ends_of,
    line_changes,
    written,
)

CONFIG = """
[tool.arctic-codegen]
sources = ["app"]
"""

# One mistake of each kind: `<wrong|right>`.
MARKED = '''"""é: <post-stpe>."""
from arctic_codegen import CallbackMixin; É = "é"


def log(trainer: "Trainer", <bacth|batch>: int) -> int:
    """bacth: é."""; print("é", <bacth|batch>, trainer.É)  # bacth
    return <bacth|batch>


class Trainer(CallbackMixin):
    É = "é"; callbacks = [("pre-step", log), ("<post-stpe|post-step>", lambda self: print("é"))]

    def step(self, batch: int, scale: float = 1.0) -> None:
        print("step", batch, scale)

    def loss(self, é: str) -> float:
        return len(é) + 1.0

    def pre_step_callback(self, batch: int, scale: float) -> tuple[int, float]:
        if batch > 10:
            return<| batch, scale>  # early
        return (  # (scale, batch)
            <scale|batch>,  # é
            <batch|scale>,
        )

    def post_<losss|loss>_callback(self, value: float) -> float:
        if value:
            print("é")  # é<|
        return value>


class Child(Trainer):  # noqa  <# arctic-codegen: ignore[AC201]  |># é
    def pre_loss_callback(self, é: str) -> str: print("é")<|; return é>


class Other(CallbackMixin):
    def step(self, *, scale: float = 2.0) -> float: return scale

    def pre_step_callback(self, <scala|scale>: float) -> float: return <scala|scale>
'''
WRONG = re.sub(r"<([^|<>]*)\|([^|<>]*)>", r"\1", MARKED)
RIGHT = re.sub(r"<([^|<>]*)\|([^|<>]*)>", r"\2", MARKED)

PROGRAM = """
import importlib, sys
for name in sys.argv[1:]:
    module = importlib.import_module("generated.app." + name)
    trainer = module.Child()
    trainer.step(3)
    print(module.Other().step())
    print(trainer.loss("é"))
"""

WAYS = {
    f"{newline}_{spelling}": (newline, spelling) for newline in NEWLINES for spelling in SPELLINGS
}


def test_however_a_file_is_written_only_mistakes_are_mended(project):
    p = project({"main.py": PROGRAM, "app/right.py": RIGHT}, CONFIG)
    assert p.build().code == 0
    printed = p.python("import runpy, sys; sys.argv[1:] = ['right']; runpy.run_path('main.py')")
    (p.root / "app" / "right.py").unlink()
    before = {}
    for name, way in WAYS.items():
        path = p.root / "app" / f"{name}.py"
        before[path] = written(WRONG, *way)
        path.write_bytes(before[path])
    assert p.build().code == 1
    shown = p.cli("check", "--fix", "--diff")
    assert shown.code == 1, shown.stderr
    assert {path: path.read_bytes() for path in before} == before
    ran = p.cli("check", "--fix", "--format", "concise")
    assert {found.code for found in ran.findings} == {"AC604", "AC606"}, ran.stdout
    for path, way in zip(before, WAYS.values(), strict=True):
        after = path.read_bytes()
        right = written(RIGHT, *way)
        if way[0] != "mixed":
            assert after == right, path
            continue
        # A new line has the line end of the line before, so that all others stay unchanged.
        for old, new in line_changes(before[path], after):
            for one, other in zip(old, new, strict=False):
                assert ends_of(one) == ends_of(other)
        assert re.sub(rb"\r\n|\r", b"\n", after) == re.sub(rb"\r\n|\r", b"\n", right)
        assert ends_of(after) == ends_of(before[path])
    assert p.build().code == 0
    program = f"import runpy, sys; sys.argv[1:] = {list(WAYS)}; runpy.run_path('main.py')"
    assert p.python(program) == printed * len(WAYS)
    again = p.cli("check", "--fix", "--strict", "--format", "concise")
    assert (again.code, again.stdout) == (0, ""), again.stderr


def swapped(name: str) -> str:
    """A name with a typo."""
    return name[0] + name[2] + name[1] + name[3:]


def broken(text: str, lines: set[int]) -> tuple[str, dict[str, int]]:
    """A module with possible mistakes in its callbacks, and how often each occurs."""
    counts: dict[str, int] = {}

    def count(what: str, number: int) -> None:
        counts[what] = counts.get(what, 0) + number

    rows = text.split("\n")
    for line in sorted(lines, reverse=True):
        header = rows[line - 1]
        indent = len(header) - len(header.lstrip())
        end = next(
            (
                number
                for number in range(line, len(rows))
                if rows[number].strip() and len(rows[number]) - len(rows[number].lstrip()) <= indent
            ),
            len(rows),
        )
        while not rows[end - 1].strip():
            end -= 1
        body = rows[line - 1 : end]
        match = re.match(r"\s+def (pre|post)_(\w+)_callback\(self, (\w+)", header)
        taken = re.match(r"\s*def \w+\(\w+(?:: [\w.]+)?, (\w+)", header)
        name = taken[1] if taken else ""
        if name and body[-1] == f"{' ' * (indent + 4)}return {name}" and body[-2].strip():
            count("return", 1)
            body.pop()
        if match and match[1] == "pre" and not any(swapped(name) in row for row in body):
            count("parameter", 1)
            body = [
                row
                if row.lstrip().startswith(("#", '"""'))
                else re.sub(rf"(?<![.\w]){name}\b", swapped(name), row)
                for row in body
            ]
        # "laod" may be "load" and "loaded", "cehckpoint" also "request_checkpoint".
        if re.match(r"\s+def (pre|post)_(?!load_|checkpoint_)\w+_callback\(", header):
            count("method", 1)
            body[0] = re.sub(
                r"(pre|post)_(\w+)(?=_callback)", lambda m: f"{m[1]}_{swapped(m[2])}", body[0]
            )
        rows[line - 1 : end] = body
    made = "\n".join(rows)
    made, number = re.subn(
        r'(\(\s*"(?:pre|post)-)(?!load")([\w-]+)(?=",)', lambda m: m[1] + swapped(m[2]), made
    )
    count("event", number)
    made, number = re.subn(
        r"^class .*:$", r"\g<0>  # arctic-codegen: ignore[AC201]", made, flags=re.M
    )
    count("ignore", number)
    return made, counts


@pytest.mark.long
def test_real_projects_that_were_broken_are_as_they_were(tmp_path):
    p = real_projects(tmp_path)
    assert p.build().code == 0
    before = {}
    total: dict[str, int] = {}
    for name, lines in callbacks_of(p).items():
        path = p.root / name
        before[path] = path.read_bytes()
        text, counts = broken(before[path].decode(), lines)
        path.write_text(text)
        for what, number in counts.items():
            total[what] = total.get(what, 0) + number
    assert len(before) >= 15
    assert min(total[one] for one in ("event", "method", "parameter", "return", "ignore")) >= 2, (
        total
    )
    assert p.build().code == 1
    ran = p.cli("check", "--fix", "--format", "concise", timeout=600)
    for path, data in before.items():
        assert path.read_bytes() == data, path
    assert f"{len(before)} sources are edited: " in ran.stderr
    assert p.build("--check").code == 0

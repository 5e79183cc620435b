"""R65: a moved or renamed declaration is one change; `--fail-on` sets the exit code."""

from __future__ import annotations

import pytest

from tests.e2e.diff.test_diff import committed

SOURCE = """
    from arctic_codegen import CallbackMixin


    def log(trainer: "Base") -> None: ...


    def flush(trainer: "Base") -> None: ...


    class Base(CallbackMixin):
        def step(self) -> None: ...

        def train(self) -> None: ...


    class Trainer(Base):
        callbacks = [("post-step", log), ("post-step", flush)]

        def post_train_callback(self) -> None: ...
"""


@pytest.fixture
def repository(tmp_path):
    ignored = {".gitignore": "generated/\n.arctic-codegen-cache/\n"}
    files = {"app/__init__.py": "", "app/main.py": SOURCE}
    return committed(tmp_path / "repo", {**ignored, **files})


def changed(p, *edits):
    path = p.root / "app" / "main.py"
    text = path.read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    ran = p.cli("diff", "--fail-on", "changed")
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    return ran.code, [line for line in lines if line and line[0] in "+-~!"]


def test_R65_a_method_that_moves_to_a_base(repository):
    method = "    def post_train_callback(self) -> None: ...\n"
    code, lines = changed(
        repository,
        (f"\n{method}", ""),
        ("    def train(self)", f"{method}\n    def train(self)"),
    )
    assert code == 1
    (line,) = (one for one in lines if one.startswith("!"))
    assert line.endswith(
        "was app.main.Trainer.post_train_callback, now app.main.Base.post_train_callback"
    )
    assert not [one for one in lines if one.startswith(("-", "+")) and "Trainer" in one]


def test_R65_a_function_with_another_name(repository):
    code, lines = changed(repository, ("log", "write"))
    assert code == 1
    assert lines == [
        "! app.main.write app/main.py:4 was app.main.log of app.main.Trainer,"
        " now app.main.write of app.main.Trainer"
    ]


def test_R65_an_entry_that_moves_to_a_base(repository):
    code, lines = changed(
        repository,
        ('("post-step", log), ', ""),
        (
            "class Base(CallbackMixin):\n",
            'class Base(CallbackMixin):\n    callbacks = [("post-step", log)]\n\n',
        ),
    )
    assert code == 1
    assert (
        "! app.main.log app/main.py:4 was app.main.log of app.main.Trainer,"
        " now app.main.log of app.main.Base" in lines
    )


@pytest.mark.parametrize(
    ("kinds", "code"),
    [("", 0), ("added", 1), ("removed", 0), ("removed, moved", 0), ("added,changed", 1)],
)
def test_R65_fail_on_is_a_gate(repository, kinds, code):
    path = repository.root / "app" / "main.py"
    path.write_text(path.read_text().replace("[(", '[("pre-step", flush), ('))
    assert repository.cli("diff", "--fail-on", kinds).code == code


def test_wrong_kinds_are_said(repository):
    ran = repository.cli("diff", "--fail-on", "added,other")
    assert ran.code == 2
    assert "--fail-on: unknown kind 'other'" in ran.stderr

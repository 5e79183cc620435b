"""R65: `diff`, `explain` and `list` show the arguments of calls that create callbacks."""

from __future__ import annotations

import json

import pytest

from tests.e2e.diff.test_diff import committed

SOURCE = """
    import functools
    from functools import partial

    from arctic_codegen import CallbackMixin, every
    from arctic_codegen.callbacks import Callback
    from app.options import BY, COUNT


    def scale(trainer: "Trainer", value: float, factor: float) -> float:
        return value * factor


    def clip(limit: float, *, low: float = 0.0):
        def inner(trainer: "Trainer", value: float) -> float:
            return max(low, min(value, limit))

        return inner


    class EveryN:
        def __init__(self, n: int, names: "list[str]") -> None:
            self.n = n

        def __call__(self, trainer: "Trainer") -> None: ...


    class Scale(Callback):
        def __init__(self, by: float) -> None:
            self.by = by

        def post_grad(self, trainer: "Trainer", value: float) -> float:
            return value * self.by


    LIMIT = -1.5
    OPTIONS = {"n": 7, "names": ["x"]}
    NAMES = ["c"]
    HALF = functools.partial(scale, factor=0.5)


    class Trainer(CallbackMixin):
        callbacks = [
            ("post-loss", HALF),
            ("post-loss", every(10, clip(20.0, low=LIMIT))),
            *[("post-loss", clip(n)) for n in (1, 2)],
            ("post-step", EveryN(10, ["a", "b"])),
            ("post-init", EveryN(**OPTIONS)),
            ("post-init", EveryN(COUNT, NAMES)),
            *Scale(2.0),
            *Scale(3.0),
            *Scale(**BY),
            ("post-grad", Scale(4.0).post_grad),
        ]

        def grad(self) -> float:
            return 1.0

        def loss(self) -> float:
            return 1.0

        def step(self) -> None: ...
"""
OPTIONS = "from .values import BY as BY\nCOUNT = 2\n"
VALUES = 'BY = {"by": 9.0}\n'
SHOWN = [
    "functools.partial(scale, factor=0.5)",
    "every(10, clip(20.0, low=-1.5))",
    "clip(1)",
    "clip(2)",
    'EveryN(10, ["a", "b"])',
    'EveryN(n=7, names=["x"])',
    'EveryN(2, ["c"])',
    "Scale(by=9.0).post_grad",
    "Scale(2.0).post_grad",
    "Scale(3.0).post_grad",
    "Scale(4.0).post_grad",
]


@pytest.fixture
def repository(tmp_path):
    ignored = {".gitignore": "generated/\n.arctic-codegen-cache/\n"}
    files = {"main": SOURCE, "options": OPTIONS, "values": VALUES, "__init__": ""}
    files = {f"app/{name}.py": text for name, text in files.items()}
    return committed(tmp_path / "repo", {**ignored, **files})


def test_explain_and_list_show_them(repository):
    for command in (["explain", "app.main:Trainer"], ["list"]):
        ran = repository.cli(*command)
        assert ran.code == 0, ran.stderr
        for one in SHOWN:
            assert f" {one}  " in ran.stdout
    value = json.loads(repository.cli("explain", "app.main:Trainer", "--format", "json").stdout)
    (loss,) = (one for one in value["classes"][0]["events"] if one["event"] == "post-loss")
    assert [one["made"] for one in loss["callbacks"]] == [
        "functools.partial(scale, factor=0.5)",
        "clip(20.0, low=-1.5)",
        "clip(1)",
        "clip(2)",
    ]
    assert loss["callbacks"][0]["name"] == "app.main.scale"


EDITS = {
    "partial": (
        "factor=0.5",
        "factor=0.25",
        ("post-loss", "arguments", "functools.partial(scale, factor=0.5)",
         "functools.partial(scale, factor=0.25)"),
    ),
    "factory": (
        "clip(20.0",
        "clip(10.0",
        ("post-loss", "arguments", "clip(20.0, low=-1.5)", "clip(10.0, low=-1.5)"),
    ),
    "of_a_comprehension": ("(1, 2)", "(1, 3)", ("post-loss", "arguments", "clip(2)", "clip(3)")),
    "object": (
        'EveryN(10, ["a", "b"])',
        'EveryN(10, ["a"])',
        ("post-step", "arguments", 'EveryN(10, ["a", "b"])', 'EveryN(10, ["a"])'),
    ),
    "wrapper": (
        "every(10, clip",
        "every(20, clip",
        ("post-loss", "wrappers", "every(10, ...)", "every(20, ...)"),
    ),
    "constant": (
        "LIMIT = -1.5",
        "LIMIT = -2",
        ("post-loss", "arguments", "clip(20.0, low=-1.5)", "clip(20.0, low=-2)"),
    ),
    "unpacked_dict": (
        '"n": 7',
        '"n": 8',
        ("post-init", "arguments", 'EveryN(n=7, names=["x"])', 'EveryN(n=8, names=["x"])'),
    ),
    "named_list": (
        '["c"]', '["d"]', ("post-init", "arguments", 'EveryN(2, ["c"])', 'EveryN(2, ["d"])'),
    ),
    "name": ("low=LIMIT", "low=-1.5", None),
    "layout": ("clip(20.0, low=LIMIT)", "clip(\n    20.0,\n    low=LIMIT,  # here\n)", None),
    "callback_object": (
        "*Scale(2.0)",
        "*Scale(20.0)",
        ("post-grad", "arguments", "Scale(2.0).post_grad", "Scale(20.0).post_grad"),
    ),
    "bound_method": (
        "Scale(4.0)",
        "Scale(40.0)",
        ("post-grad", "arguments", "Scale(4.0).post_grad", "Scale(40.0).post_grad"),
    ),
    "order_of_callback_objects": (
        "*Scale(2.0),\n        *Scale(3.0)",
        "*Scale(3.0),\n        *Scale(2.0)",
        ("post-grad", "moved", 1, 2),
    ),
    "order": ("(1, 2)", "(2, 1)", ("post-loss", "moved", 3, 4)),
    "instead_of_a_function": (
        '("post-step", EveryN(10, ["a", "b"]))',
        '("post-step", EveryN(10, ["a", "b"])), ("post-step", EveryN(3, []))',
        ("post-step", "added", None, 2),
    ),
}  # fmt: skip


def test_diff_shows_what_changed_in_them(repository):
    p = repository
    path = p.root / "app" / "main.py"
    text = path.read_text()
    for name, (old, new, wanted) in EDITS.items():
        assert text.count(old) == 1, name
        path.write_text(text.replace(old, new))
        ran = p.cli("diff", "--format", "json")
        assert ran.code == 0, ran.stderr
        found = [
            (event["event"], one["change"], one["before"], one["after"])
            for cls in json.loads(ran.stdout)["classes"]
            for event in cls["events"]
            for one in event["changes"]
        ]
        assert found == ([] if wanted is None else [wanted]), name
    path.write_text(text)
    values = p.root / "app" / "values.py"
    values.write_text(VALUES.replace("9", "8"))
    assert "was Scale(by=9.0).post_grad, now Scale(by=8.0).post_grad" in p.cli("diff").stdout
    values.write_text(VALUES)
    path.write_text(text.replace("clip(20.0", "clip(10.0").replace(", EveryN(10", ", EveryN(11"))
    shown = p.cli("diff").stdout
    assert "    ! app.main.clip.<locals>.inner  " in shown
    assert "  was clip(20.0, low=-1.5), now clip(10.0, low=-1.5)\n" in shown
    assert '  was EveryN(10, ["a", "b"]), now EveryN(11, ["a", "b"])\n' in shown

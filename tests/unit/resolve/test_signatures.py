"""R21 to R24 and R29: signatures of methods and callbacks."""

from __future__ import annotations

import pytest

from tests.unit.resolve.hosts_support import resolved

HEAD = """
from typing import Optional
from arctic_codegen import CallbackMixin
class Trainer(CallbackMixin):
    def step(self, batch: int, *args: int, lr: float = 1.0, **kwargs: int) -> int: return batch
    def two(self, a: int, b: int) -> None: ...
    def maybe(self, a: Optional[int]) -> None: ...
    def plain(self, a) -> None: ...
    def epoch(self) -> None: ...
    def text(self) -> "None": ...
    def free(self): ...
    async def fetch(self) -> int: return 1
    async def stream(self):
        yield 1
class T(Trainer):
"""
LINE = HEAD.count("\n")


def told(body: str) -> list[tuple[str, int, int]]:
    lines = "".join(f"    {line}\n" for line in body.splitlines())
    got = resolved(HEAD + lines)
    return [(code, line - LINE + 1, column) for code, line, column in got.codes]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("def pre_step_callback(self, btch): return btch", [("AC401", 1, 33)]),
        ("def pre_step_callback(self, batch=1): return batch", [("AC402", 1, 33)]),
        ("def pre_step_callback(self, *rest): ...", [("AC403", 1, 34)]),
        ("callbacks = [('pre-epoch', lambda: None)]", [("AC404", 1, 32)]),
        ("def post_step_callback(self): ...", [("AC405", 1, 9)]),
        ("def post_epoch_callback(self, v): return v", [("AC405", 1, 9)]),
        ("def post_text_callback(self, v): return v", [("AC405", 1, 9)]),
        ("def post_free_callback(self, v): return v", []),
        ("def post_free_callback(self): ...", []),
        ("def post_free_callback(self, a, b): return a", [("AC405", 1, 9)]),
        ("def pre_step_callback(self, batch): ...", [("AC406", 1, 9)]),
        ("def pre_step_callback(self, batch): raise NotImplementedError", []),
        ("def pre_step_callback(self, batch): return None", [("AC406", 1, 48)]),
        ("def pre_step_callback(self, batch) -> None: return None", [("AC406", 1, 56)]),
        ("def pre_step_callback(self, batch) -> Optional[int]: return None", [("AC406", 1, 65)]),
        ("def pre_maybe_callback(self, a) -> Optional[int]: return None", []),
        ("def pre_maybe_callback(self, a) -> 'int | None': return None", []),
        ("def pre_maybe_callback(self, a): return None", [("AC406", 1, 45)]),
        ("def pre_plain_callback(self, a) -> Optional[int]: return None", []),
        ("def pre_step_callback(self, batch) -> Optional[int]: return", [("AC406", 1, 58)]),
        ("def pre_two_callback(self, a, b) -> Optional[T]: return None", [("AC406", 1, 61)]),
        ("def pre_step_callback(self, batch):\n    if batch: return batch", [("AC406", 1, 9)]),
        ("def pre_step_callback(self, batch):\n    def f(): return\n    return batch", []),
        ("def pre_two_callback(self, a, b): return a, b, 1", [("AC407", 1, 46)]),
        ("def pre_two_callback(self, a, b): return make()", []),
        ("def pre_two_callback(self, a): return a, a", []),
        ("def pre_two_callback(self, b, a): return a, b", [("AC410", 1, 46)]),
        ("def pre_step_callback(self): return 3", [("AC408", 1, 41)]),
        ("def pre_step_callback(self) -> None: return print()", []),
        ("def pre_step_callback(self): return self.log()", []),
        ("callbacks = [('pre-step', lambda self: 3)]", []),
        ("def post_step_callback(self, v): print(v)", [("AC409", 1, 9)]),
        ("def post_step_callback(self, v):\n    return v if v else None", []),
        ("async def pre_step_callback(self): ...", [("AC411", 1, 15)]),
        ("async def pre_stream_callback(self): ...", [("AC411", 1, 15)]),
        ("async def pre_fetch_callback(self): ...", []),
        ("def pre_fetch_callback(self): ...", []),
        ("def pre_step_callback(self, kwargs): return kwargs", [("AC412", 1, 33)]),
        ("def pre_step_callback(self, lr, batch): return lr, batch", []),
        ("@staticmethod\ndef pre_step_callback(self): ...", [("AC209", 2, 9)]),
        ("pre_step_callback = 3", [("AC209", 1, 5)]),
        ("callbacks = [('before-step', lambda self: 1)]", [("AC203", 1, 19)]),
    ],
)
def test_R21_to_R24_callbacks_against_their_method(body, expected):
    assert told(body) == expected


def test_findings_about_a_shared_function_stand_at_its_def_once():
    got = resolved(
        HEAD
        + """    pass
def bad(self, nope): return nope
class U(Trainer):
    callbacks = [("pre-step", bad)]
class V(Trainer):
    callbacks = [("pre-step", bad)]
"""
    )
    (finding,) = got.findings
    assert finding.code == "AC401"
    assert finding.place.span.line == LINE + 1
    assert any("entry" in one.message for one in finding.related)
    assert any("'step'" in one.message for one in finding.related)


def test_AC413_is_a_note_for_a_def_without_annotations():
    got = resolved(HEAD + "    def pre_epoch_callback(self): ...\n")
    assert [one.code for one in got.resolution.findings] == ["AC413"]
    got = resolved(HEAD + "    callbacks = [('pre-epoch', lambda self: None)]\n")
    assert got.resolution.findings == ()


def test_R29_annotations_come_from_the_nearest_method_that_has_them():
    got = resolved(
        HEAD
        + """    callbacks = [("pre-step", lambda self: None)]
    def step(self, batch, *args, lr=2.0, **kwargs): return batch
"""
    )
    method = got.method("T", "step")
    assert method.defined_in.name == "T"
    assert [(p.name, p.annotation is not None) for p in method.params] == [
        ("self", False),
        ("batch", True),
        ("args", True),
        ("lr", True),
        ("kwargs", True),
    ]
    assert method.returns is not None
    assert method.returns_none is False
    assert method.params[3].default.text == "2.0"


def test_R22_defaults_that_are_no_literals_stay_the_source_s_own():
    got = resolved(
        """
from arctic_codegen import CallbackMixin
EMPTY = object()
class T(CallbackMixin):
    callbacks = [("pre-run", lambda self: None)]
    def run(self, a=None, b=-1, c="x", d=(), e=EMPTY, f=[], *, g=1.5) -> None: ...
"""
    )
    texts = [p.default.text for p in got.method("T", "run").params[1:]]
    assert texts == ["None", "-1", "'x'", "()", None, None, "1.5"]


def test_R32_where_a_checker_infers_what_a_method_returns():
    """pyright would compare the inherited annotation with it."""
    body = """    def step(self, batch): return 1
    def epoch(self): ...
    async def fetch(self) -> int: return 2
    def two(self, a, b):  # type: ignore[override]
        ...
    callbacks = [(f"pre-{name}", lambda self: None) for name in ("step", "epoch", "fetch", "two")]
"""
    got = resolved(HEAD + body)
    comments = [got.method("T", name).type_ignore for name in ("step", "epoch", "fetch", "two")]
    inferred = "pyright: ignore[reportIncompatibleMethodOverride]"
    assert comments == [inferred, None, None, "type: ignore[override]"]


def test_R26_the_init_of_a_dataclass_has_its_fields():
    got = resolved(
        """
import dataclasses
from dataclasses import dataclass, field, InitVar, KW_ONLY
from typing import ClassVar
from arctic_codegen import CallbackMixin
def set_up(self, e: str) -> str:
    return e
@dataclass
class Base(CallbackMixin):
    a: int
    b: list[int] = field(default_factory=list)
    c: int = field(default=0, init=False)
    d: ClassVar[int] = 1
    plain = 3
@dataclasses.dataclass(frozen=True)
class T(Base):
    callbacks = [("pre-init", set_up)]
    a: int = 2
    e: InitVar[str] = "x"
    _: KW_ONLY
    f: float = 1.0
class U(T): ...
class V(T):
    def __init__(self, e: str) -> None: ...
"""
    )
    assert got.findings == []
    for name in ("T", "U"):
        method = got.method(name, "init")
        assert method.written_by_decorator
        assert [(p.name, p.kind, p.default and p.default.text) for p in method.params] == [
            ("self", "normal", None),
            ("a", "normal", "2"),
            ("b", "normal", None),
            ("e", "normal", "'x'"),
            ("f", "keyword_only", "1.0"),
        ]
        assert method.params[3].annotation.parts[-1].name == "str"
    assert not got.method("V", "init").written_by_decorator
    assert got.host("T").dataclass
    assert not got.host("U").dataclass


def test_R26_a_field_without_a_value_has_the_default_of_the_attribute():
    """As ``@dataclass`` reads it: from the class body, or from a base class."""
    got = resolved(
        """
from dataclasses import dataclass, field
from arctic_codegen import CallbackMixin
@dataclass
class Base(CallbackMixin):
    lr: float = 0.1
    tags: list[str] = field(default_factory=list, kw_only=True)
    name: str = field(default="n")
    steps: int = 3
    size: int = 4
class Between(Base):
    size = 5
@dataclass
class T(Between):
    def pre_init_callback(self, lr: float) -> float:
        return lr
    lr: float
    tags: list[str] = field(kw_only=True)
    name: str
    steps: int = 2
    steps = 7
    size: int
    @property
    def rate(self) -> float: ...
    rate: float
@dataclass(slots=True)
class Slots(CallbackMixin):
    lr: float = 0.1
@dataclass
class BelowSlots(Slots):
    lr: float
    def pre_init_callback(self, lr: float) -> float:
        return lr
@dataclass
class Wrong(Base):
    last: int
"""
    )
    taken = {
        cls: [
            (p.name, p.default and (p.default.text or "from the source"))
            for p in got.method(cls, "init").params[1:]
        ]
        for cls in ("T", "BelowSlots")
    }
    assert taken == {
        "T": [
            ("lr", "from the source"),
            ("name", "from the source"),
            ("steps", "from the source"),
            ("size", "from the source"),
            ("rate", "from the source"),
            ("tags", None),
        ],
        "BelowSlots": [("lr", None)],
    }
    assert got.findings == []


def test_R26_fields_that_a_dataclass_cannot_have_in_this_order():
    got = resolved(
        """
from dataclasses import dataclass
from arctic_codegen import CallbackMixin
@dataclass
class Base(CallbackMixin):
    lr: float = 0.1
    def post_init_callback(self) -> None: ...
@dataclass
class T(Base):
    steps: int
"""
    )
    [finding] = got.findings
    assert finding.code == "AC202"
    assert "the field 'steps' has no default, but 'lr' has" in finding.message


def test_R26_the_init_of_object():
    got = resolved(
        """
from arctic_codegen import CallbackMixin
class T(CallbackMixin):
    def pre_init_callback(self) -> None: ...
class E(CallbackMixin, Exception):
    def pre_init_callback(self) -> None: ...
"""
    )
    assert got.findings == []
    assert [p.name for p in got.method("T", "init").params] == ["self"]
    assert got.method("T", "init").returns_none
    assert [p.kind for p in got.method("E", "init").params] == [
        "normal",
        "var_positional",
        "var_keyword",
    ]


def test_R22_a_method_without_a_named_object_gets_one():
    got = resolved(
        HEAD + "    def step(*args): return args\n    def pre_step_callback(self): ...\n"
    )
    params = got.method("T", "step").params
    assert [(param.name, param.kind) for param in params] == [
        ("self", "positional_only"),
        ("args", "var_positional"),
    ]

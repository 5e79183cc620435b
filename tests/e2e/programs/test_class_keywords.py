"""R28: a compiled class receives the keyword values of the source's class statement."""

from __future__ import annotations

import pytest

BASES = """
from typing import Generic, TypeVar
from arctic_codegen import CallbackMixin
SEEN: dict[str, list[object]] = {}
def make(): return object()
class Base(CallbackMixin):
    def __init_subclass__(cls, *, kind=None, opts=None, **kw):
        super().__init_subclass__(**kw)
        kind = kind or "none"
        SEEN.setdefault(cls.__name__, []).extend([kind, opts])
    def step(self) -> None: ...
class Registry:
    def __init_subclass__(cls, kind=None, opts=None, **kw):
        super().__init_subclass__(**kw)
        SEEN.setdefault(cls.__name__, []).extend([kind, opts])
class Inside(Registry, CallbackMixin):
    def step(self) -> None: ...
T = TypeVar("T")
class TypedInside(Generic[T], Inside): ...
class Behind(CallbackMixin, Registry):
    def step(self) -> None: ...
class Between(Base):
    def __init_subclass__(cls, *, opts=None, **kw):
        super().__init_subclass__(opts=opts, **kw)
"""


@pytest.mark.parametrize(
    ("base", "keywords"),
    [
        ("Base", 'kind=f"{KIND}-x", opts={"a": 1}'),
        ("Base", "kind=make(), opts=[1, 2]"),
        ("Base", "kind=not KIND, opts=dict(a=1).get"),
        ("Base", "kind=KIND, opts=lambda: 3"),
        ("Base", "opts=(1, {2: 3}), kind=[*KIND] if KIND else None"),
        ("Inside", "kind=make(), opts={1, 2}"),
        ("Behind", "kind=make(), opts=dict(a=1)"),
        ("TypedInside[int]", "kind=make(), opts=dict(a=1)"),
        ("Between", "kind=make(), opts=make()"),
        ("Plain, Base", "kind=make(), opts=KIND"),
    ],
)
def test_R28_the_very_objects_of_the_class_statement(project, base, keywords):
    """Regardless of who consumes them, and of later bindings of the names in their values."""
    p = project(
        {
            "app/__init__.py": "",
            "app/bases.py": BASES,
            "app/main.py": f"""
from app.bases import Base, Behind, Between, Inside, TypedInside, make
KIND = "first"
class Plain: ...
class X({base}, {keywords}):
    def post_step_callback(self) -> None: print("called")
class Child(X): ...
KIND = "second"
""",
        }
    ).built()
    out = p.python(
        """
from app.bases import SEEN
from generated.app.main import Child, X
X().step(), Child().step()
kind, opts, *compiled = SEEN["X"]
assert len(compiled) == 2 and compiled[0] is kind and compiled[1] is opts, SEEN
print(kind)
"""
    )
    assert out.startswith("called\ncalled\n")
    assert "second" not in out


def test_R28_keywords_that_nothing_of_ours_sees(project):
    """A plain class before all others consumes them: the import error says what to write."""
    p = project(
        {
            "app/__init__.py": "",
            "app/bases.py": BASES,
            "app/main.py": """
from app.bases import Base, make
class Plain:
    def __init_subclass__(cls, *, kind=None, **kw): super().__init_subclass__(**kw)
class X(Plain, Base, kind=make()): ...
""",
        }
    ).built()
    failed = p.python("import generated.app.main", ok=False)
    assert "bind its value to a name at module level" in failed


def test_R28_keywords_that_are_unpacked(project):
    p = project(
        {
            "app/__init__.py": "",
            "app/bases.py": BASES,
            "app/main.py": "from app.bases import Base\noptions = {}\nclass X(Base, **options): ...\n",
        }
    )
    ran = p.build()
    assert ran.codes == [("app/main.py", 3, "AC104")]
    assert ran.findings[-1].column == len("class X(Base, **") + 1


def test_R28_a_name_that_stays_is_written_as_it_is(project):
    p = project(
        {
            "app/__init__.py": "",
            "app/bases.py": BASES,
            "app/main.py": """
from app.bases import Base
KIND = ["x"]
class X(Base, kind=KIND, opts=("a", -1)): ...
""",
        }
    ).built()
    assert "kind=KIND" in p.generated("app/main.py")
    assert "class_keyword" not in p.generated("app/main.py")

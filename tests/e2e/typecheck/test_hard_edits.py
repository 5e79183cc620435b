"""Edits in files with unusual text around them."""

from __future__ import annotations

import re
import textwrap

from tests.e2e.typecheck.conftest import CONFIG

LAX = CONFIG.replace("strict = true", "")

TYPES = """
class Batch:
    size = 1


class Any:
    size = 2
"""

CHECKING = "from typing import TYPE_CHECKING\n\nif TYPE_CHECKING:\n"

# Each is a module, and the expected last `def`s after `annotate`.
ANNOTATED: dict[str, tuple[str, list[tuple[str, str]]]] = {
    "signature": (
        """
        import functools

        def kept(function):
            @functools.wraps(function)
            def inner(*args, **kwargs):
                return function(*args, **kwargs)
            return inner

        @kept  # def cb(trainer, x):
        @(lambda function: function)
        def cb(  # def cb(trainer):
            trainer  # the object: it
            ,
            /,  # )
            *,
            b  # :
            , a  # -> None:
            ,
        ) \\
            :  # :
            return b, a

        class Trainer(CallbackMixin):
            callbacks = [("pre-step", cb)]

            def step(self, a: int, b: "dict[str, int]") -> None: ...
        """,
        [
            ("trainer  #", 'trainer: "Trainer"  #'),
            ("b  # :", "b: dict[str, int]  # :"),
            (", a  #", ", a: int  #"),
            (") \\\n", ") -> tuple[dict[str, int], int] \\\n"),
        ],
    ),
    "one_line": (
        """
        x = 1; \\
        y = 2

        def cb(trainer, a): b = "def cb(trainer, a):"; return a; b

        class Trainer(CallbackMixin):
            callbacks = [("pre-step", cb)]; x: int = 3

            def step(self, a: int) -> None: ...

            def post_step_callback(self): x = {1: 2}; print(x);
        """,
        [
            ("def cb(trainer, a): b", 'def cb(trainer: "Trainer", a: int) -> int: b'),
            ("post_step_callback(self):", "post_step_callback(self) -> None:"),
        ],
    ),
    "shadowed_in_the_class": (
        """
        class Base(CallbackMixin):
            def step(self, a: list[int], b: float, c: "Batch", d: "Base") -> None: ...

        class Batch: ...

        class Trainer(Base):
            def list(self) -> None: ...

            float = Batch = 3

            def pre_step_callback(self, a, b, c, d):
                return a, b, c, d
        """,
        [
            (
                "callback(self, a, b, c, d):",
                'callback(self, a: "list_[int]", b: "float_", c, d: "Base"):',
            ),
            (
                "import elsewhere\n",
                f"import elsewhere\n{CHECKING}"
                "    from builtins import float as float_\n"
                "    from builtins import list as list_\n",
            ),
        ],
    ),
    "shadowed_in_the_module": (
        """
        import app.types

        def cb(trainer, batch, n, any):
            return batch, n, any

        def Batch(): ...

        try:
            from nowhere import Any  # type: ignore
        except ImportError:
            pass

        class Trainer(elsewhere.Base):
            callbacks = [("pre-two", cb)]

        int = 3
        """,
        [
            (
                "def cb(trainer, batch, n, any):",
                'def cb(trainer: "Trainer", batch: app.types.Batch, n: "int_", any: app.types.Any)'
                ' -> "tuple[app.types.Batch, int_, app.types.Any]":',
            ),
            (
                "import app.types\n",
                f"import app.types\n{CHECKING}    from builtins import int as int_\n",
            ),
        ],
    ),
    "not_type_checking": (
        """
        from typing import TYPE_CHECKING

        if not TYPE_CHECKING:
            from app.types import Batch

        class Trainer(elsewhere.Base):
            callbacks = [("pre-step", lambda self, batch: batch)]

            def pre_step_callback(self, batch):
                return batch
        """,
        [
            ("callback(self, batch):", 'callback(self, batch: "Batch_") -> "Batch_":'),
            (
                "import TYPE_CHECKING\n",
                "import TYPE_CHECKING\n\n"
                "if TYPE_CHECKING:\n    from app.types import Batch as Batch_\n",
            ),
        ],
    ),
    "late_type_checking": (
        """
        import os; paths = [
            os.sep,
        ]

        class Trainer(elsewhere.Base):
            def pre_step_callback(self, batch):
                return batch

        from typing import TYPE_CHECKING
        """,
        [
            ("callback(self, batch):", 'callback(self, batch: "Batch") -> "Batch":'),
            (
                "    os.sep,\n]\n",
                f"    os.sep,\n]\n{CHECKING}    from app.types import Batch\n",
            ),
        ],
    ),
    "future": (
        """
        '''Doc.'''; from __future__ import annotations; import os
        HEAD
        from typing import List

        class Trainer(elsewhere.Base):
            def pre_step_callback(self, batch):
                return batch
        """,
        [
            ("callback(self, batch):", "callback(self, batch: Batch) -> Batch:"),
            (
                "import List\n",
                f"import List\n{CHECKING}    from app.types import Batch\n",
            ),
        ],
    ),
    "nested": (
        """
        def other(n):
            class Trainer: ...
            int = str
            def cb(trainer, a):
                return a
            return cb

        class Trainer(CallbackMixin):
            callbacks = [("pre-step", other(1))]

            def step(self, a: int) -> None: ...
        """,
        [
            (
                "    int = str\n    def cb(trainer, a):",
                '    int = str\n    def cb(trainer, a: "int_") -> "int_":',
            ),
            (
                "import elsewhere\n",
                f"import elsewhere\n{CHECKING}    from builtins import int as int_\n",
            ),
        ],
    ),
}


HEAD = "from arctic_codegen import CallbackMixin\nfrom app import elsewhere\n"
ELSEWHERE = """
import app.types
from app.types import Batch
from arctic_codegen import CallbackMixin


class Base(CallbackMixin):
    def step(self, batch: Batch) -> None: ...

    def two(self, batch: Batch, n: int, any: "app.types.Any") -> None: ...
"""


def module(text: str) -> str:
    text = textwrap.dedent(text).lstrip("\n")
    return text.replace("HEAD\n", HEAD) if "HEAD\n" in text else HEAD + text


def test_annotations_are_put_where_they_belong(project):
    """And they have the right meaning: shadowed names are detected."""
    before = {f"app/{name}.py": module(text) for name, (text, _) in ANNOTATED.items()}
    p = project({"app/types.py": TYPES, "app/elsewhere.py": ELSEWHERE}, LAX)
    for name, text in before.items():
        (p.root / name).write_text(text)
    assert p.build().code == 0
    ran = p.cli("annotate", "--format", "concise")
    for name, (_, edits) in ANNOTATED.items():
        expected = before[f"app/{name}.py"]
        for old, new in edits:
            assert expected.count(old) == 1, (name, old)
            expected = expected.replace(old, new)
        assert (p.root / f"app/{name}.py").read_text() == expected, name
    assert p.build().code == 0
    p.python("".join(f"import generated.app.{name}\n" for name in ANNOTATED))
    assert ran.stdout == ""
    again = p.cli("annotate", "--diff")
    assert (again.code, again.stdout) == (0, "")


# Wrong and right code as `<wrong|right>`.
MENDED: dict[str, str] = {
    "strings": """
    def pre_step_callback(self, <bacth|batch>: int) -> int:
        print("bacth", "é" f"{len('bacth')}", b"bacth")
        print("é" f"é{<bacth|batch>!r:>{<bacth|batch>}}", f"{{bacth}}" f'''é
            {<bacth|batch>}''')
        return <bacth|batch>
    """,
    "semicolon": """
    def post_loss_callback(self, value: float) -> float: print(value);<| return value>
    """,
    "semicolon_and_comment": """
    def post_loss_callback(self, value: float) -> float:
        print(value);  # a comment<|
        return value>
    """,
    "comment_behind_one_line": """
    def post_loss_callback(self, value: float) -> float: print(value)<|; return value>  # é
    """,
    "decorated_inside": """
    def post_loss_callback(self, value: float) -> float:
        @staticmethod
        def inner() -> None: ...
        inner()<|
        return value>
    # The end.
    """,
    "same_event_twice": """
    def log(self) -> None: ...
    def tell(self) -> None: ...
    callbacks = [("<post-stpe|post-step>", log), ("<post-stpe|post-step>", tell)]
    """,
    "order_of_parts": """
    def pre_step_callback(self, batch: int, scale: float) -> tuple[int, float]:
        return (<(scale)|(batch)>), <((batch))|((scale))>
    """,
    "one_place_two_mistakes": """
    def pre_stpe_callback(self, x: int) -> int: return x
    """.replace("stpe", "<stpe|step>")
    .replace("x: int", "<bath|batch>: int")
    .replace("return x", "return <bath|batch>"),
    "pattern": """
    def pre_step_callback(self, <bacth|batch>: int) -> int:
        match <bacth|batch>:
            case {"bacth": _, **rest}: print(rest)
            case <bacth|batch>.real: print(1)
        return <bacth|batch>
    """,
}

# None of these can be fixed without guessing.
LEFT: dict[str, str] = {
    "pattern_binds_it": """
    def pre_step_callback(self, bacth: int) -> int:
        match {"a": bacth}:
            case {"b": _, **batch}: print(batch)
        return bacth
    """,
    "compatible_letters": """
    def pre_step_callback(self, ﬁle: int) -> int:
        return ﬁle
    """,
    "event_in_parts": """
    callbacks = [("post-" "stpe", lambda s: None), ("post-st\\x70e", lambda s: None)]
    """,
}
HOST = """from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self, batch: int, scale: float = 1.0, *, fille: int = 3) -> None: ...

    def loss(self) -> float:
        return 1.0

"""


def side(text: str, number: int) -> str:
    text = re.sub(r"<([^|<>]*)\|([^|<>]*)>", rf"\{number}", text)
    return HOST + text.lstrip("\n").rstrip(" ")


def test_mistakes_are_mended_where_they_stand(project):
    texts = {
        **{name: side(text, 1) for name, text in MENDED.items()},
        **{name: side(text, 1) for name, text in LEFT.items()},
    }
    right = {name: side(text, 2) for name, text in {**MENDED, **LEFT}.items()}
    p = project({}, LAX)
    for name, text in texts.items():
        (p.root / f"app/{name}.py").write_text(text, encoding="utf-8")
    p.cli("check", "--fix", "--format", "concise")
    for name, text in right.items():
        assert (p.root / f"app/{name}.py").read_text(encoding="utf-8") == text, name
    again = p.cli("check", "--fix", "--diff")
    assert (again.code, again.stdout) == (0, "")
    assert {path for path, _, _ in p.build().codes} == {f"app/{name}.py" for name in LEFT}


def test_a_long_comment_that_ignores_nothing_is_removed(project):
    codes = ", ".join(f"AC{number}" for number in range(201, 213))
    p = project({}, LAX)
    source = p.root / "app" / "main.py"
    source.write_text(side(f"    x = 1  # arctic-codegen: ignore[{codes}]\n", 1))
    assert p.build().code == 0
    p.cli("check", "--fix", "--format", "concise")
    assert source.read_text() == side("    x = 1\n", 1)

"""Invalid programs lead to a finding at the right line and column, and exit code 1."""

from __future__ import annotations

import pytest

HEAD = """
from arctic_codegen import CallbackMixin
from typing import final
class Trainer(CallbackMixin):
    def step(self, batch: int, *args: int, lr: float = 1.0, **kwargs: int) -> int:
        return batch
    def epoch(self) -> None: ...
    async def fetch(self) -> int: return 1
    @property
    def prop(self) -> int: return 1
    @staticmethod
    def static() -> None: ...
    @classmethod
    def cls_method(cls) -> None: ...
    @final
    def sealed(self) -> None: ...
    attr = 3
def ok(self) -> None: ...
"""
LINES = HEAD.count("\n")

# name: (text after HEAD, line relative to it, column, code)
WRONG = {
    "unknown-event": ("class T(Trainer):\n    callbacks = [('pre-stp', ok)]\n", 2, 19, "AC201"),
    "unknown-method": ("class T(Trainer):\n    def pre_stp_callback(self): ...\n", 2, 9, "AC201"),
    "property": ("class T(Trainer):\n    callbacks = [('pre-prop', ok)]\n", 2, 19, "AC202"),
    "static": ("class T(Trainer):\n    callbacks = [('pre-static', ok)]\n", 2, 19, "AC202"),
    "class-method": (
        "class T(Trainer):\n    callbacks = [('pre-cls_method', ok)]\n",
        2,
        19,
        "AC202",
    ),
    "final": ("class T(Trainer):\n    callbacks = [('pre-sealed', ok)]\n", 2, 19, "AC202"),
    "dunder": ("class T(Trainer):\n    callbacks = [('pre-__repr__', ok)]\n", 2, 19, "AC202"),
    "attribute": ("class T(Trainer):\n    callbacks = [('pre-attr', ok)]\n", 2, 19, "AC202"),
    "malformed-event": (
        "class T(Trainer):\n    callbacks = [('before-step', ok)]\n",
        2,
        19,
        "AC203",
    ),
    "malformed-event-2": ("class T(Trainer):\n    callbacks = [('pre-', ok)]\n", 2, 19, "AC203"),
    "entry-length": ("class T(Trainer):\n    callbacks = [('pre-step',)]\n", 2, 18, "AC204"),
    "entry-kind": ("class T(Trainer):\n    callbacks = ['pre-step']\n", 2, 18, "AC204"),
    "list": ("import os\nclass T(Trainer):\n    callbacks = os.listdir()\n", 3, 17, "AC205"),
    "list-none": ("class T(Trainer):\n    callbacks = None\n", 2, 17, "AC205"),
    "event-undecided": (
        "import os\nclass T(Trainer):\n    callbacks = [(os.environ['E'], ok)]\n",
        3,
        19,
        "AC206",
    ),
    "callable-undecided": (
        "import os\nclass T(Trainer):\n    callbacks = [('pre-step', {}['x'])]\n",
        3,
        31,
        "AC207",
    ),
    "callable-missing": (
        "class T(Trainer):\n    callbacks = [('pre-step', nope)]\n",
        2,
        31,
        "AC103",
    ),
    "callable-import": (
        "from nowhere_at_all import fn\nclass T(Trainer):\n    callbacks = [('pre-step', fn)]\n",
        3,
        31,
        "AC103",
    ),
    "not-callable": ("class T(Trainer):\n    callbacks = [('pre-step', 3)]\n", 2, 31, "AC215"),
    "method-kind": (
        "class T(Trainer):\n    @staticmethod\n    def pre_step_callback(self): ...\n",
        3,
        9,
        "AC209",
    ),
    "change-in-function": (
        "def main():\n    Trainer.callbacks.append(('pre-epoch', ok))\n",
        2,
        5,
        "AC210",
    ),
    "change-in-loop": (
        "for _ in range(3):\n    Trainer.callbacks.append(('pre-epoch', ok))\n",
        2,
        5,
        "AC210",
    ),
    "change-plain": (
        "class P:\n    callbacks = []\nclass T(P, Trainer): ...\n"
        "P.callbacks.append(('pre-epoch', ok))\n",
        4,
        1,
        "AC213",
    ),
    "change-unnamed-in-main": (
        "class T(Trainer): ...\nT.callbacks.append(('pre-epoch', lambda self: None))\n"
        "if __name__ == '__main__':\n"
        "    T.callbacks.append(('pre-epoch', ok))\n"
        "    T.callbacks.append(('pre-epoch', lambda self: None))\n",
        5,
        24,
        "AC213",
    ),
    "change-clear": ("Trainer.callbacks.clear()\n", 1, 1, "AC213"),
    "base": ("from nowhere_at_all import X\nclass T(Trainer, X): ...\n", 2, 18, "AC101"),
    "base-call": ("class T(Trainer, object.__class__('X', (), {})): ...\n", 1, 18, "AC104"),
    "lost-deleted": (
        "class B(Trainer):\n    def pre_epoch_callback(self): ...\nclass T(B): ...\ndel B\n",
        1,
        7,
        "AC104",
    ),
    "lost-same-name": (
        "class T(Trainer):\n    def pre_epoch_callback(self): ...\nclass T(T): ...\n",
        1,
        7,
        "AC104",
    ),
    "lost-rebound": (
        "class T(Trainer):\n    callbacks = [('pre-epoch', ok)]\nT = repr(T)\n",
        1,
        7,
        "AC104",
    ),
    "mro": ("class A(Trainer): ...\nclass B(Trainer, A): ...\n", 2, 7, "AC301"),
    "parameter": (
        "class T(Trainer):\n    def pre_step_callback(self, btch):\n        return btch\n",
        2,
        33,
        "AC401",
    ),
    "default": (
        "class T(Trainer):\n    def pre_step_callback(self, batch=1):\n        return batch\n",
        2,
        33,
        "AC402",
    ),
    "variadic": (
        "class T(Trainer):\n    def pre_step_callback(self, *args): ...\n",
        2,
        34,
        "AC403",
    ),
    "no-object": (
        "class T(Trainer):\n    callbacks = [('pre-epoch', lambda: None)]\n",
        2,
        32,
        "AC404",
    ),
    "post-count": ("class T(Trainer):\n    def post_step_callback(self): ...\n", 2, 9, "AC405"),
    "post-count-none": (
        "class T(Trainer):\n    def post_epoch_callback(self, value):\n        return value\n",
        2,
        9,
        "AC405",
    ),
    "pre-path": (
        "class T(Trainer):\n    def pre_step_callback(self, batch):\n"
        "        if batch:\n            return batch\n",
        2,
        9,
        "AC406",
    ),
    "pre-length": (
        "class T(Trainer):\n    def pre_step_callback(self, batch, lr):\n        return batch, lr, 1\n",
        3,
        16,
        "AC407",
    ),
    "pre-value": (
        "class T(Trainer):\n    def pre_step_callback(self):\n        return 3\n",
        3,
        16,
        "AC408",
    ),
    "post-path": (
        "class T(Trainer):\n    def post_step_callback(self, value):\n        print(value)\n",
        2,
        9,
        "AC409",
    ),
    "async": ("class T(Trainer):\n    async def pre_step_callback(self): ...\n", 2, 15, "AC411"),
    "names-kwargs": (
        "class T(Trainer):\n    def pre_step_callback(self, kwargs):\n        return kwargs\n",
        2,
        33,
        "AC412",
    ),
    "duplicate-name": (
        "class A(Trainer):\n    name = 'x'\nclass B(Trainer):\n    name = 'x'\n",
        4,
        12,
        "AC216",
    ),
    "compiled-base": (
        "from generated.app.main import Trainer as C\nclass T(C): ...\n",
        2,
        9,
        "AC303",
    ),
    "syntax": ("class T(Trainer:\n", None, None, "AC001"),
}


ALONE = ("compiled-base", "syntax")
"""One program depends on its own name, and another one must be compiled separately."""


def test_errors(project):
    """One run finds the mistakes of all modules, and no mistake hides another one."""
    names = {f"app/wrong_{name.replace('-', '_')}.py": name for name in WRONG if name not in ALONE}
    files = {path: HEAD.lstrip("\n") + WRONG[name][0] for path, name in names.items()}
    p = project({"app/__init__.py": "", **files})
    ran = p.build()
    assert "Traceback" not in ran.stderr
    assert ran.code == 1, ran.stdout + ran.stderr
    found = [
        (names[f.path], f.line - LINES + 1, f.column, f.code)
        for f in ran.findings
        if f.severity == "error"
    ]
    assert sorted(found) == sorted((name, *WRONG[name][1:]) for name in names.values())
    assert not (p.root / "generated").exists(), "nothing is written when there are errors"


@pytest.mark.parametrize("name", ALONE)
def test_errors_alone(project, name):
    text, line, column, code = WRONG[name]
    ran = project(HEAD.lstrip("\n") + text).build()
    assert "Traceback" not in ran.stderr
    assert ran.code == 1, ran.stdout + ran.stderr
    (finding,) = (f for f in ran.findings if f.severity == "error")
    assert (finding.path, finding.code) == ("app/main.py", code)
    if line is not None:
        assert (finding.line, finding.column) == (LINES - 1 + line, column)


WARN = {
    "no-mixin": (
        "from nowhere_at_all import X\nclass T(X):\n    callbacks = [('pre-step', ok)]\n",
        "AC102",
    ),
    "local-class": (
        "def make():\n    class T(Trainer):\n        callbacks = [('pre-epoch', ok)]\n    return T\n",
        "AC214",
    ),
    "order": (
        "class T(Trainer):\n    def pre_step_callback(self, batch, lr):\n        return lr, batch\n",
        "AC410",
    ),
    "unused-ignore": ("x = 1  # arctic-codegen: ignore[AC201]\n", "AC013"),
}


@pytest.mark.parametrize("name", WARN)
def test_warnings(project, name):
    text, code = WARN[name]
    p = project(HEAD.lstrip("\n") + text)
    ran = p.build()
    assert ran.code == 0, ran.stdout + ran.stderr
    assert [f.code for f in ran.findings if f.severity == "warning"] == [code], ran.stdout
    assert p.build("--strict").code == 1


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "class T(Trainer):\n    def post_epoch_callback(self, value): ...\n",
            "'epoch' returns nothing, so the callback 'post_epoch_callback' must take only the object",
        ),
        (
            "class T(Trainer):\n    callbacks = [('pre-step', ok)]\nT = ok\n",
            "'T' has callbacks, but its name is rebound or deleted later, so the class",
        ),
        (
            "class T(Trainer, **{}):\n    callbacks = [('pre-step', ok)]\n",
            "help: write out each keyword",
        ),
    ],
)
def test_what_findings_say(project, text, message):
    assert message in project(HEAD.lstrip("\n") + text).cli("build").stdout


def test_R12_far_changes_warn_and_two_modules_on_objects_fail(project):
    p = project(HEAD)
    p.write(
        {
            "app/far.py": "from app.main import Trainer, ok\nTrainer.callbacks.append(('pre-epoch', ok))\n"
        }
    )
    ran = p.build()
    assert ran.code == 0
    assert [(f.path, f.line, f.code) for f in ran.findings if f.severity == "warning"] == [
        ("app/far.py", 2, "AC211")
    ]
    script = (
        "from generated.app.main import Trainer\ndef f(self): ...\n"
        "t = Trainer()\nt.callbacks.append(('pre-epoch', f))\n"
    )
    p.write({"app/far.py": "", "app/one.py": script, "app/two.py": script})
    ran = p.build()
    assert ran.code == 1
    assert {f.code for f in ran.findings if f.severity == "error"} == {"AC212"}


def test_all_findings_in_one_run_and_ignores(project):
    p = project(
        HEAD.lstrip("\n")
        + """
class A(Trainer):
    callbacks = [("pre-stp", ok), ("pre-epch", ok)]
class B(Trainer):
    callbacks = [("pre-prop", ok)]  # arctic-codegen: ignore[AC202]
    def pre_step_callback(self, btch):
        return btch
"""
    )
    p.write({"app/bad.py": "def f(:\n"})
    ran = p.build()
    assert ran.code == 1
    assert [f.code for f in ran.findings if f.severity != "note"] == [
        "AC001",
        "AC201",
        "AC201",
        "AC401",
    ]
    assert "step" in ran.findings[1].message + ran.stdout


def test_R8_an_abstract_class_may_name_what_only_subclasses_define(project):
    p = project(
        """
import abc
from arctic_codegen import CallbackMixin
class Base(CallbackMixin, abc.ABC):
    callbacks = [("pre-step", lambda self: print("pre"))]
    @abc.abstractmethod
    def other(self) -> None: ...
class T(Base):
    def other(self) -> None: ...
    def step(self) -> None: print("step")
"""
    ).built()
    assert p.python("from generated.app.main import T; T().step()").split() == ["pre", "step"]
    text = p.generated("app/main.py")
    assert "class T(" in text
    assert "class Base(" not in text


def test_configuration_errors(project):
    p = project(HEAD, config='[tool.arctic-codegen]\nsources = ["app"]\noutputs = "x"\n')
    ran = p.build()
    assert ran.code == 1
    assert [(f.path, f.line, f.code) for f in ran.findings] == [("pyproject.toml", 3, "AC010")]
    assert "output" in ran.stdout
    p = project(HEAD, config='[tool.arctic-codegen]\nsources = ["ap"]\n')
    ran = p.build()
    assert ran.code == 1
    assert [f.code for f in ran.findings] == ["AC011"]
    p = project(HEAD, config="")
    ran = p.build()
    assert ran.code == 2
    assert "arctic-codegen init" in ran.stderr


def test_what_is_silenced_and_cannot_be_called_is_left_out(project):
    p = project(
        """
from arctic_codegen import CallbackMixin
class T(CallbackMixin):
    callbacks = [
        ("pre-step", lambda: None),  # arctic-codegen: ignore[AC404]
        ("pre-step", lambda self, *x: None),  # arctic-codegen: ignore[AC403]
        ("pre-step", lambda self, missing: missing),  # arctic-codegen: ignore[AC401]
        ("pre-step", lambda self, kw: kw),  # arctic-codegen: ignore[AC412]
        ("post-step", lambda self: None),  # arctic-codegen: ignore[AC405]
        ("pre-step", print),  # arctic-codegen: ignore[AC414]
        ("pre-step", lambda self: print("runs")),
    ]
    def step(self, x: int, **kw: int) -> int:
        return x
    async def pre_step_callback(self): ...  # arctic-codegen: ignore[AC411]
    def post_step_callback(self, value):  # arctic-codegen: ignore[AC409]
        print("silenced, and can be called")
"""
    ).built()
    out = p.python("from generated.app.main import T; print(T().step(1))")
    assert out.splitlines() == ["runs", "silenced, and can be called", "None"]


def test_R7_what_a_decorator_puts_in_place_is_named(project):
    """The source has the parameter, but callers do not: the help says whose parameters count."""
    p = project(
        """
from deepspeed.utils import instrument_w_nvtx
from arctic_codegen import CallbackMixin

def timed(fn):
    def wrapper(*args, **kwargs):
        return fn(*args, **kwargs)
    return wrapper

def double(self, batch):
    return batch * 2

@instrument_w_nvtx
def note(self):
    print("note")

class T(CallbackMixin):
    callbacks = [("pre-step", double), ("post-other", note)]
    @timed
    def step(self, batch: int) -> None:
        print(batch)
    def other(self) -> None: ...
"""
    )
    ran = p.cli("build")
    assert ran.code == 1
    assert (
        "help: a decorator replaces 'step' with 'wrapper', whose parameters callers see: "
        "use functools.wraps, which keeps those of the method" in ran.stdout
    )
    assert (
        "help: 'wrapped_fn' is in an installed package: write a function that names "
        "the parameters it needs and calls 'wrapped_fn'" in ran.stdout
    )


LIBRARY = """
import os
if os.environ.get("BACKEND") == "jax":
    class Backend: ...
else:
    from fakelib.other import Backend
def make(): return Backend
class Layer(Backend):
    def call(self, x): return x
class Made(make()):
    def call(self, x): return x
class Gone(no_such.Base):
    def call(self, x): return x
"""


def test_R13_bases_of_a_package_that_cannot_be_read(project, tmp_path):
    """The finding is at the user's own class, and says what to do there."""
    site = tmp_path / "site" / "fakelib"
    site.mkdir(parents=True)
    (site / "other.py").write_text("class Backend: ...\n")
    (site / "__init__.py").write_text("import fakelib.layers\nno_such = fakelib.layers\n")
    (site / "layers.py").write_text(LIBRARY)
    main = """
from arctic_codegen import CallbackMixin
from fakelib.layers import Gone, Layer, Made
class A(CallbackMixin, Layer):
    def post_call_callback(self, value): return value
class B(A): ...
class C(CallbackMixin, Made): ...
class D(
    CallbackMixin,
    Gone,
): ...
"""
    p = project({"app/__init__.py": "", "app/main.py": main})
    env = {"PYTHONPATH": str(tmp_path / "site")}
    ran = p.cli("build", "--format", "concise", env=env)
    assert ran.codes == [
        ("app/main.py", 3, "AC104"),
        ("app/main.py", 6, "AC104"),
        ("app/main.py", 9, "AC101"),
    ], ran.stdout
    assert [finding.column for finding in ran.findings[:3]] == [24, 24, 5]
    shown = p.cli("build", env=env).stdout
    assert "layers.py:8:13" in shown
    assert "'# arctic-codegen: ignore[AC104]'" in shown
    for line in (
        "class A(CallbackMixin, Layer):",
        "class C(CallbackMixin, Made): ...",
        "    Gone,",
    ):
        main = main.replace(line, f"{line}  # arctic-codegen: ignore[AC101, AC104]")
    p.write({"app/main.py": main})
    ran = p.cli("build", "--format", "concise", env=env)
    assert ran.code == 0, ran.stdout
    assert "class B" in p.generated("app/main.py")

"""R3: names are resolved as in Python."""

from __future__ import annotations

BASE = """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    def step(self) -> None:
        print("step")
"""
HOOKS = """
def hook(self):
    print("hook")
def _private(self):
    print("private")
"""

FORMS = {
    "from-as": "from app.hooks import hook as h\nfrom app.base import Trainer as B\n",
    "relative": "from .hooks import hook as h\nfrom .base import Trainer as B\n",
    "relative-module": "from . import hooks\nfrom . import base\nh = hooks.hook\nB = base.Trainer\n",
    "attribute": "import app.hooks\nimport app.base\nh = app.hooks.hook\nB = app.base.Trainer\n",
    "import-as": "import app.hooks as hh\nimport app.base as b\nh = hh.hook\nB = b.Trainer\n",
    "star": "from app.base import *\nfrom app.hooks import *\nh = hook\nB = Trainer\n",
    "re-export": "from app.facade import hook as h, Trainer as B\n",
    "package-re-export": "from app.sub import hook as h\nfrom app.sub import Trainer as B\n",
    "tuple": "from app import base, hooks\nh, B = hooks.hook, base.Trainer\n",
    "try-first": """
try:
    from app.hooks import hook as h
    from app.base import Trainer as B
except ImportError:
    h = B = None
""",
    "try-second": """
try:
    from app.nowhere import hook as h
    from app.base import Trainer as B
except (ImportError, AttributeError):
    from app.hooks import hook as h
    from app.base import Trainer as B
""",
    "version": """
import sys
from app.base import Trainer as B
if sys.version_info >= (3, 8):
    from app.hooks import hook as h
else:
    from app.hooks import _private as h
""",
    "platform": """
import sys
from app.base import Trainer as B
if sys.platform.startswith("no-such") or sys.version_info[0] < 3:
    from app.hooks import _private as h
elif True:
    from app.hooks import hook as h
""",
    "type-checking": """
from typing import TYPE_CHECKING
from app.base import Trainer as B
if TYPE_CHECKING:
    from app.hooks import _private as h
else:
    from app.hooks import hook as h
""",
    "rebound-later": """
from app.base import Trainer as B
from app.hooks import hook as h
class Early(B):
    callbacks = [("pre-step", h)]
from app.hooks import _private as h
B2, B = B, Early
h = Early.callbacks[0][1]
""",
    "conditional-value": """
import sys
from app import base, hooks
B = base.Trainer
h = hooks.hook if sys.version_info >= (3,) else hooks._private
""",
    "namespace": "from space.inner.mod import hook as h, Trainer as B\n",
}


def test_R3_forms(project):
    """Each form is a module of one program."""
    forms = {f"form{number}": form for number, form in enumerate(FORMS)}
    p = project(
        {
            "app/__init__.py": "",
            "app/base.py": BASE,
            "app/hooks.py": HOOKS,
            "app/facade.py": "from .sub import *\n",
            "app/sub/__init__.py": "from ..base import Trainer\nfrom ..hooks import hook\n"
            "__all__ = ['Trainer'] + ['hook']\n",
            "space/inner/mod.py": "from app.base import Trainer\nfrom app.hooks import hook\n",
            **{
                f"app/{name}.py": FORMS[form] + 'class T(B):\n    callbacks = [("pre-step", h)]\n'
                for name, form in forms.items()
            },
        }
    ).built()
    out = p.python(
        f"""
        import importlib
        for name in {[*forms]}:
            print(">", name)
            importlib.import_module(f"generated.app.{{name}}").T().step()
        """
    )
    printed = {forms[name]: calls for name, *calls in map(str.split, out.split(">")[1:])}
    assert printed == {form: ["hook", "step"] for form in FORMS}


def test_R3_a_function_that_is_named_like_its_module(project):
    p = project(
        {
            "app/__init__.py": "from .hook import hook\nfrom .hook import other\n",
            "app/hook.py": "def hook(self): print('hook')\ndef other(self): print('other')\n",
            "app/main.py": BASE
            + """
import app
from app import hook
class T(Trainer):
    callbacks = [("pre-step", hook), ("post-step", app.hook), ("post-step", app.other)]
""",
        }
    ).built()
    out = p.python("from generated.app.main import T; T().step()")
    assert out.split() == ["hook", "step", "hook", "other"]


def test_R3_cyclic_imports_and_generic_bases(project):
    p = project(
        {
            "app/__init__.py": "",
            "app/a.py": """
from typing import Generic, TypeVar
from arctic_codegen import CallbackMixin
T = TypeVar("T")
class Base(CallbackMixin, Generic[T]):
    def step(self, batch: T) -> T:
        return batch
import app.b
""",
            "app/b.py": """
from app.a import Base
class Sub(Base[int]):
    callbacks = [("pre-step", lambda self, batch: batch + 1)]
""",
        }
    ).built()
    out = p.python("from generated.app.b import Sub; print(Sub().step(1))")
    assert out == "2\n"
    assert "batch: int" in p.generated("app/b.py")


def test_R1_no_user_code_runs(project):
    p = project(
        """
import os
from arctic_codegen import CallbackMixin
open("ran", "w").close()
raise SystemExit("imported")
"""
    )
    p.write(
        {
            "app/other.py": """
import pathlib
pathlib.Path("ran").touch()
from arctic_codegen import CallbackMixin
class T(CallbackMixin):
    callbacks = [("pre-step", lambda self: None)]
    def step(self) -> None: ...
"""
        }
    )
    assert p.build().code == 0
    assert not (p.root / "ran").exists()
    assert "class T(" in p.generated("app/other.py")


def test_R4_encodings_and_line_ends(project):
    p = project("")
    text = (
        "# -*- coding: latin-1 -*-\r\n"
        "from arctic_codegen import CallbackMixin\r\n\x0c\r\n"
        "class T(CallbackMixin):\r\n"
        "    callbacks = [('pre-step', lambda self: print('\xe9'))]\r\n"
        "    def step(self) -> None: ...\r\n"
    )
    (p.root / "app/main.py").write_bytes(text.encode("latin-1"))
    (p.root / "app/bom.py").write_bytes(b"\xef\xbb\xbf" + text.split("\n", 1)[1].encode())
    p.built()
    out = p.python(
        "from generated.app.main import T; T().step(); from generated.app.bom import T; T().step()",
        env={"PYTHONIOENCODING": "utf-8"},
    )
    assert out.split() == ["\xe9", "\xe9"]


def test_R13_an_import_that_decides_nothing_may_be_missing(project):
    """R13: only the parts that a class depends on have to be found."""
    p = project(
        """
import not_installed_anywhere
from also.missing import thing, Other
from arctic_codegen import CallbackMixin
class Unrelated(Other):
    x = thing
class T(CallbackMixin):
    callbacks = [("pre-step", lambda self: None)]
    def step(self) -> None: ...
"""
    )
    ran = p.build()
    assert (ran.code, ran.codes) == (0, [])


def test_R3_bases_that_are_built_in_or_compiled(project):
    p = project(
        """
import collections
import _struct
from arctic_codegen import CallbackMixin
class T(CallbackMixin, dict):
    callbacks = [("pre-step", lambda self: print("pre"))]
    def step(self) -> None: ...
class E(CallbackMixin, RuntimeError):
    callbacks = [("pre-step", lambda self: print("pre"))]
    def step(self) -> None: ...
"""
    ).built()
    out = p.python("from generated.app.main import T, E; T(a=1).step(); E('x').step()")
    assert out.split() == ["pre", "pre"]

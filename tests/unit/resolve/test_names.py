"""R3: every form in which a name can be bound, resolved completely."""

from __future__ import annotations

import pytest

from arctic_codegen.build.loader import FileLoader
from arctic_codegen.discover.trees import DiskTree
from arctic_codegen.model.expr import Name
from arctic_codegen.resolve.entities import Scope, Unknown, ValueEntity
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.show import show
from tests.unit.resolve.names_support import NOWHERE, NamedProject, short


@pytest.fixture
def project(tmp_path):
    def make(files, **settings):
        return NamedProject(tmp_path, files, **settings)

    return make


BASE = "class Base:\n    def f(self): ...\n\ndef helper(): ...\n"


def test_R3_from_import_as(project):
    p = project({"base.py": BASE, "m.py": "from base import Base as B, helper\n"})
    assert p.meaning("m:B") == "class base.Base"
    assert p.meaning("m:helper") == "def base.helper"
    assert p.meaning("m:Base").startswith("missing")


def test_R3_relative_imports_from_modules_and_packages(project):
    p = project(
        {
            "pkg/__init__.py": "from .base import Base\nfrom . import base as b\n",
            "pkg/base.py": BASE,
            "pkg/sub/__init__.py": "from ..base import Base\nfrom .inner import *\n",
            "pkg/sub/inner.py": "from .. import base\nfrom ..base import helper as h\n",
            "top.py": "from . import base\nfrom .base import Base\n",
            "pkg/high.py": "from ... import base\nfrom ...base import Base\n",
        }
    )
    assert p.meaning("pkg:Base") == "class pkg.base.Base"
    assert p.meaning("pkg:b") == "module pkg.base"
    assert p.meaning("pkg.sub:Base") == "class pkg.base.Base"
    assert p.meaning("pkg.sub:base") == "module pkg.base"
    assert p.meaning("pkg.sub:h") == "def pkg.base.helper"
    assert "beyond the top-level package" in p.meaning("top:Base")
    assert "beyond the top-level package" in p.meaning("pkg.high:Base")


def test_R3_a_package_imports_from_itself(project):
    p = project(
        {
            "pkg/__init__.py": "five = 5\nfrom . import base, five\nfrom pkg import other\n"
            "try:\n    from . import gone\nexcept ImportError:\n    gone = 1\n",
            "pkg/base.py": BASE,
            "pkg/five.py": "",
            "pkg/other.py": "from pkg import base\nfrom . import Late\n",
            "m.py": "import pkg\nX = pkg.base.Base\n",
        }
    )
    assert p.meaning("m:X") == "class pkg.base.Base"
    assert p.meaning("pkg:five") == "value 5"
    assert p.meaning("pkg:other") == "module pkg.other"
    assert p.meaning("pkg:gone") == "value 1"
    assert p.meaning("pkg.other:base") == "module pkg.base"
    assert p.meaning("pkg.other:Late").startswith("missing")


def test_R3_re_exports_through_init(project):
    p = project(
        {
            "pkg/__init__.py": "from .api import *\n",
            "pkg/api.py": "from .impl import Base as Trainer\n__all__ = ['Trainer']\n",
            "pkg/impl.py": BASE,
            "m.py": "import pkg\nfrom pkg import Trainer\nX = pkg.Trainer\n",
        }
    )
    assert p.meaning("m:Trainer") == p.meaning("m:X") == "class pkg.impl.Base"


@pytest.mark.parametrize(
    "listing",
    [
        "__all__ = ['Base', '_hidden']",
        "__all__ = ('Base',) + ('_hidden',)",
        "__all__ = ['x', *('Base', '_hidden')]",
        "__all__: list[str] = ['_hidden']\n__all__ = __all__ + ['Base']",
        "__all__ = ['Base']\n__all__ += ['_hidden']",
        "__all__ = ['Base']\n__all__ += ('_hidden',)",
        "__all__ = []\n__all__.append('Base')\n__all__.extend(['_hidden'])",
        "import other\n__all__ = other.__all__ + ['_hidden']",
        "from other import __all__ as theirs\n__all__ = [*theirs, '_hidden']",
        "import sys\nif sys.version_info >= (3,):\n    __all__ = ['Base', '_hidden']\n",
        "try:\n    import no_such\n    __all__ = []\nexcept ImportError:\n"
        "    __all__ = ['Base', '_hidden']\n",
    ],
)
def test_R3_star_import_with_all(project, listing):
    p = project(
        {
            "other.py": "__all__ = ['Base']\nBase = 1\n",
            "base.py": f"{BASE}\ndef _hidden(): ...\n{listing}\n",
            "m.py": "from base import *\n",
        }
    )
    assert p.meaning("m:Base") == "class base.Base"
    assert p.meaning("m:_hidden") == "def base._hidden"
    assert p.meaning("m:helper").startswith("missing")


@pytest.mark.parametrize(
    "listing",
    [
        "__all__ = [Base.__name__]",
        "__all__ = [name for name in dir() if name != 'helper']",
        "from other import __all__\n",
        "__all__ = ['Base', 'helper']\n__all__.remove('helper')",
        "__all__ = ['Base']\nif unknown():\n    __all__.append('helper')",
    ],
)
def test_R3_names_may_come_from_a_star_whose_all_is_put_together_otherwise(project, listing):
    p = project(
        {
            "other.py": "__all__ = ['Base']\nBase = 1\n",
            "base.py": f"{BASE}\ndef helper(): ...\n{listing}\n",
            "m.py": "from base import *\n",
        }
    )
    assert p.meaning("m:Base") == "class base.Base"
    assert p.meaning("m:helper") == "def base.helper"
    assert p.meaning("m:other").startswith("missing")


def test_R3_star_import_without_all_leaves_underscores_out(project):
    p = project(
        {
            "base.py": f"{BASE}\ndef _hidden(): ...\nfrom typing import TYPE_CHECKING\n",
            "m.py": "def helper(): ...\nfrom base import *\n",
            "n.py": "from base import *\ndef helper(): ...\n",
        }
    )
    assert p.meaning("m:helper") == "def base.helper"
    assert p.meaning("n:helper") == "def n.helper"
    assert p.meaning("m:_hidden").startswith("missing")


def test_R3_star_import_brings_submodules_only_if_imported(project):
    p = project(
        {
            "pkg/__init__.py": "from .a import Base\n",
            "pkg/a.py": BASE,
            "pkg/b.py": BASE,
            "listed/__init__.py": "__all__ = ['b']\n",
            "listed/b.py": BASE,
            "m.py": "from pkg import *\nfrom listed import *\n",
            "n.py": "from pkg import *\n",
        }
    )
    assert p.meaning("m:a") == "module pkg.a"
    assert p.meaning("m:b") == "module listed.b"
    assert p.meaning("n:b").startswith("missing")


def test_R3_star_imports_in_a_circle(project):
    p = project(
        {
            "a.py": "from b import *\nclass A: ...\n",
            "b.py": "from a import *\nclass B: ...\n",
            "m.py": "from a import B\nfrom b import A\n",
        }
    )
    assert p.meaning("m:B") == "class b.B"
    assert p.meaning("m:A") == "class a.A"
    assert p.meaning("a:nothing").startswith("missing")


def test_R3_import_dotted_as_and_attribute_access(project):
    p = project(
        {
            "a/__init__.py": "",
            "a/b/__init__.py": "",
            "a/b/c.py": BASE,
            "m.py": "import a.b.c as short\nimport a.b.c\nX = a.b.c.Base\nY = short.Base.f\n",
        }
    )
    assert p.meaning("m:short") == "module a.b.c"
    assert p.meaning("m:a") == "module a"
    assert p.meaning("m:X") == "class a.b.c.Base"
    assert p.meaning("m:Y") == "def a.b.c.Base.f"


def test_R3_a_name_in_a_package_wins_over_its_submodule(project):
    p = project(
        {
            "pkg/__init__.py": "from .tool import tool\n",
            "pkg/tool.py": "def tool(): ...\n",
            "five/__init__.py": "tool = 5\nfrom .tool import other\n",
            "five/tool.py": "def other(): ...\n",
            "m.py": "import pkg.tool as t\nfrom pkg import tool\nfrom five import tool as u\n",
        }
    )
    assert p.meaning("m:t") == p.meaning("m:tool") == "def pkg.tool.tool"
    assert p.meaning("m:u") == "module five.tool"


def test_R3_namespace_packages(project):
    p = project({"ns/inner/base.py": BASE, "m.py": "from ns.inner import base\nimport ns\n"})
    assert p.meaning("m:base") == "module ns.inner.base"
    assert p.meaning("m:ns.inner.base.Base") == "class ns.inner.base.Base"
    assert p.meaning("m:ns.other").startswith("missing: module 'ns' has no attribute 'other'")


def test_R3_aliases_chained_and_unpacked(project):
    p = project(
        {
            "m.py": f"""{BASE}
A = B = Base
C, D = A, helper
[E, (F, G)] = [C, (D, Base)]
D, C = C, D
PAIR = (Base, helper)
H, I = PAIR
J = PAIR[1]
K = PAIR[-2]
L, *M = Base, helper, 3
*N, O = Base, helper
P: type = Base
"""
        }
    )
    meanings = {name: p.meaning(f"m:{name}") for name in "ABCDEFGHIJKOP"}
    base, helper = "class m.Base", "def m.helper"
    assert meanings == {
        "A": base, "B": base, "C": helper, "D": base, "E": base, "F": helper, "G": base,
        "H": base, "I": helper, "J": helper, "K": base, "O": helper, "P": base,
    }  # fmt: skip
    assert p.meaning("m:L") == base
    assert p.meaning("m:M").startswith("unknown")


def test_R3_subscripted_bases_are_their_class(project):
    p = project(
        {
            "m.py": """
from typing import Generic, TypeVar
T = TypeVar("T")
class Base(Generic[T]): ...
Alias = Base[int]
Twice = Base[list[int]]
class A(Alias): ...
class B(Base["A"]): ...
"""
        }
    )
    assert p.meaning("m:Alias") == "class m.Base"
    assert p.mro("m:A") == ["m.A", "m.Base"]
    assert p.mro("m:B") == ["m.B", "m.Base"]


@pytest.mark.parametrize(
    "guard",
    [
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:",
        "import typing\nif typing.TYPE_CHECKING:",
        "import typing as t\nif t.TYPE_CHECKING:",
        "from typing_extensions import TYPE_CHECKING as TC\nif TC:",
        "from typing import TYPE_CHECKING\nif not TYPE_CHECKING:\n    pass\nelse:",
        "TYPE_CHECKING = False\nif TYPE_CHECKING:",
        "MYPY = False\nif MYPY:",
    ],
)
def test_R3_imports_under_type_checking(project, guard):
    p = project({"base.py": BASE, "m.py": f"{guard}\n    from base import Base\n"})
    assert p.meaning("m:Base") == "class base.Base"


def test_R3_type_checking_is_false_where_something_else_is_there(project):
    p = project(
        {
            "base.py": BASE,
            "m.py": """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    from base import Base
else:
    class Base: ...
""",
        }
    )
    assert p.meaning("m:Base") == "class m.Base"


@pytest.mark.parametrize(
    "caught",
    ["ImportError", "ModuleNotFoundError", "Exception", "(ImportError, OSError)", "", "ERRORS"],
)
@pytest.mark.parametrize("module, wanted", [("no_such", "m.Own"), ("base", "base.Base")])
def test_R3_try_except_import_error(project, caught, module, wanted):
    p = project(
        {
            "base.py": BASE,
            "m.py": f"""
ERRORS = (ImportError, AttributeError)
try:
    from {module} import Base
except {caught}:
    class Own: ...
    Base = Own
""",
        }
    )
    assert p.meaning("m:Base") == f"class {wanted}"


def test_R3_a_name_that_an_existing_module_lacks_is_an_import_error_too(project):
    p = project(
        {
            "base.py": BASE,
            "m.py": """
try:
    from base import Newer as X
except ModuleNotFoundError:
    X = 1
except ImportError:
    from base import Base as X
""",
        }
    )
    assert p.meaning("m:X") == "class base.Base"


def test_R3_try_else_and_finally(project):
    p = project(
        {
            "base.py": BASE,
            "m.py": f"""
{BASE}
try:
    import base
except ImportError:
    A = helper
    B = helper
else:
    A = Base
finally:
    C = Base
try:
    D = Base
    import no_such
    D = helper
    E = helper
except ImportError:
    pass
""",
        }
    )
    assert [p.meaning(f"m:{name}") for name in "ACD"] == ["class m.Base"] * 3
    assert p.meaning("m:B").startswith("missing")
    assert p.meaning("m:E").startswith("missing")


def test_R3_the_first_branch_that_resolves_looks_into_the_projects_own_modules(project):
    p = project(
        {
            "fast.py": "import no_such_kernel\nclass Op: ...\n",
            "slow.py": "try:\n    import no_such\nexcept ImportError:\n    pass\nclass Op: ...\n",
            "m.py": "try:\n    from fast import Op\nexcept ImportError:\n    from slow import Op\n",
        }
    )
    assert p.meaning("m:Op") == "class slow.Op"


def test_R3_flags_that_a_try_sets_decide_later_branches(project):
    p = project(
        {
            "m.py": f"""
{BASE}
try:
    import no_such
    HAS = True
except ImportError:
    no_such = None
    HAS = False
if HAS:
    A = helper
else:
    A = Base
B = helper if no_such is not None else Base
"""
        }
    )
    assert [p.meaning(f"m:{name}") for name in "AB"] == ["class m.Base"] * 2


@pytest.mark.parametrize(
    "test, taken",
    [
        ("sys.version_info >= (3, 11)", True),
        ("sys.version_info < (3, 11)", False),
        ("sys.version_info > (3, 11)", True),
        ("sys.version_info <= (3, 11)", False),
        ("sys.version_info == (3, 11)", False),
        ("(3, 12) > sys.version_info", True),
        ("sys.version_info[:2] == (3, 11)", True),
        ("sys.version_info[0] == 3", True),
        ("sys.version_info[1] >= 12", False),
        ("sys.version_info[0] == 3 and sys.version_info[1] == 11", True),
        ("sys.version_info.minor == 11", None),
        ("sys.version_info >= (3,)", True),
        ("sys.version_info >= (3, 11, 0)", True),
        ("sys.version_info >= (3, 12, 5)", False),
        ("sys.version_info >= (3, 11, 4)", None),
        ("sys.hexversion >= 0x030B0000", None),
        ("info >= (3, 11)", True),
        ("3 <= sys.version_info[0] < 4", True),
        ("sys.platform == 'linux'", True),
        ("sys.platform != 'linux'", False),
        ("sys.platform in ('linux', 'darwin')", True),
        ("sys.platform not in ['win32']", True),
        ("sys.platform.startswith('lin')", True),
        ("sys.platform.startswith(('win', 'cyg'))", False),
        ("os.name == 'nt'", None),
        ("importlib.util.find_spec('no_such')", None),
        ("IS_WINDOWS", False),
        ("not IS_WINDOWS", True),
        ("__debug__", True),
        ("True", True),
        ("0", False),
        ("1", True),
        ("''", False),
        ("None", False),
        ("unknown() and False", None),
        ("False and unknown()", False),
        ("True or unknown()", True),
        ("unknown()", None),
        ("os.environ.get('X')", None),
        ("(True if sys.version_info >= (3, 8) else unknown())", True),
        ("hasattr(os, 'fork')", None),
        ("not unknown()", None),
    ],
)
def test_R3_branches_that_the_text_decides(project, test, taken):
    p = project(
        {
            "m.py": f"""
import importlib.util, sys, os
from sys import version_info as info
IS_WINDOWS = sys.platform == "win32"
def A(): ...
def B(): ...
if {test}:
    X = A
else:
    X = B
Y = A if {test} else B
"""
        },
        python_version=(3, 11),
    )
    wanted = {True: "def m.A", False: "def m.B"}.get(taken)
    found = p.meaning("m:X")
    if wanted is None:
        assert found.endswith(
            "in a loop, or under a condition that cannot be determined statically"
        )
        assert p.meaning("m:Y") == "value IfExp"
    else:
        assert found == p.meaning("m:Y") == wanted


def test_R3_elif_chains(project):
    p = project(
        {
            "m.py": """
import sys
def A(): ...
def B(): ...
if sys.platform == "win32":
    X = 1
elif sys.version_info < (3, 9):
    X = 2
elif sys.platform == "linux":
    X = A
else:
    X = B
"""
        }
    )
    assert p.meaning("m:X") == "def m.A"


def test_R3_settings_decide_branches_not_the_running_python(project):
    source = """
import sys
X = 1 if sys.version_info >= (3, 12) else 2
Y = 1 if sys.platform == "win32" else 2
try:
    from typing import override as Z
except ImportError:
    Z = 3
"""
    p = project({"m.py": source}, python_version=(3, 10), platform="win32")
    assert [p.meaning(f"m:{name}") for name in "XYZ"] == [
        "value 2",
        "value 1",
        "value 3",
    ]


def test_R3_an_undecided_branch_that_binds_the_same_thing_is_no_question(project):
    p = project(
        {
            "m.py": """
def A(): ...
def B(): ...
if unknown():
    X = A
    Y = A
    V = True
else:
    X = A
    Y = B
    V = True
if unknown():
    Z = A
if unknown():
    pass
else:
    A = A
"""
        }
    )
    assert p.meaning("m:X") == "def m.A"
    assert p.meaning("m:A") == "def m.A"
    assert p.meaning("m:V") == "value True"
    assert p.meaning("m:Y").startswith("unknown")
    assert p.meaning("m:Z").startswith("unknown")


def test_R13_loops_and_other_binders(project):
    p = project(
        {
            "m.py": """
def A(): ...
def B(): ...
X = A
for Y in (1, 2):
    X = B
for _ in (1, 2):
    Z = A
with open("f") as F:
    W = A
match A:
    case [Q]:
        pass
try:
    R = A()
except Exception as E:
    R = None
try:
    S = A
except ValueError:
    pass
"""
        }
    )
    undetermined = "bound in a loop, or under a condition that cannot be determined statically"
    assert p.meaning("m:X") == f"unknown: 'X' is {undetermined}"
    assert p.meaning("m:Y") == "unknown: 'Y' is bound by a 'for' statement"
    assert p.meaning("m:Z") == "def m.A"
    assert p.meaning("m:W") == p.meaning("m:S") == "def m.A"
    assert p.meaning("m:F") == "unknown: 'F' is bound by a 'with' statement"
    assert p.meaning("m:Q").startswith("unknown")
    assert p.meaning("m:R").startswith("unknown")
    assert p.meaning("m:E").startswith("missing")


def test_R3_del_and_main_guard(project):
    p = project(
        {
            "m.py": """
def A(): ...
def B(): ...
X = A
del X
Y = A
del Y
Y = B
W = A
if __name__ == "__main__":
    W = B
    def only(): ...
"""
        }
    )
    assert p.meaning("m:X").startswith("missing")
    assert p.meaning("m:Y") == "def m.B"
    assert p.meaning("m:W") == "def m.A"
    assert p.meaning("m:only").startswith("missing")
    inside = Scope("m", (), (12, 5))
    assert short(p.names.lookup(Name(NOWHERE, "W"), inside)) == "def m.B"


def test_names_are_read_where_they_stand(project):
    p = project(
        {
            "m.py": """
def A(): ...
def f(): ...
class C:
    x = f
    f = A
    y = f
    def g(self): ...
    z = g
    class Inner:
        f = f
def f(): ...
w = f
class C2(C):
    h = C.z
class C(C2): ...
"""
        }
    )
    assert p.meaning("m:w") == "def m.f"
    assert p.entity("m:C2.x").place.span.line == 3
    assert p.meaning("m:C2.y") == p.meaning("m:C2.f") == "def m.A"
    assert p.meaning("m:C2.h") == "def m.C.g"
    assert p.entity("m:C2.Inner.f").place.span.line == 3
    assert p.entity("m:C").decl.span.line == 16
    assert p.mro("m:C") == ["m.C", "m.C2", "m.C"]


def test_names_in_functions(project):
    p = project(
        {
            "m.py": """
def A(): ...
def outer(n, f=A):
    g = f
    def inner(self): ...
    h = inner
    global A
    return inner
class K:
    A = 1
    def method(self): ...
"""
        }
    )
    outer = p.function("m:outer")
    scope = Scope("m", (outer.decl,))

    def read(name, scope=scope):
        return short(p.names.lookup(Name(NOWHERE, name), scope))

    assert read("inner") == read("h") == "def m.outer.<locals>.inner"
    assert read("n") == "unknown: 'n' is a parameter"
    assert read("g") == "unknown: 'f' is a parameter"
    assert read("A") == "def m.A"
    assert read("print") == "opaque builtins.print"
    method = p.function("m:K.method")
    assert read("A", Scope("m", (p.cls("m:K").decl, method.decl))) == "def m.A"
    assert read("A", Scope("m", (p.cls("m:K").decl,))) == "value 1"


def test_names_that_functions_rebind(project):
    p = project(
        {
            "m.py": """
def A(): ...
B = None
def setup():
    global A, B, C
    A = B = C = 1
""",
            "n.py": "from m import A, B, C\n",
        }
    )
    assert p.meaning("n:A") == "def m.A"
    assert p.function("n:A").reachable is None or p.function("n:A").reachable[0] == "n"
    assert p.meaning("n:C").startswith("unknown")
    late = p.names.lookup(Name(NOWHERE, "A"), Scope("m"))
    assert isinstance(late, Unknown)
    assert not late.missing


def test_reachable_is_the_path_that_is_sure(project):
    p = project(
        {
            "m.py": """
def a(): ...
def b(): ...
b = 1
def c(): ...
keep = c
c = 2
def d(): ...
if unknown():
    d = 3
class K:
    def e(self): ...
    def f(self): ...
    f = 4
    def __g(self): ...
    class Inner:
        def h(self): ...
fn = lambda self: None
data = [1]
""",
            "n.py": "from m import keep, a as other, K\n",
        }
    )
    assert p.entity("n:other").reachable == ("m", "a")
    assert p.entity("n:keep").reachable == ("m", "keep")
    assert p.meaning("m:d").startswith("unknown")
    assert p.entity("n:K.e").reachable == ("m", "K.e")
    assert p.entity("n:K.__g").reachable == ("m", "K._K__g")
    assert p.entity("n:K.Inner.h").reachable == ("m", "K.Inner.h")
    assert p.entity("m:fn").reachable == ("m", "fn")
    assert p.entity("m:data").reachable == ("m", "data")
    assert p.entity("n:K.e").owner.name == "K"


def test_R13_what_a_module_makes_up_itself(project):
    p = project(
        {
            "lazy.py": "def __getattr__(name): ...\n",
            "broken.py": "def (:\n",
            "m.py": "from lazy import anything\nfrom broken import x\nfrom math import sqrt\n"
            "from _collections import deque\nprint(list)\nlist = 1\n",
        }
    )
    assert p.meaning("m:anything").startswith("unknown: 'anything' comes from '__getattr__'")
    assert p.meaning("m:x") == "unknown: module 'broken' cannot be read"
    assert p.meaning("m:sqrt") == "opaque math.sqrt"
    assert p.meaning("m:deque") == "opaque _collections.deque"
    assert p.meaning("m:list") == "value 1"
    assert short(p.names.lookup(Name(NOWHERE, "dict"), Scope("m"))) == "opaque builtins.dict"
    assert p.meaning("m:__name__") == "value m"
    assert p.meaning("m:__file__") == "opaque m.__file__"


def test_R3_missing_modules_and_names(project):
    p = project({"base.py": BASE, "m.py": "from base import Nope\nimport no_such.deep\n"})
    assert p.meaning("m:Nope") == "missing: module 'base' has no attribute 'Nope'"
    assert p.entity("m:Nope").place.span.line == 1
    assert p.meaning("m:no_such") == "missing: no module named 'no_such' can be found"
    assert p.meaning("base:Base.zzz") == "missing: class 'Base' has no attribute 'zzz'"
    assert p.meaning("base:Base.__init__") == "opaque builtins.object.__init__"


def test_R3_alias_circles_end(project):
    p = project(
        {
            "a.py": "from b import X\nfor _ in ():\n    L = M\n    M = L\n",
            "b.py": "from a import X\n",
        }
    )
    assert p.meaning("a:X") == "missing: the import of 'X' from module 'a' is circular"
    assert p.meaning("a:L").startswith(("unknown", "missing"))


def test_R3_long_chains_of_aliases(project):
    chain = "\n".join(f"X{i} = X{i - 1}" for i in range(1, 2000))
    p = project({"m.py": f"class X0: ...\n{chain}\n"})
    assert p.meaning("m:X1999") == "class m.X0"


def test_identifiers_are_compared_as_python_does(project):
    p = project({"m.py": "class ﬁt: ...\nx = fit\n", "n.py": "from m import fit as y\n"})
    assert p.meaning("m:x") == p.meaning("n:y")
    assert p.meaning("n:y").startswith("class m.")


def test_own_names_and_attributes(project):
    p = project(
        {
            "m.py": """
from typing import TYPE_CHECKING
class Other:
    def loss(self): ...
class K:
    b = 1
    a: int
    def c(self): ...
    if TYPE_CHECKING:
        def only(self): ...
    else:
        d = 2
    def b(self): ...
    e = 3
    del e
    loss = Other.loss
class S(K): ...
"""
        }
    )
    cls = p.cls("m:K")
    assert p.names.own_names(cls) == ("b", "c", "d", "loss")
    assert short(p.names.own_attribute(cls, "b")) == "def m.K.b"
    assert p.names.own_attribute(cls, "only") is None
    assert p.names.own_attribute(cls, "e") is None
    assert p.names.own_attribute(cls, "a") is None
    inherited = p.names.class_attribute(p.cls("m:S"), "loss")
    assert short(inherited) == "def m.Other.loss"
    assert inherited.owner.name == "Other"
    assert p.names.class_attribute(p.cls("m:S"), "nope") is None


def test_classes_of_a_module(project):
    p = project(
        {
            "m.py": """
import sys
class A: ...
class A:
    class In:
        class Deep: ...
if sys.version_info < (3,):
    class Old: ...
else:
    class New: ...
def f():
    class Local: ...
if __name__ == "__main__":
    class Main: ...
class Gone: ...
del Gone
"""
        }
    )
    found = [(cls.id.name, cls.decl.span.line) for cls in p.names.classes_of("m")]
    assert found == [("A", 4), ("A.In", 5), ("A.In.Deep", 6), ("New", 10)]


def test_live_statements(project):
    p = project(
        {
            "m.py": """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    a = 1
if __name__ == "__main__":
    b = 1
if unknown():
    c = 1
for _ in ():
    d = 1
try:
    import no_such
    e = 1
except ImportError:
    f = 1
with x:
    g = 1
    if True:
        h = 1
match x:
    case 1:
        i = 1
try:
    j = 1
finally:
    k = 1
try:
    l = 1
except ValueError:
    pass
"""
        }
    )
    live = p.names.live(p.names.source("m").decls.body, Scope("m"))
    found = {
        one.stmt.targets[0].id: (one.context, one.typing_only, one.main_only)
        for one in live
        if hasattr(one.stmt, "targets")
    }
    assert found == {
        "a": ("plain", True, False),
        "b": ("plain", False, True),
        "c": ("undecided", False, False),
        "d": ("loop", False, False),
        "f": ("plain", False, False),
        "g": ("with", False, False),
        "h": ("with", False, False),
        "i": ("match", False, False),
        "j": ("plain", False, False),
        "k": ("plain", False, False),
        "l": ("try", False, False),
    }


def test_whether_an_installed_module_can_be_imported_is_told_without_parsing_it(tmp_path):
    text = """
    try:
        import jinja2, click
        here = 1
    except ImportError:
        here = 2
    try:
        import jinja2.nothing_of_the_kind
        there = 1
    except ImportError:
        there = 2
    """
    settings = NamedProject(tmp_path, {"m.py": text}).settings
    loader = FileLoader(DiskTree(), settings)
    names = Names(loader, settings)
    for name, expected in (("here", "1"), ("there", "2")):
        found = names.module_attribute("m", name)
        assert isinstance(found, ValueEntity)
        assert show(found.expr) == expected
    assert loader.parsed == 1

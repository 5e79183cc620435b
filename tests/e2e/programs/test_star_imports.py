"""R3: a name from star imports of an installed package that contains much else."""

from __future__ import annotations

import json

import pytest

from tests.e2e.programs.test_typing import passes_checkers

SOURCE = """
from lib import Base

class Trainer(Base):
    def post_step_callback(self, value: int) -> int:
        return value + 1
"""

LIBRARY = {
    "site/lib/__init__.py": "from .models import *\n",
    "site/lib/models/__init__.py": "from .first import *\nfrom .good import *\nfrom .last import *\n",
    # Neither is read: they cannot bind the name, whatever else they contain.
    "site/lib/models/first.py": "this is ( for another Python\n",
    "site/lib/models/last.py": '__all__ = ["Other"]\nfrom ..lib import Base this is\n',
    "site/lib/models/good.py": """
    from arctic_codegen import CallbackMixin
    from .names import *

    class Base(CallbackMixin):
        def step(self) -> int:
            return 1
    """,
    "site/lib/models/names.py": "",
}


def test_R3_modules_that_cannot_bring_the_name_are_not_read(project):
    made = project({"app/__init__.py": "", "app/main.py": SOURCE, **LIBRARY})
    env = {"PYTHONPATH": str(made.root / "site")}
    ran = made.cli("build", "--format", "concise", env=env)
    assert (ran.code, ran.codes) == (0, []), ran.stdout + ran.stderr
    text = made.generated("app/main.py")
    assert "post_step_callback(self, result)" in text


def test_R3_the_last_star_that_brings_the_name_counts(project):
    last = "from arctic_codegen import CallbackMixin\nclass Base(CallbackMixin):\n    def other(self) -> None: ...\n"
    files = {**LIBRARY, "site/lib/models/last.py": last}
    made = project({"app/__init__.py": "", "app/main.py": SOURCE, **files})
    ran = made.cli("build", "--format", "concise", env={"PYTHONPATH": str(made.root / "site")})
    assert [finding.code for finding in ran.findings if finding.severity == "error"] == ["AC201"]


def test_R32_what_a_star_brings_and_its_module_has_imported_itself(project):
    """It exists at run time; strict type checkers use the module that defines it."""
    p = project(
        {
            "app/__init__.py": "",
            "app/most.py": """
                from typing import Any, Callable
                from pathlib import Path
                from collections import OrderedDict as OrderedDict
                class Config: ...
                """,
            "app/more.py": "from app.most import *\n",
            "app/main.py": """
                from __future__ import annotations
                from pathlib import Path
                from typing import Any
                from arctic_codegen import CallbackMixin
                from app.more import *
                class T(CallbackMixin):
                    callbacks = [("pre-step", lambda self, where, extra: (where / "x", extra))]
                    def step(
                        self, where: Path, extra: Any, config: Config, rest: OrderedDict[str, Any]
                    ) -> Path:
                        return where
                """,
        }
    ).built()
    passes_checkers(p)
    p.python(
        """
from pathlib import Path
from generated.app.main import T
assert T().step(Path("a"), 1, None, {}) == Path("a/x")
"""
    )


def inputs(made):
    lock = json.loads((made.root / "generated" / "arctic-codegen.lock").read_text())
    return {path for path in lock["inputs"] if path.startswith("site:")}


LAZY = {
    "site/lib/__init__.py": """
        from typing import TYPE_CHECKING
        from .tools import LazyModule

        _import_structure = {"trainer": ["Base"], "models": []}
        if TYPE_CHECKING:
            from .models import *
            from .trainer import Base as Base
            from .trainer import other
        else:
            import sys
            sys.modules[__name__] = LazyModule(__name__, __file__, _import_structure)
        """,
    "site/lib/tools.py": """
        import importlib, os, types

        class LazyModule(types.ModuleType):
            def __init__(self, name, file, structure):
                super().__init__(name)
                self.__file__ = file
                self.__path__ = [os.path.dirname(file)]
                self._where = {one: inside for inside, all in structure.items() for one in all}
            def __getattr__(self, name):
                if name not in self._where:
                    raise AttributeError(name)
                return getattr(importlib.import_module(f"lib.{self._where[name]}"), name)
        """,
    "site/lib/models/__init__.py": "from .one import *\nfrom .two import *\n",
    "site/lib/models/one.py": "from ..trainer import Base as Base\n",
    "site/lib/models/two.py": "__all__ = [name for name in dir()]\n",
    "site/lib/trainer.py": """
        other = 1
        class Base:
            def step(self) -> int:
                return 1
        """,
}
MIXED = "from arctic_codegen import CallbackMixin\n" + SOURCE.replace(
    "(Base)", "(CallbackMixin, Base)"
)


def test_R3_no_star_is_followed_for_a_name_that_is_bound_after_it(project):
    """A module that loads its names on demand, like transformers."""
    made = project({"app/__init__.py": "", "app/main.py": MIXED, **LAZY})
    env = {"PYTHONPATH": str(made.root / "site")}
    assert made.cli("build", env=env).code == 0
    assert inputs(made) == {"site:lib/__init__.py", "site:lib/trainer.py"}
    made.python("from generated.app.main import Trainer; assert Trainer().step() == 2", env=env)


AFTER_A_STAR = {
    "bound at once": ("from .star import *\nfrom .own import Base", "own"),
    "bound before": ("from .own import Base\nfrom .star import *", "star"),
    "in a branch that is taken": (
        "from .star import *\nif True:\n    from .own import Base",
        "own",
    ),
    "in a branch that is not": (
        "from .star import *\nif not True:\n    from .own import Base",
        "star",
    ),
    "star in a branch": ("if True:\n    from .star import *\nfrom .own import Base", "own"),
    "star in a try": (
        "try:\n    from .star import *\nexcept ImportError: pass\nfrom .own import Base",
        "own",
    ),
    "bound in a try that fails": (
        "from .star import *\ntry:\n    import nothing_of_the_kind\n    from .own import Base\n"
        "except ImportError:\n    pass",
        "star",
    ),
    "bound after what fails in a try": (
        "try:\n    from .star import *\n    import nothing_of_the_kind\n    from .own import Base\n"
        "except ImportError:\n    pass",
        "star",
    ),
    "read between": (
        "from .star import *\nKept = Base\nfrom .own import Base\nBase = Kept",
        "star",
    ),
    "deleted, and starred again": (
        "from .own import Base\ndel Base\nfrom .star import *",
        "star",
    ),
    "of the name of a module": (
        "from .star import *\nfrom .Base import x\nfrom .own import Base",
        "own",
    ),
}


@pytest.mark.parametrize("case", AFTER_A_STAR)
def test_R3_what_counts_of_a_star_and_a_binding(project, case):
    text, which = AFTER_A_STAR[case]
    made = project(
        {
            "app/__init__.py": "",
            "app/main.py": MIXED,
            "site/lib/__init__.py": text + "\n",
            "site/lib/star.py": "class Base:\n    def step(self) -> int: return 10\n",
            "site/lib/own.py": "class Base:\n    def step(self) -> int: return 20\n",
            "site/lib/Base.py": "x = 1\n",
        }
    )
    env = {"PYTHONPATH": str(made.root / "site")}
    ran = made.cli("build", env=env)
    assert ran.code == 0, ran.stdout
    assert f"# lib.{which}.Base.step" in made.generated("app/main.py")
    wanted = {"star": 11, "own": 21}[which]
    made.python(
        f"from generated.app.main import Trainer; assert Trainer().step() == {wanted}", env=env
    )


GATHERED = {
    "site/lib/__init__.py": "from .own import Base\nfrom .models import *\n",
    "site/lib/own.py": "class Base:\n    def step(self) -> int:\n        return 1\n",
    "site/lib/models/__init__.py": "".join(f"from .m{n} import *\n" for n in range(9)),
    **{f"site/lib/models/m{n}/__init__.py": "from .x import *\n" for n in range(9)},
    **{f"site/lib/models/m{n}/x.py": f"class Model{n}: ...\n" for n in range(9)},
}
OF_A_DISTRIBUTION = {
    "site/lib-1.0.dist-info/METADATA": "Name: lib\nVersion: 1.0\n",
    "site/lib-1.0.dist-info/RECORD": "".join(
        f"{path.removeprefix('site/')},,\n" for path in GATHERED
    ),
}


@pytest.mark.parametrize("more", [OF_A_DISTRIBUTION, {}], ids=["of a distribution", "of none"])
def test_R36_what_a_star_does_not_bring_is_an_input_where_no_version_stands_for_it(project, more):
    made = project({"app/__init__.py": "", "app/main.py": MIXED, **GATHERED, **more})
    env = {"PYTHONPATH": str(made.root / "site")}
    assert made.cli("build", env=env).code == 0
    named = {"site:lib/__init__.py", "site:lib/own.py"}
    if more:
        assert inputs(made) == named
    else:
        assert inputs(made) == {path.replace("site/", "site:") for path in GATHERED}
    importing = "from generated.app.main import Trainer; assert Trainer().step() == 2"
    made.python(importing, env=env)
    assert made.cli("build", "--check", env=env).code == 0
    base = "class Model3: ...\nclass Base:\n    def step(self, more: int) -> int: return 3\n"
    (made.root / "site/lib/models/m3/x.py").write_text(base)
    if more:
        newer = made.root / "site/lib-1.1.dist-info"
        (made.root / "site/lib-1.0.dist-info").rename(newer)
        (newer / "METADATA").write_text("Name: lib\nVersion: 1.1\n")
    assert "StaleOutputError" in made.python(importing, ok=False, env=env)
    assert made.cli("build", "--check", env=env).code == 1
    assert made.cli("build", env=env).code == 0
    assert "site:lib/models/m3/x.py" in inputs(made)


OWN = {
    "app/__init__.py": "",
    "app/base.py": "from arctic_codegen import CallbackMixin\nclass Base(CallbackMixin):\n"
    "    def step(self) -> int:\n        return 1\n",
    "app/all.py": "from app.base import Base\nfrom app.models import *\n",
    "app/models/__init__.py": "".join(f"from .m{n} import *\n" for n in range(9)),
    **{f"app/models/m{n}.py": f"class Model{n}: ...\n" for n in range(9)},
    "app/main.py": SOURCE.replace("lib", "app.all"),
}
IMPORTING = "from generated.app.main import Trainer; print(Trainer().step())"


def test_R36_a_source_behind_a_star_need_not_be_parsed_and_is_an_input(project):
    made = project(OWN).built()
    counted = made.cli("build", "--no-cache", "--timings").stderr
    skipped = next(line for line in counted.splitlines() if line.endswith("files skipped"))
    assert int(skipped.split()[0]) >= 9
    lock = json.loads((made.root / "generated" / "arctic-codegen.lock").read_text())
    assert {f"../app/models/m{n}.py" for n in range(9)} <= set(lock["inputs"])
    path = made.root / "app/models/m3.py"
    # Text that is not a statement does not matter.
    path.write_text("class Model3: ...  # no Base\n")
    assert made.python(IMPORTING) == "2\n"
    assert made.cli("build", "--check").code == 0
    assert made.cli("build").code == 0
    assert made.python(IMPORTING) == "2\n"
    # A change of what binds the name is detected: at import, by `--check` and by the next build.
    path.write_text(
        "from app.base import Base as Plain\nclass Base(Plain):\n    def other(self): ...\n"
    )
    assert "StaleOutputError" in made.python(IMPORTING, ok=False)
    assert made.cli("build", "--check").code == 1
    assert made.cli("build").code == 0
    text = (made.root / "generated/arctic-codegen.lock").read_text()
    made.cli("build", "--no-cache")
    assert (made.root / "generated/arctic-codegen.lock").read_text() == text
    assert made.python(IMPORTING) == "2\n"
    path.write_text("from ..base import *\n")
    assert "StaleOutputError" in made.python(IMPORTING, ok=False)


def test_R4_mistakes_behind_a_star_are_reported(project):
    made = project({**OWN, "app/models/m5.py": "class Model5(: ...\n"})
    ran = made.cli("build", "--format", "concise")
    assert ("app/models/m5.py", 1, "AC001") in ran.codes

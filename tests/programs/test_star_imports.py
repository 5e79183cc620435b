"""R3: a name that comes through stars of an installed package that holds much else."""

from __future__ import annotations

from tests.programs.test_typing import passes_checkers

SOURCE = """
from lib import Base

class Trainer(Base):
    def post_step_callback(self, value: int) -> int:
        return value + 1
"""

LIBRARY = {
    "site/lib/__init__.py": "from .models import *\n",
    "site/lib/models/__init__.py": "from .first import *\nfrom .good import *\nfrom .last import *\n",
    # Neither is read: they cannot bring the name, whatever else they hold.
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
    """At run time it comes; strict type checkers go by the module that has it."""
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

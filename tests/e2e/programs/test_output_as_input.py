"""R12, R20, R32: sources that import the output mean the same before and after a build."""

from __future__ import annotations

import json

import pytest

INSIDE = """
[tool.arctic-codegen]
sources = ["app"]
output = "app/_compiled"
"""

APP = {
    "app/__init__.py": """
        try:
            from app._compiled.app.trainers import Trainer
        except ImportError:
            Trainer = None
        """,
    "app/trainers.py": """
        from arctic_codegen import CallbackMixin
        class Trainer(CallbackMixin):
            callbacks = [("post-loss", lambda self, x: x + 1)]
            def loss(self) -> float:
                return 1.0
        """,
}


def twice(p):
    """Two independent builds give the same output, and the check agrees."""
    locks = []
    for _ in range(2):
        ran = p.build("--no-cache")
        assert ran.code == 0, ran.stdout + ran.stderr
        (path,) = p.root.rglob("arctic-codegen.lock")
        locks.append(path.read_text())
        assert p.cli("build", "--check", "--no-cache").code == 0
    assert locks[0] == locks[1]
    return json.loads(locks[0]), ran


def test_R32_a_script_that_imports_the_output_does_not_make_it_an_input(project):
    p = project(
        {
            "app/__init__.py": "",
            "app/trainers.py": APP["app/trainers.py"],
            "app/script.py": """
                from generated.app.trainers import Trainer
                def extra(trainer: Trainer, loss: float) -> float:
                    return loss * 10
                Trainer.callbacks.append(("post-loss", extra))
                if __name__ == "__main__":
                    print(Trainer().loss())
                """,
        }
    )
    lock, ran = twice(p)
    assert sorted(lock["inputs"]) == ["../app/script.py", "../app/trainers.py"]
    assert ran.codes == [("app/script.py", 4, "AC211")]
    run = "import runpy; runpy.run_path('app/script.py', run_name='__main__')"
    assert p.python(run) == "20.0\n"


IMPORTS = {
    "from the package": "from app import Trainer",
    "from the module": "from app._compiled.app.trainers import Trainer",
    "relatively": "from ._compiled.app.trainers import Trainer",
    "with a star": "from app._compiled.app.trainers import *",
    "with a star that comes first": "from app._compiled.app.trainers import *\nfrom app.other import *",
    "as a module": "import app._compiled.app.trainers as t\nTrainer = t.Trainer",
    "by a package": "from app._compiled.app import trainers\nTrainer = trainers.Trainer",
    "under another name": "from app import Trainer as T\nTrainer = T",
}


@pytest.mark.parametrize("how", list(IMPORTS))
def test_R12_the_output_inside_the_package_that_hands_it_on(project, how):
    script = f"""{IMPORTS[how]}
def extra(trainer, loss: float) -> float:
    return loss * 10
Trainer.callbacks.append(("post-loss", extra))
"""
    p = project(
        {**APP, "app/script.py": script, "app/other.py": "def helper() -> None: ...\n"}, INSIDE
    )
    lock, ran = twice(p)
    assert not [path for path in lock["inputs"] if not path.startswith("../")]
    assert [code for _, _, code in ran.codes] == ["AC211"]
    out = p.python("import app.script, app.trainers\nprint(app.Trainer().loss())")
    assert out == "20.0\n"


def test_R36_another_source_of_the_same_name_with_the_output_inside_the_package(project):
    p = project(APP, INSIDE).built()
    other = project(APP, INSIDE)
    other.write({"app/trainers.py": APP["app/trainers.py"].replace("x + 1", "x + 2")})
    other.write({"app/__init__.py": ""})
    told = p.python(
        f"""
import sys, importlib.util
sys.path.insert(0, {str(other.root)!r})
import app.trainers
spec = importlib.util.spec_from_file_location("c", {str(p.root / "app/_compiled/app/trainers.py")!r})
spec.loader.exec_module(importlib.util.module_from_spec(spec))
""",
        ok=False,
    )
    assert "app.trainers was imported from" in told.splitlines()[-1]


def test_R20_a_compiled_base_that_comes_through_another_module(project):
    p = project(
        {
            **APP,
            "app/more.py": """
                from app import Trainer
                class More(Trainer):
                    callbacks = [("pre-loss", lambda self: None)]
                """,
        },
        INSIDE,
    )
    assert p.build("--no-cache").codes == [("app/more.py", 2, "AC303")]
    more = (p.root / "app/more.py").read_text()
    p.write({"app/more.py": ""})
    p.built()
    p.write({"app/more.py": more})
    assert p.build("--no-cache").codes == [("app/more.py", 2, "AC303")]


def test_a_persons_own_module_in_the_output_folder_is_read(project):
    p = project(
        {
            "app/__init__.py": "",
            "app/main.py": """
                from made.own import note
                from arctic_codegen import CallbackMixin
                class T(CallbackMixin):
                    callbacks = [("post-go", note)]
                    def go(self) -> None: ...
                """,
            "made/own.py": "def note(obj: object) -> None:\n    print('own')\n",
        },
        config='[tool.arctic-codegen]\nsources = ["app"]\noutput = "made"\n',
    )
    twice(p)
    assert p.python("from made.app.main import T\nT().go()") == "own\n"

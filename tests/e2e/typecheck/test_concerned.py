"""R69: `check` reports what concerns callbacks, and when a checker has failed."""

from __future__ import annotations

import pytest

from tests.e2e.typecheck.conftest import CONFIG
from tests.harness import Project

LAX = CONFIG.replace("strict = true", "")
MIXED = """
    import functools
    from typing import Optional

    from arctic_codegen import CallbackMixin

    LIMIT: int = "3"  # unrelated


    def helper(x: int) -> int:
        return "x"  # unrelated


    class Every:
        def __init__(self, n: int) -> None:
            self.n = n

        def __call__(self, trainer: "Trainer", value: float) -> float:
            if self.n > 3:
                return "x"  # concerns
            return value + helper(self.nothing)  # unrelated


    def scale(trainer: "Trainer", value: float, *, factor: float) -> float:
        return value * factor


    def maker(limit: float):
        def clip(trainer: "Trainer", value: float) -> float:
            return min(value, limit)

        return clip


    def misspelt(
        trainer: "Trainer",
        value: "flaot",  # concerns
    ) -> float:
        return value


    def forgets(trainer: "Trainer", value: Optional[float]) -> float:
        return value  # concerns


    class Trainer(CallbackMixin):
        factory: int = "no"  # unrelated
        callbacks = [
            ("post-loss", functools.partial(scale, factor="2")),  # concerns
            ("post-loss", Every("10")),  # concerns
            ("post-loss", maker("20")),  # concerns
            ("post-loss", misspelt),
            ("post-loss", forgets),
        ]

        def loss(self) -> float:
            return "low"  # unrelated

        def post_loss_callback(self, value: float) -> float:
            print(self.missing)  # unrelated
            return value

        def step(self, batch: int) -> None:
            self.loss(1)  # unrelated

        def pre_step_callback(self, batch: "int") -> "int":
            def inner() -> int:
                return batch

            return inner()


    class Child(Trainer):
        def pre_step_callback(self) -> None:  # an override that runs beside the other one (R17)
            helper("x")  # unrelated


    Child().step("x")  # unrelated
"""


def marked(text: str, mark: str) -> list[int]:
    lines = enumerate(text.lstrip("\n").splitlines(), 1)
    return [number for number, line in lines if mark in line]


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_what_concerns_no_callback_is_left_to_the_checker(project, checker):
    p = project(MIXED, LAX).built()
    ran = p.cli("check", "--format", "concise", "--checker", checker)
    wanted = marked(MIXED, "# concerns")
    assert [(path, line, code) for path, line, code in ran.codes] == [
        ("app/main.py", line, "AC502") for line in wanted
    ], ran.stdout
    assert "of the sources left out (--sources reports them)" in ran.stderr
    every = p.cli("check", "--format", "concise", "--checker", checker, "--sources")
    lines = {line for _, line, code in every.codes if code == "AC502"}
    assert lines >= {*wanted, *marked(MIXED, "# unrelated")}, every.stdout
    assert "left out" not in every.stderr


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_project_with_type_errors_of_its_own_passes(project, checker):
    """Its first check must not fail because of unrelated errors."""
    p = project(
        """
        from arctic_codegen import CallbackMixin
        import no_such_package  # optional at run time


        class Factory(CallbackMixin):
            def create(self): return no_such_package.x
            def write(self) -> None: ...


        class MyFactory(Factory):
            def create(self) -> int: return "x"

            def post_create_callback(self, value):
                return value.nothing

            def post_write_callback(self):
                import no_such_logger  # mypy reports it at the start of the line

                no_such_logger.log(self)


        class Trainer(CallbackMixin):
            factory: Factory

            def step(self, batch): self.nope()


        class MyTrainer(Trainer):
            factory: MyFactory
            callbacks = [("pre-step", lambda self, batch: batch)]
        """,
        CONFIG,
    ).built()
    ran = p.cli("check", "--format", "concise", "--checker", checker)
    assert (ran.code, ran.stdout) == (0, ""), ran.stdout + ran.stderr
    assert p.cli("check", "--sources", "--checker", checker).code == 1


def test_comments_are_of_use_whether_or_not_sources_are_reported(project):
    p = project(
        """
        from arctic_codegen import CallbackMixin

        X: int = ""  # arctic-codegen: ignore[AC502]
        Y: int = ""  # arctic-codegen: ignore
        Z: int = 0  # arctic-codegen: ignore[AC502]


        class Trainer(CallbackMixin):
            def step(self) -> None: ...

            def pre_step_callback(self) -> None: ...
        """,
        LAX,
    ).built()
    for more in ([], ["--sources"]):
        assert p.cli("check", "--format", "concise", *more).codes == [("app/main.py", 5, "AC013")]


RIGHT = """
    from arctic_codegen import CallbackMixin


    class Trainer(CallbackMixin):
        def step(self, batch: int) -> None: ...

        def pre_step_callback(self, batch: int) -> int:
            return batch
"""
SILENT = LAX.replace("[tool.mypy]", 'ignore = ["AC5", "source-type"]\n[tool.mypy]')
FAULTS = {
    "plugin": ({"mypy.ini": "[mypy]\nplugins = no_such_plugin\n"}, "no_such_plugin"),
    "twice": (
        {
            "lib/pkg/__init__.py": "",
            "lib/pkg/a.py": "X = 1\n",
            "app/other.py": "import lib.pkg.a\nimport pkg.a\n",
            "mypy.ini": "[mypy]\nmypy_path = lib\n",
        },
        "found twice under different module names",
    ),
    "settings": ({"mypy.ini": "[mypy]\npython_version = 2.7\n"}, "Python 2"),
}
PYRIGHT_FAULTS = {
    "broken": ({"pyrightconfig.json": '{"bad'}, "could not be parsed"),
    "extends": ({"pyrightconfig.json": '{"extends": "nope.json"}'}, "could not be read"),
}


@pytest.mark.parametrize(
    ("checker", "name"),
    [("mypy", one) for one in FAULTS] + [("pyright", x) for x in PYRIGHT_FAULTS],
)
def test_a_checker_that_could_not_do_its_work_is_exit_code_2(project, checker, name):
    """With the checker's own message, whatever is suppressed, and whichever file is to blame."""
    files, words = (FAULTS if checker == "mypy" else PYRIGHT_FAULTS)[name]
    p: Project = project({"app/main.py": RIGHT}, SILENT)
    assert p.build().code == 0
    assert p.cli("check", "--checker", checker).code == 0
    p.write(files)
    assert p.build().code == 0
    for more in ([], ["--sources"], ["--strict"]):
        ran = p.cli("check", "--checker", checker, *more)
        assert (ran.code, ran.stdout) == (2, ""), ran.stdout + ran.stderr
        assert f"{checker} cannot check the types" in ran.stderr
        assert words in ran.stderr
        assert "well" not in ran.stderr
        assert "No problems" not in ran.stderr


def test_an_installed_file_that_stops_mypy_is_reported_too(project):
    """Messages there are dropped, but mypy then has checked nothing else."""
    p = project({"app/main.py": RIGHT, "app/use.py": "import newest\n"}, SILENT)
    p.write({"site-packages/newest.py": "def f(:\n", "site-packages/py.typed": ""})
    env = {"MYPYPATH": str(p.root / "site-packages")}
    assert p.build().code == 0
    ran = p.cli("check", env=env)
    assert (ran.code, ran.stdout) == (2, "")
    assert "newest.py:1:" in ran.stderr


@pytest.mark.parametrize("setting", ["exclude", "ignore"])
def test_pyright_is_kept_out_of_the_output_by_no_setting(project, setting):
    wrong = RIGHT.replace("-> int:\n            return batch", '-> str:\n            return "x"')
    p = project({"app/main.py": wrong}).built()
    p.write({"pyrightconfig.json": f'{{"{setting}": ["generated", "**/generated/**"]}}'})
    ran = p.cli("check", "--checker", "pyright", "--format", "concise")
    assert ran.codes == [("app/main.py", 7, "AC501")], ran.stdout + ran.stderr

"""``check``: current output and matching types; findings at lines that the user can edit."""

from __future__ import annotations

import json
import shutil
import sys
import textwrap
from pathlib import Path

import pytest

import arctic_codegen
from tests.e2e.typecheck.conftest import CONFIG
from tests.harness import Project

WRONG = """
    from arctic_codegen import CallbackMixin


    class Trainer(CallbackMixin):
        def step(self, batch: int) -> None: ...

        def pre_step_callback(self, batch: int) -> str:
            return "x"
"""
RIGHT = WRONG.replace("-> str", "-> int").replace('"x"', "batch")


def check(p, *args, env=None):
    return p.cli("check", "--format", "concise", *args, env=env)


def test_one_run_tells_output_types_and_notes(project):
    """Stale, missing, edited and orphaned output is reported, and the output that a build would
    write is checked."""
    lax = CONFIG.replace("strict = true", "")
    p = project(
        {"app/main.py": RIGHT, "app/gone.py": RIGHT, "app/torn.py": RIGHT, "app/other.py": RIGHT},
        lax,
    ).built()
    assert check(p).code == 0
    before = {path: path.read_bytes() for path in sorted((p.root / "generated").rglob("*.py"))}
    (p.root / "app" / "gone.py").unlink()
    torn = p.root / "generated" / "app" / "torn.py"
    torn.write_text(torn.read_text().replace("batch = ", "batch: str = "))
    p.write(
        {
            "app/main.py": WRONG,
            "app/new.py": """
                from arctic_codegen import CallbackMixin


                class Loader(CallbackMixin):
                    def load(self) -> bytes:
                        return b""

                    def post_load_callback(self, value: bytes) -> str:
                        return value.decode()

                    def post_init_callback(self):
                        print("loader")
            """,
        }
    )
    ran = check(p)
    assert ran.code == 1
    assert ran.codes == [
        ("app/main.py", 7, "AC501"),
        ("app/new.py", 8, "AC501"),
        ("generated/app/gone.py", 1, "AC606"),
        ("generated/app/new.py", 1, "AC604"),
        ("generated/app/torn.py", 1, "AC605"),
    ]
    assert "and 1 note (--strict lists notes)" in ran.stderr
    strict = check(p, "--strict")
    assert ("app/new.py", 11, "AC413") in [(f.path, f.line, f.code) for f in strict.findings]
    # Nothing has been written.
    (p.root / "app" / "gone.py").write_text("")
    after = {path: path.read_bytes() for path in before}
    assert {path for path in before if before[path] != after[path]} == {torn}

    # After the build only the type errors are left, without a cold start.
    (p.root / "app" / "gone.py").unlink()
    assert p.build().code == 0
    assert [code for _, _, code in check(p).codes] == ["AC501", "AC501"]


def test_pyright_checks_what_a_build_would_write(project):
    p = project({"app/main.py": RIGHT}).built()
    p.write(
        {
            "app/main.py": WRONG
            + """
        callbacks = [("post-step", lambda self: self.nothing)]
            """
        }
    )
    assert check(p, "--checker", "pyright").codes == [
        ("app/main.py", 7, "AC501"),
        ("app/main.py", 10, "AC501"),
        ("generated/app/main.py", 1, "AC603"),
    ]


def test_a_condition_of_a_base_class_is_reported_once(project):
    p = project(
        {
            "app/main.py": """
                from arctic_codegen import CallbackMixin, when


                class Config:
                    trace = False


                class Trainer(CallbackMixin):
                    callbacks = [("pre-step", when("confg.trace", lambda self: None))]
                    config = Config()

                    def step(self) -> None: ...


                class Derived(Trainer): ...
            """
        }
    ).built()
    assert check(p).codes == [("app/main.py", 9, "AC501")]


def test_related_places_and_words(project):
    p = project(
        """
        from arctic_codegen import CallbackMixin


        def text(trainer: "Trainer", batch: "int | str") -> str:
            return str(batch)


        def number(trainer: "Trainer", batch: int) -> int:
            return batch


        class Trainer(CallbackMixin):
            callbacks = [("pre-step", text), ("pre-step", number)]

            def step(self, batch: "int | str") -> None: ...

            def loss(self) -> float:
                return 1.0

            def post_loss_callback(self, value: float) -> float:
                return value


        class Child(Trainer):
            def post_loss_callback(self, value: str) -> float:  # type: ignore[override]
                return float(value)


        def zähle(trainer: Child, value: float) -> float:
            return value


        class Other(Trainer):
            callbacks = [("post-loss", zähle)]
        """
    ).built()
    found = json.loads(p.cli("check", "--format", "json").stdout)["findings"]
    chained, inherited, accented = found
    assert chained["code"] == "AC501"
    assert (chained["path"], chained["line"], chained["column"]) == ("app/main.py", 8, 5)
    assert chained["message"] == (
        "the callback 'number' on pre-step takes \"int\" as 'batch' of 'Trainer.step', "
        'but is given "str" [mypy: arg-type]'
    )
    assert [(one["line"], one["message"]) for one in chained["related"]] == [
        (13, "the entry that declares it"),
        (15, "the method 'step'"),
        (4, "'text' runs before it, and changes the type"),
    ]
    # The previous callback returns the type of the method, so it is not the cause.
    assert inherited["line"] == 25
    assert [one["message"] for one in inherited["related"]] == ["the method 'loss'"]
    # Columns count characters, not bytes.
    assert accented["message"].startswith(
        "the callback 'zähle' on post-loss takes \"Child\" as its"
    )


def test_errors_of_the_sources_are_passed_on(project):
    p = project(
        """
        from arctic_codegen import CallbackMixin

        NAME: int = "é"; OTHER: bytes = "é"


        class Trainer(CallbackMixin):
            def step(self) -> int:
                return "x"  # type: ignore[return-value]

            def loss(self) -> int:
                return 0  # type: ignore[return-value]

            def post_loss_callback(self, value: int) -> int:
                return value
        """
    ).built()
    ran = check(p, "--sources")
    assert [(f.line, f.column, f.code) for f in ran.findings] == [
        (3, 13, "AC502"),
        (3, 33, "AC502"),
        (11, 1, "AC502"),
    ]
    assert ran.findings[0].message == (
        'Incompatible types in assignment (expression has type "str", variable has type "int") '
        "[mypy: assignment]"
    )
    assert "unused-ignore" in ran.findings[2].message
    ran = check(p, "--sources", "--checker", "pyright")
    assert [(f.line, f.column, f.code) for f in ran.findings] == [
        (3, 13, "AC502"),
        (3, 33, "AC502"),
    ]


def test_the_project_s_own_settings_hold(project):
    """Lax settings stay lax, and settings that exclude generated code have no effect."""
    source = """
        from arctic_codegen import CallbackMixin


        def helper(x):
            return x


        class Trainer(CallbackMixin):
            def step(self, batch: int) -> None: ...

            def pre_step_callback(self, batch: int) -> str:
                return "x"
    """
    p = project(source).built()
    assert [code for _, _, code in check(p, "--sources").codes] == ["AC502", "AC501"]
    lax = """
        [tool.arctic-codegen]
        sources = ["app"]

        [tool.mypy]
        exclude = ["generated"]

        [[tool.mypy.overrides]]
        module = "generated.*"
        ignore_errors = true
        follow_imports = "skip"
    """
    p = project(source, lax).built()
    assert check(p).codes == [("app/main.py", 11, "AC501")]


@pytest.mark.long
def test_strict_settings_say_nothing_twice(project):
    """Style rules are reported for the sources only."""
    config = """
        [tool.arctic-codegen]
        sources = ["app"]

        [tool.mypy]
        strict = true
        disallow_any_explicit = true
        disallow_any_expr = true
        enable_error_code = ["explicit-override", "mutable-override"]
        warn_unreachable = true

        [tool.pyright]
        typeCheckingMode = "strict"
        reportImplicitOverride = true
    """
    p = project({"app/main.py": RIGHT}, config).built()
    assert check(p).stdout == ""
    assert check(p, "--checker", "pyright").stdout == ""


def test_findings_can_be_silenced_and_ignores_that_silence_nothing_are_told(project):
    text = (
        WRONG.replace("-> str:", "-> str:  # arctic-codegen: ignore[AC501]")
        + """
        def loss(self) -> int:  # arctic-codegen: ignore[AC501]
            return 1

        def post_loss_callback(self, value: int) -> int:  # arctic-codegen: ignore
            return value
    """
    )
    p = project({"app/main.py": text}).built()
    ran = check(p)
    assert ran.codes == [("app/main.py", 10, "AC013"), ("app/main.py", 13, "AC013")]
    assert ran.code == 0
    # A build cannot know types.
    assert p.build().codes == []
    ignored = CONFIG.replace('sources = ["app"]', 'sources = ["app"]\nignore = ["callback-type"]')
    p = project({"app/main.py": WRONG}, ignored).built()
    assert check(p, "--strict").stdout == ""


def test_types_wait_for_mistakes_to_be_mended(project):
    p = project({"app/main.py": WRONG.replace("pre_step", "pre_stop")})
    ran = check(p)
    assert ran.code == 1
    assert [code for _, _, code in ran.codes] == ["AC201"]
    assert ran.stderr == "Found 1 error; types are checked once these are fixed.\n"


def test_untyped_packages_are_looked_into(project):
    """As with arctic-training, which has no ``py.typed``: its types count, its errors do not."""
    frame = """
        import json as tools
        from arctic_codegen import CallbackMixin

        BROKEN: int = "x"


        def untyped(x):
            return x


        class Trainer(CallbackMixin):
            def step(self, batch: int) -> None: ...

            def pre_step_callback(self, batch: str) -> int:
                return 1
    """
    source = """
        from frame.core import Trainer, tools

        print(tools)


        def log(trainer: Trainer, batch: int) -> bytes:
            return b""


        class Mine(Trainer):
            callbacks = [("pre-step", log)]


        class Other(Trainer):
            def step(self, batch: int) -> None: ...
    """
    p = project({"app/main.py": source}, CONFIG.replace("[tool.mypy]", f"{PYTHON}\n[tool.mypy]"))
    packages = environment(p.root / "venv")
    (packages / "frame").mkdir()
    (packages / "frame" / "__init__.py").write_text("")
    (packages / "frame" / "core.py").write_text(textwrap.dedent(frame))
    assert p.build().code == 0
    for checker in ("mypy", "pyright"):
        ran = check(p, "--checker", checker)
        # Errors of the package itself are not reported, but callbacks that do not fit a method are.
        assert ran.codes == [("app/main.py", 6, "AC501"), ("app/main.py", 15, "AC501")], ran.stdout
        assert "'pre_step_callback'" in ran.findings[1].message


PYTHON = 'python = "venv/bin/python"'


def environment(folder: Path) -> Path:
    """An environment with this tool installed; returns its folder of packages."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    packages = folder / "lib" / version / "site-packages"
    packages.mkdir(parents=True)
    base = Path(sys._base_executable)  # type: ignore[attr-defined]
    (folder / "pyvenv.cfg").write_text(f"home = {base.parent}\n")
    (folder / "bin").mkdir()
    (folder / "bin" / "python").symlink_to(base)
    (packages / "arctic_codegen").symlink_to(Path(arctic_codegen.__file__).parent)
    return packages


@pytest.mark.long
def test_the_output_may_lie_anywhere(project):
    config = """
        [tool.arctic-codegen]
        sources = ["src/pkg"]
        output = "src/pkg/compiled"

        [tool.mypy]
        strict = true
    """
    files = {"src/pkg/__init__.py": "", "src/pkg/main.py": WRONG}
    p = project(files, config).built()
    for checker in ("mypy", "pyright"):
        assert check(p, "--checker", checker).codes == [("src/pkg/main.py", 7, "AC501")]
    # From another folder, with an explicit configuration, and output outside all import roots.
    shutil.rmtree(p.root / "src" / "pkg" / "compiled")
    p.write({"other.toml": config.replace("src/pkg/compiled", "../out")})
    p.root = p.root / "src"
    for checker in ("mypy", "pyright"):
        ran = check(p, "--config", "../other.toml", "--checker", checker)
        assert ("pkg/main.py", 7, "AC501") in ran.codes


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_a_checker_that_is_not_installed_is_wrong_use(project, checker, monkeypatch, capsys):
    from importlib import util

    from arctic_codegen.cli.main import run
    from arctic_codegen.typecheck import pyright_checker, starting

    p = project({"app/main.py": RIGHT})
    monkeypatch.chdir(p.root)
    monkeypatch.setenv("PATH", "")
    for module in (starting, pyright_checker):
        monkeypatch.setattr(module, "find_spec", lambda name: None)
    assert util.find_spec("mypy") is not None
    assert run(["check", "--checker", checker]) == 2
    said = capsys.readouterr().err
    assert f"{checker} is not installed" in said
    assert "help: run `pip install" in said


@pytest.mark.long
def test_the_cache_is_mypy_s_own_and_goes_elsewhere_where_it_has_to(project, tmp_path):
    p = project({"app/main.py": WRONG}).built()
    home = tmp_path / "caches"
    env = {"XDG_CACHE_HOME": str(home)}
    check(p, env=env)
    folder = p.root / ".arctic-codegen-cache"
    assert (folder / ".gitignore").read_text() == "*\n"
    (kept,) = folder.glob("mypy-*")
    assert any(kept.iterdir())
    assert not (p.root / ".mypy_cache").exists()
    assert not home.exists()

    # A read-only project, as seen by root, who may write anywhere: a file is in the way.
    p = project({"app/main.py": WRONG})
    assert p.build("--no-cache").code == 0
    (p.root / ".arctic-codegen-cache").write_text("")
    check(p, env=env)
    (own,) = (home / "arctic-codegen").iterdir()
    assert any((own / kept.name).iterdir())
    ran = check(p, env={"XDG_CACHE_HOME": str(p.root / "pyproject.toml")})
    assert ran.codes == [("app/main.py", 7, "AC501")]

    p = project({"app/main.py": WRONG})
    assert p.build("--no-cache").code == 0
    assert check(p, "--no-cache", env=env).codes == [("app/main.py", 7, "AC501")]
    assert not (p.root / ".arctic-codegen-cache").exists()


@pytest.mark.parametrize(
    "setting", ["files = app", "files = nowhere", "modules = app.main", "packages = app"]
)
def test_files_that_settings_name_for_mypy_are_not_what_is_checked(project, setting):
    """They apply to runs without arguments, such as `mypy` with `files = src` in mypy.ini."""
    p = project({"app/main.py": WRONG, "mypy.ini": f"[mypy]\n{setting}\n"}).built()
    assert check(p).codes == [("app/main.py", 7, "AC501")]


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("python_version = 2.7", "the types: Mypy no longer supports checking Python 2"),
        ("python_executable = /nope", "the types: mypy: Invalid python executable '/nope'"),
        ("custom_typeshed_dir = /nope", "/nope"),
    ],
)
def test_settings_that_mypy_cannot_work_with_are_told(project, setting, told):
    p = project({"app/main.py": WRONG, "mypy.ini": f"[mypy]\n{setting}\n"}).built()
    ran = check(p)
    assert ran.code == 2
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.long
def test_examples_of_the_table(project):
    """The wrong examples of ``explain AC501`` and ``explain AC502`` are reported, the right ones
    not."""
    from arctic_codegen.diagnostics.codes.page import read_page

    pages = {code: read_page(code) for code in ("AC501", "AC502")}
    files = {f"app/wrong_{code}.py": page.wrong + "\n" for code, page in pages.items()}
    files |= {f"app/right_{code}.py": page.right + "\n" for code, page in pages.items()}
    told = check(project(files).built(), "--sources").codes
    assert [(path, code) for path, _, code in told] == [
        ("app/wrong_AC501.py", "AC501"),
        ("app/wrong_AC502.py", "AC502"),
    ]


def test_a_compiled_class_that_is_wrong_by_itself_is_told_at_its_source(tmp_path):
    """No real case gives AC503, so the checker's answer is faked."""
    from arctic_codegen.build import driver
    from arctic_codegen.config import load
    from arctic_codegen.diagnostics.records import Place, Span
    from arctic_codegen.typecheck.checking import check_types
    from arctic_codegen.typecheck.questions import CheckerMessage

    class Answers:
        name = "mypy"

        def __init__(self, *messages: CheckerMessage) -> None:
            self.said = messages

        def messages(self, question):
            return self.said

        def close(self):
            raise AssertionError

    p = Project(tmp_path, {"app/__init__.py": "", "app/main.py": RIGHT}, CONFIG).built()
    settings = load(tmp_path).settings
    compiled = str(tmp_path / "generated" / "app" / "main.py")
    lines = p.generated("app/main.py").split("\n")

    def told(*messages):
        built = driver.build(
            settings, write=False, types=lambda job: check_types(Answers(*messages), job).all
        )
        return [
            (Path(f.place.path).name, f.place.span.line, f.code, f.message) for f in built.findings
        ]

    def said(text, path=compiled):
        number = next(n for n, line in enumerate(lines, 1) if text in line)
        column = lines[number - 1].index(text) + 1
        return CheckerMessage(Place(path, Span(number, column, number, column + 1)), "Bad", "misc")

    method = (
        "main.py",
        5,
        "AC503",
        "the compiled 'Trainer.step' has a type error of its own: Bad [mypy: misc]",
    )
    assert told(said("def step(self, batch: ")) == [method]
    assert told(said("_Trainer.step")) == [method]
    (of_class,) = told(said("class Trainer"))
    assert of_class[:3] == ("main.py", 4, "AC503")
    # If there is an error in the sources, it follows from that.
    source = said("class Trainer", str(tmp_path / "app" / "main.py"))
    assert [code for _, _, code, _ in told(said("def step(self, batch: "), source)] == ["AC502"]
    # A file in the output folder that no build would write belongs to no class.
    orphan = said("class Trainer", str(tmp_path / "generated" / "orphan.py"))
    assert told(orphan) == []

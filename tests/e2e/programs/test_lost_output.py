"""Output is not removed by accident (R49)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import arctic_codegen
from arctic_codegen import api
from tests.harness import CONFIG

FRAMEWORK = {
    "site/arctic_training/__init__.py": "from arctic_training.callback.mixin import CallbackMixin\n"
    "from arctic_training.trainer import SFTTrainer\n",
    "site/arctic_training/callback/__init__.py": "",
    "site/arctic_training/callback/mixin.py": "class CallbackMixin:\n    callbacks = []\n",
    "site/arctic_training/trainer.py": """
    from arctic_training.callback.mixin import CallbackMixin

    class SFTTrainer(CallbackMixin):
        def loss(self, batch): return batch
    """,
}
"""The parts of ArcticTraining that compiling needs; its callback code is not checked."""
TRAINER = """
    from arctic_training import SFTTrainer

    class Mine(SFTTrainer):
        def post_loss_callback(self, value): return value
"""
WITHOUT = {"PYTHONPATH": ""}
SETTINGS = CONFIG + 'semantics = "documented"\nignore = ["AC016"]\n'


@pytest.fixture(scope="module")
def python(tmp_path_factory):
    """An interpreter with this package, and no other one."""
    folder = tmp_path_factory.mktemp("bare")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    (site / "it.pth").write_text(str(Path(arctic_codegen.__file__).parent.parent) + "\n")
    return str(folder / "bin" / "python")


@pytest.fixture
def bare(project, python):
    """Like ``project``, with that interpreter."""

    def make(files, config=CONFIG):
        return project(files, f'{config}python = "{python}"\n')

    return make


def on_framework(bare, source=TRAINER):
    made = bare({"app/__init__.py": "", "app/main.py": source, **FRAMEWORK}, SETTINGS)
    return made, {"PYTHONPATH": str(made.root / "site")}


def build(made, *args, env=None):
    return made.cli("build", "--format", "concise", *args, env=env)


def built(made, env):
    ran = build(made, env=env)
    assert ran.code == 0, ran.stdout + ran.stderr
    return (made.root / "generated/app/main.py").read_text()


@pytest.mark.parametrize("arguments", [("build",), ("build", "--check"), ("check",), ("list",)])
def test_a_framework_that_is_not_there_is_an_error(bare, python, arguments):
    made, env = on_framework(bare)
    text = built(made, env)
    (made.root / ".venv").mkdir()
    ran = made.cli(*arguments, env={"PYTHONPATH": "", "VIRTUAL_ENV": "/some/where"})
    assert ran.code == 1
    assert "AC021" in ran.stdout
    for named in ("arctic_training", python, "/some/where", ".venv", "python ="):
        assert named in ran.stdout
    assert (made.root / "generated/app/main.py").read_text() == text
    assert build(made, env=env).code == 0


def test_the_interpreter_that_is_searched_already_is_no_advice(project, python):
    made = project(
        {"app/__init__.py": "", "app/main.py": TRAINER}, SETTINGS + 'python = ".venv/bin/python"\n'
    )
    (made.root / ".venv").mkdir()
    (made.root / "pyproject.toml").write_text(SETTINGS + 'python = ".venv"\n')
    assert 'set `python` to the interpreter in it: python = ".venv/bin/python"' in (
        made.cli("build").stdout
    )
    (made.root / "pyproject.toml").write_text(SETTINGS + 'python = ".venv/bin/python"\n')
    (made.root / ".venv").rmdir()
    (made.root / ".venv").symlink_to(Path(python).parent.parent)
    shown = made.cli("build", env=WITHOUT).stdout
    assert "AC021" in shown
    assert "such as: python" not in shown
    assert "`python` in [tool.arctic-codegen] of pyproject.toml is set to that one" in shown


def test_it_is_an_error_before_there_is_output_too(bare):
    made, _ = on_framework(bare)
    ran = build(made, env=WITHOUT)
    assert ran.code == 1
    assert ("app/main.py", 1, "AC021") in ran.codes
    assert not (made.root / "generated/app").exists()


def test_output_stays_when_the_environment_goes_between_two_builds_that_do_nothing(bare):
    made, env = on_framework(bare)
    text = built(made, env)
    assert build(made, env=env).code == 0
    (made.root / "site").rename(made.root / "gone")
    for _ in range(2):
        assert build(made, env=env).code == 1
        assert build(made, "--check", env=env).code == 1
    assert (made.root / "generated/app/main.py").read_text() == text
    (made.root / "gone").rename(made.root / "site")
    assert build(made, env=env).code == 0


@pytest.mark.parametrize(
    "imports",
    [
        # Another package is found instead.
        "try:\n    from arctic_training import SFTTrainer\n"
        "except ImportError:\n    from app.own import SFTTrainer\n",
        "try:\n    import arctic_training\n    from arctic_training import SFTTrainer as Other\n"
        "except (ImportError, RuntimeError):\n    arctic_training = None\n"
        "from app.own import SFTTrainer\n",
        # It is imported where it may be missing.
        "from app.own import SFTTrainer\ndef launch():\n    import arctic_training\n",
        "from typing import TYPE_CHECKING\nfrom app.own import SFTTrainer\n"
        "if TYPE_CHECKING:\n    from arctic_training import Trainer\n",
        # A folder of recipes is not the package.
        "from app.own import SFTTrainer\nRECIPES = 'arctic_training/sft.yaml'\n",
    ],
)
def test_what_the_sources_can_do_without_is_no_error(bare, imports):
    own = """
    from arctic_codegen import CallbackMixin

    class SFTTrainer(CallbackMixin):
        def loss(self, batch): return batch
    """
    rest = TRAINER.replace("    from arctic_training import SFTTrainer\n", "")
    main = imports + "\n" + "\n".join(line[4:] for line in rest.splitlines())
    made = bare({"app/__init__.py": "", "app/main.py": main, "app/own.py": own})
    ran = build(made)
    assert (ran.code, ran.codes) == (0, []), ran.stdout
    assert "class Mine" in made.generated("app/main.py")


@pytest.mark.parametrize(
    "handler",
    [
        "raise ImportError('pip install arctic-training')",
        "raise",
        "from arctic_training.trainer.sft import SFTTrainer",
        "from another_framework import SFTTrainer",
    ],
)
def test_a_handler_without_an_alternative_is_an_error(bare, handler):
    source = f"""
    try:
        from arctic_training import SFTTrainer
    except ImportError:
        {handler}

    class Mine(SFTTrainer):
        def post_loss_callback(self, value): return value
    """
    made = bare({"app/__init__.py": "", "app/main.py": source})
    ran = build(made)
    assert ran.code == 1
    assert ("app/main.py", 2, "AC021") in ran.codes


HAS = """
    from arctic_codegen import CallbackMixin

    class Base(CallbackMixin):
        def step(self): pass
"""
LEAF = """
    from app.base import Base

    class Leaf(Base):
        def post_step_callback(self): pass

    class Other(Base):
        def pre_step_callback(self): pass
"""


def test_a_class_that_loses_its_mixin_keeps_its_output(bare):
    made = bare({"app/__init__.py": "", "app/base.py": HAS, "app/leaf.py": LEAF}).built()
    before = made.generated("app/leaf.py")
    made.write({"app/leaf.py": LEAF.replace("class Leaf(Base)", "class Leaf")})
    for arguments in ((), ("--check",), ()):
        ran = build(made, *arguments)
        assert ran.code == 1
        assert [f.code for f in ran.findings if f.severity == "error"] == ["AC022"], ran.stdout
        assert "'Leaf'" in ran.stdout
        assert made.generated("app/leaf.py") == before
    # If this is intended, the user deletes the file.
    (made.root / "generated/app/leaf.py").unlink()
    assert build(made).code == 0
    text = made.generated("app/leaf.py")
    assert "class Other" in text
    assert "class Leaf" not in text


def test_a_base_that_cannot_be_found_any_more_is_named(bare, python):
    files = {"app/__init__.py": "", "lib/company/__init__.py": HAS.replace("Base(", "Shared(")}
    main = "    from company import Shared\n\n    class Leaf(Shared):\n        pass\n"
    made = bare({**files, "app/main.py": main})
    env = {"PYTHONPATH": str(made.root / "lib")}
    assert build(made, env=env).code == 0
    before = made.generated("app/main.py")
    ran = made.cli("build", env={"PYTHONPATH": "", "VIRTUAL_ENV": "/some/where"})
    assert ran.code == 1
    for named in ("AC022", "'company'", python, "/some/where", "python =", "generated"):
        assert named in ran.stdout
    assert made.generated("app/main.py") == before


@pytest.mark.parametrize(
    "source",
    [
        "try:\n    from company import Shared\n    class Leaf(Shared):\n        pass\n"
        "except ImportError:\n    Leaf = None\n",
        "try:\n    from company import Shared\n    FOUND = True\n"
        "except ImportError:\n    FOUND = False\n"
        "if FOUND:\n    class Leaf(Shared):\n        pass\n",
        "try:\n    from company import Shared\nexcept ImportError:\n    Shared = object\n"
        "class Leaf(Shared):\n    pass\n",
    ],
)
def test_classes_that_hang_on_an_optional_package_keep_their_output(bare, source):
    files = {"app/__init__.py": "", "lib/company/__init__.py": HAS.replace("Base(", "Shared(")}
    made = bare({**files, "app/main.py": source})
    env = {"PYTHONPATH": str(made.root / "lib")}
    assert build(made, env=env).code == 0
    before = made.generated("app/main.py")
    ran = build(made, env=WITHOUT)
    assert ran.code == 1
    assert "AC022" in ran.stdout
    assert made.generated("app/main.py") == before


def test_what_a_person_deletes_renames_or_moves_is_removed(bare):
    made = bare({"app/__init__.py": "", "app/base.py": HAS, "app/leaf.py": LEAF}).built()
    # Renamed, made abstract, moved to another module and imported from there.
    made.write(
        {
            "app/leaf.py": "from app.moved import Other\n"
            + LEAF.replace("    ", "", 1)
            .replace("\n    ", "\n")
            .split("class Other")[0]
            .replace("Leaf", "Renamed"),
            "app/moved.py": "from app.base import Base\n\n\nclass Other(Base):\n"
            "    def pre_step_callback(self): pass\n",
            "app/base.py": HAS + "\n    class Gone:\n        pass\n",
        }
    )
    ran = build(made)
    assert ran.code == 0, ran.stdout
    assert "class Renamed" in made.generated("app/leaf.py")
    assert "class Other" in made.generated("app/moved.py")
    (made.root / "app/moved.py").unlink()
    made.write({"app/leaf.py": "import app.base\n"})
    assert build(made).code == 0
    assert not (made.root / "generated/app/moved.py").exists()
    assert not (made.root / "generated/app/leaf.py").exists()


def test_a_class_under_another_test_keeps_its_output_while_an_optional_package_is_missing(bare):
    optional = "try:\n    import wandb_like\nexcept ImportError:\n    wandb_like = None\n"
    leaf = (
        "from app.base import Base\nLARGE = True\nif LARGE:\n    class Leaf(Base):\n        pass\n"
    )
    files = {"app/__init__.py": "", "app/base.py": HAS, "app/leaf.py": optional + leaf}
    made = bare(files)
    assert build(made).code == 0
    made.write({"app/leaf.py": optional + leaf.replace("True", "False")})
    ran = made.cli("build")
    assert "AC022" in ran.stdout
    assert "delete generated/app/leaf.py" in ran.stdout
    (made.root / "generated/app/leaf.py").unlink()
    assert build(made).code == 0
    assert not (made.root / "generated/app/leaf.py").exists()


def test_modules_that_are_no_sources_any_more_are_removed(bare):
    made = bare({"app/__init__.py": "", "app/base.py": HAS, "app/leaf.py": LEAF}).built()
    made.write({"pyproject.toml": CONFIG.replace('"app"', '"app/base.py"')})
    assert build(made).code == 0
    assert not (made.root / "generated/app/leaf.py").exists()


@pytest.mark.parametrize("source", ["app", "app/*", "**/*.py"])
def test_R49_a_folder_that_cannot_be_listed_keeps_its_output(project, monkeypatch, source):
    """Permissions, or a file system that is away: which modules it has is unknown."""
    text = (
        "from arctic_codegen import CallbackMixin\nclass Trainer(CallbackMixin):\n"
        "    def step(self): ...\n    def post_step_callback(self): ...\n"
    )
    config = CONFIG.replace('"app"', f'"{source}"')
    p = project({"app/a.py": text, "app/part/b.py": text}, config)
    output = p.root / "generated/app/part/b.py"
    assert api.build(working_folder=p.root).exit_code == 0
    assert output.is_file()

    def listdir(path: str, real=os.listdir) -> list[str]:
        if Path(path) == p.root / "app" / "part":
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr(os, "listdir", listdir)
    for cached in (False, True):
        built = api.build(working_folder=p.root, use_cache=cached)
        assert [(one.code, one.message) for one in built.findings] == [
            ("AC002", "the folder cannot be read: Permission denied")
        ]
        assert output.is_file()

"""What the README says holds: its commands exist, and its example gives what it shows."""

from __future__ import annotations

import re
from pathlib import Path

from arctic_codegen.cli.group import COMMANDS
from tests.harness import Project

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
WANTED = {"demo", "unit", "test", "test-long", "lint", "format", "typecheck", "bench", "help"}


def test_commands_exist():
    assert TARGETS >= WANTED
    used = set(re.findall(r"(?:`|\$ )make ([a-z][a-z-]*)", README))
    assert {"demo", "test"} <= used <= TARGETS
    commands = set(re.findall(r"(?:`|\$ )arctic-codegen ([a-z]+)\b", README))
    assert {"build", "explain"} <= commands <= set(COMMANDS)


def test_links_lead_somewhere():
    for target in re.findall(r"\]\((?!http)([^)#]+)", README):
        assert (ROOT / target).exists(), target


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_the_example_gives_what_is_shown(tmp_path):
    """The first two blocks of Python are the source and a part of the output."""
    source, output, *_ = blocks("python")
    built = Project(
        tmp_path / "q",
        {"my_project/trainers.py": source},
        '[tool.arctic-codegen]\nsources = ["my_project"]\n',
    ).built()
    assert output.strip() in built.generated("my_project/trainers.py")
    (told,) = [block for block in blocks("console") if "TrainerB().epoch()" in block]
    shown = built.python("from generated.my_project.trainers import TrainerB; TrainerB().epoch()")
    assert shown.strip() in told


def test_R47_the_example_of_wrappers_gives_what_is_shown(tmp_path):
    first, second = (block for block in blocks("python") if "show(" in block)
    name = "my_project/trainers.py"
    config = '[tool.arctic-codegen]\nsources = ["my_project"]\n'
    built = Project(tmp_path / "q", {name: first}, config).built()
    assert second.strip("\n") in built.generated(name)
    wrong = first.replace("every, optional,", "every,").replace(
        "optional(upload)", "rank_zero(save)"
    )
    upload = wrong[wrong.index("def upload") : wrong.index("class Trainer")]
    save = """def save(trainer: "Trainer") -> None:
    print("saving")
    wait_for_all()


def wait_for_all() -> None:
    dist.barrier()


"""
    wrong = "import torch.distributed as dist\n\n" + wrong.replace(upload, save)
    (told,) = [block for block in blocks("console") if "AC702" in block]
    ran = Project(tmp_path / "w", {name: wrong}, config).cli("build")
    assert f"$ arctic-codegen build\n{ran.stdout.rstrip()}\n" == told


def test_R46_the_example_of_a_test_passes(tmp_path):
    source, *others = blocks("python")
    (example,) = [block for block in others if "from arctic_codegen.testing import" in block]
    project = Project(
        tmp_path / "q",
        {"my_project/trainers.py": source, "test_trainers.py": example},
        '[tool.arctic-codegen]\nsources = ["my_project"]\n',
    )
    code = "import pytest; pytest.main(['-p', 'no:cacheprovider', 'test_trainers.py'])"
    assert "1 passed" in project.python(code)

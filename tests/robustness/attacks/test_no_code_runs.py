"""R1: no command executes code of a project, not even through a type checker or interpreter."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.robustness.reliability.record import attacked

MARK = "open({path!r}, 'a').write(__file__ + ' ')\n"
TRAINER = """from arctic_codegen import CallbackMixin


class Trainer(CallbackMixin):
    def step(self) -> None: ...

    def post_step_callback(self): ...
"""
# Names that any project may use, and that are imported by Python at startup, by the tool, or by
# the processes that it starts.
NAMES = (
    "sitecustomize", "usercustomize", "conftest", "setup", "json", "os", "io", "platform", "re",
    "subprocess", "typing", "click", "libcst", "jinja2", "msgspec", "filelock", "mypy", "pyright",
    "ruff", "nodeenv", "rich", "tomli", "tomllib",
)  # fmt: skip
COMMANDS = [
    ("build",),
    ("build", "--check", "--diff"),
    ("list",),
    ("explain", "app.main:Trainer"),
    ("explain", "app/main.py:7"),
    ("diff",),
    ("report", "--against", "HEAD"),
    ("uses", "--unused"),
    ("init",),
    ("check", "--fix"),
    ("annotate",),
    ("check",),
    ("check", "--checker", "pyright"),
]


def files(mark: str) -> dict[str, str]:
    made = {"app/__init__.py": mark, "app/main.py": mark + TRAINER}
    for folder in ("", "src/", "app/"):
        made.update({f"{folder}{name}.py": mark for name in NAMES})
        made[f"{folder}evil.pth"] = "import os; " + mark.replace("__file__", "'pth'")
    return made


def test_nothing_of_a_project_runs(hostile, tmp_path):
    ran = tmp_path / "ran"
    mark = MARK.format(path=str(ran))
    p = hostile(files(mark))
    for command in (("init", "-q"), ("add", "-A"), ("commit", "-qm", "x")):
        identity = ("-c", "user.name=a", "-c", "user.email=a@b")
        subprocess.run(["git", *identity, *command], cwd=p.root, check=True)
    for command in COMMANDS:
        ended = p.cli(*command, timeout=120)
        assert ended.code in (0, 1, 2), ended.stderr
        assert "AC901" not in ended.stderr, ended.stderr
        assert not ran.exists(), (command, ran.read_text())
        attacked("run", len(files(mark)))


def test_nothing_of_an_environment_runs(hostile, tmp_path):
    """Another interpreter is queried, and its installed packages are read as text."""
    ran = tmp_path / "ran"
    mark = MARK.format(path=str(ran))
    version = "{}.{}".format(*sys.version_info)
    site = f"env/lib/python{version}/site-packages"
    p = hostile(
        {
            "app/main.py": TRAINER,
            "env/pyvenv.cfg": f"home = {os.path.dirname(os.path.realpath(sys.executable))}\n",
            f"{site}/sitecustomize.py": mark,
            f"{site}/evil.pth": "import os; " + mark.replace("__file__", "'pth'"),
            f"{site}/__editable___evil_finder.py": mark + "MAPPING: dict = {'evil': '/nowhere'}\n",
            f"{site}/evil.py": mark,
            f"{site}/arctic_codegen/__init__.py": mark
            + "class CallbackMixin:\n    callbacks = []\n",
        },
        '[tool.arctic-codegen]\nsources = ["app", "evil"]\npython = "env/bin/python"\n',
    )
    (p.root / "env" / "bin").mkdir()
    (p.root / "env" / "bin" / "python").symlink_to(os.path.realpath(sys.executable))
    ended = p.build()
    assert ended.code == 0, ended.stdout + ended.stderr
    assert not ran.exists(), ran.read_text()
    attacked("run", 5)


PLUGIN = """
def plugin(version):
    from mypy.plugin import Plugin
    {mark}
    return Plugin
"""


@pytest.mark.parametrize("settings", ["mypy.ini", ".mypy.ini", "pyproject.toml", "setup.cfg"])
@pytest.mark.parametrize("where", ["above", "in the repository", "own", "nobody"])
def test_plugins_run_where_the_project_names_them_alone(hostile, tmp_path, settings, where):
    """mypy also searches parent folders for settings; these may belong to others, unless they are
    in the same repository."""
    ran = tmp_path / "ran"
    plugin = tmp_path / "plugin.py"
    plugin.write_text(PLUGIN.format(mark=MARK.format(path=str(ran))))
    p = hostile({"app/main.py": TRAINER, "app/plugin.py": plugin.read_text()})
    table, quote = ("tool.mypy", '"') if settings == "pyproject.toml" else ("mypy", "")
    text = f"[{table}]\nplugins = {quote}{plugin}{quote}\n"
    if where in ("above", "in the repository"):
        (tmp_path / settings).write_text(text)
        if where == "in the repository":
            (tmp_path / ".git").mkdir()
    elif where == "own":
        path = p.root / settings
        path.write_text((path.read_text() if path.exists() else "") + text)
    ended = p.cli("check", timeout=120)
    assert ended.code in (0, 1), ended.stderr
    assert "Traceback" not in ended.stderr
    assert ran.exists() == (where in ("own", "in the repository"))
    attacked("run")


def test_an_interpreter_that_settings_above_name_is_not_started(hostile, tmp_path):
    ran = tmp_path / "ran"
    evil = tmp_path / "python"
    evil.write_text(f'#!/bin/sh\ntouch {ran}\nexec {sys.executable} "$@"\n')
    evil.chmod(0o755)
    (tmp_path / "mypy.ini").write_text(f"[mypy]\npython_executable = {evil}\n")
    p = hostile({"app/main.py": TRAINER})
    assert p.cli("check", timeout=120).code in (0, 1)
    assert not ran.exists()
    attacked("run")


@pytest.mark.parametrize("checker", ["mypy", "pyright"])
def test_the_checkers_find_what_the_roots_hold(hostile, checker):
    """The counterpart: the protection must not prevent modules from being found."""
    p = hostile(
        {
            "src/helpers.py": "def log(trainer: object, value: int) -> str:\n    return ''\n",
            "app/main.py": "from helpers import log\n"
            + TRAINER.replace("-> None", "-> int").replace(
                "post_step_callback(self): ...", "post_step_callback(self, v: int) -> int: return v"
            )
            + "    callbacks = [('post-step', log)]\n",
        }
    )
    assert p.build().code == 0
    ended = p.cli("check", "--checker", checker, "--format", "concise")
    told = [(one.path, one.code) for one in ended.findings if one.code == "AC501"]
    assert told == [("src/helpers.py", "AC501")], ended.stdout

"""R2, R13: names count with their modules, so that `Base` and `Trainer` are not the same all over a
package."""

from __future__ import annotations

import pytest

from arctic_codegen import api
from tests.e2e.relevance.large_projects import ASKED_FOR, HOST_MODULES, large_project
from tests.e2e.relevance.test_what_is_left_out import HOST, config, parsed, write


@pytest.mark.parametrize("modules", [60, 2300])
def test_R3_common_names_do_not_spread_through_a_package(tmp_path, modules):
    write(tmp_path, large_project(modules))
    files, classes = parsed(tmp_path)
    assert classes == HOST_MODULES
    assert files <= HOST_MODULES + len(ASKED_FOR)


def test_R3_the_same_is_found_as_if_all_were_parsed(tmp_path, monkeypatch):
    from tests.e2e.relevance import test_same_result as same

    monkeypatch.setattr(same, "odd_project", lambda seed: large_project(seed, 10))
    assert not same.differ(tmp_path, 30, monkeypatch)


COMMON = {
    "another one of that name is a host class": (
        {"app/other.py": "class Trainer: pass\n", "app/host.py": HOST},
        "from app.other import Trainer\nclass Mine(Trainer): pass\n",
        1,
    ),
    "the module alone has that name": (
        {"app/other.py": "class Mine: pass\n", "app/Trainer.py": HOST, "app/host.py": HOST},
        "from app import other\nclass Mine(other.Mine): pass\n",
        2,
    ),
    "a plain class is used beside callbacks of something else": (
        {
            "app/host.py": HOST.replace("class", "from app.base import Base\nclass").replace(
                "(CallbackMixin)", "(CallbackMixin, Base)"
            ),
            "app/base.py": "class Base: pass\n",
        },
        "from app.base import Base\nclass M(Base):\n    def f(self): self.x.callbacks.append(1)\n",
        1,
    ),
    "a list of that name is changed": (
        {
            "app/host.py": HOST.replace("callbacks = [", "callbacks = [*HOOKS, ").replace(
                "class", "HOOKS = []\nclass"
            ),
            "app/other.py": "HOOKS = []\n",
        },
        "from app.other import HOOKS\nHOOKS.append(1)\n",
        1,
    ),
}


@pytest.mark.parametrize("case", COMMON)
def test_R3_another_thing_of_that_name_is_not_parsed(tmp_path, case):
    files, text, classes = COMMON[case]
    many = {f"app/many{number}.py": text for number in range(20)}
    write(tmp_path, {**files, **many, "app/__init__.py": "", "pyproject.toml": config("app")})
    count, found = parsed(tmp_path)
    assert found == classes
    assert count <= len(files) + 3


@pytest.mark.parametrize(
    "change",
    ["Base.callbacks.append(entry)", "setattr(Base, 'callbacks', [entry])", "B.callbacks[:] = []"],
)
def test_R12_plain_classes_that_are_changed_from_afar_are_found(tmp_path, change):
    host = HOST.replace("(CallbackMixin)", "(CallbackMixin, Base)").replace("callbacks", "_name")
    write(
        tmp_path,
        {
            "app/__init__.py": "",
            "app/host.py": host.replace("class", "from app.base import Base\nclass"),
            "app/base.py": "class Base:\n    callbacks = []\n",
            "app/far.py": "from app.base import Base, Base as B\n"
            f"entry = ('pre-step', print)\n{change}\n",
            "pyproject.toml": config("app"),
        },
    )
    built = api.build(working_folder=tmp_path, use_cache=False)
    assert [one for one in built.findings if one.place and one.place.path.endswith("app/far.py")]


CHANGED = {
    "by its name": "from app.lists import HOOKS\nHOOKS.append(('pre-step', print))\n",
    "in its module": "import app.lists as m\nm.HOOKS.append(('pre-step', print))\n",
    "under another name": "from app.names import EVENTS\nEVENTS.append(('pre-step', print))\n",
    "by a function": "from app import lists\ndef f():\n    lists.HOOKS.append(('pre-step', f))\n",
}


@pytest.mark.parametrize("way", CHANGED)
def test_R12_lists_that_are_changed_from_afar_are_found(tmp_path, way):
    host = HOST.replace("class", "from app.lists import HOOKS\nclass")
    host = host.replace("= [(", "= [*HOOKS, (")
    write(
        tmp_path,
        {
            "app/__init__.py": "",
            "app/host.py": host,
            "app/lists.py": "HOOKS = []\n",
            "app/names.py": "from app.lists import HOOKS as EVENTS\n",
            "app/far.py": CHANGED[way],
            "pyproject.toml": config("app"),
        },
    )
    built = api.build(working_folder=tmp_path, use_cache=False)
    assert "AC213" in [found.code for found in built.findings], built.findings
    (finding,) = (found for found in built.findings if found.code == "AC213")
    assert finding.place is not None
    assert finding.place.path.endswith("app/far.py")

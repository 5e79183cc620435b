"""R2, R13: names belong to their modules: `Base` is not the same in a whole package."""

from __future__ import annotations

import pytest

from tests.e2e.relevance.large_projects import ASKED_FOR, HOST_MODULES, large_project
from tests.e2e.relevance.test_what_is_left_out import HOST, config, parsed
from tests.harness import write_files


@pytest.mark.parametrize("modules", [60, 2300])
def test_R3_common_names_do_not_spread_through_a_package(tmp_path, modules):
    write_files(tmp_path, large_project(modules))
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
}


@pytest.mark.parametrize("case", COMMON)
def test_R3_another_thing_of_that_name_is_not_parsed(tmp_path, case):
    files, text, classes = COMMON[case]
    many = {f"app/many{number}.py": text for number in range(20)}
    write_files(tmp_path, {**files, **many, "app/__init__.py": "", "pyproject.toml": config("app")})
    count, found = parsed(tmp_path)
    assert found == classes
    assert count <= len(files) + 3

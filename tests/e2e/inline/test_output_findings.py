"""AC601 to AC606 and R36: findings of `build --check` about output that is out of date."""

from __future__ import annotations

import pytest

from tests.harness import Project

SOURCE = """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    def step(self, batch: int) -> int:
        return batch

    def pre_step_callback(self, batch: int) -> int:
        return batch + 1
"""


@pytest.fixture
def built(tmp_path):
    return Project(tmp_path / "p", {"app/__init__.py": "", "app/main.py": SOURCE}).built()


def check(project):
    ran = project.build("--check")
    return ran.code, sorted({f.code for f in ran.findings if f.severity == "error"})


def test_current_output_is_fine(built):
    assert check(built) == (0, [])


def test_AC603_a_changed_declaration(built):
    built.write(
        {"app/main.py": SOURCE.replace("batch: int) -> int:", "batch: int = 3) -> int:", 1)}
    )
    assert check(built) == (1, ["AC603"])
    assert built.build().code == 0
    assert check(built) == (0, [])


def test_AC604_a_missing_file(built):
    (built.root / "generated/app/main.py").unlink()
    code, codes = check(built)
    assert code == 1
    assert "AC604" in codes


def test_AC605_a_hand_edit(built):
    path = built.root / "generated/app/main.py"
    path.write_text(path.read_text().replace("return", "return  1 +", 1))
    code, codes = check(built)
    assert code == 1
    assert codes == ["AC605"]
    assert built.build().code == 0
    assert check(built) == (0, [])


def test_AC606_an_orphan(built):
    (built.root / "app/main.py").rename(built.root / "app/other.py")
    code, codes = check(built)
    assert code == 1
    assert {"AC604", "AC606"} <= set(codes)
    assert built.build().code == 0
    assert not (built.root / "generated/app/main.py").exists()
    assert check(built) == (0, [])


def test_AC601_a_foreign_file_is_never_touched(built):
    other = built.root / "generated/app/second.py"
    built.write({"app/second.py": SOURCE.replace("Trainer", "Second")})
    other.write_text("print('mine')\n")
    ran = built.build()
    assert ran.code == 1
    assert [f.code for f in ran.findings if f.severity == "error"] == ["AC601"]
    assert other.read_text() == "print('mine')\n"


def test_R36_comments_and_bodies_do_not_make_it_stale(built):
    before = built.generated("app/main.py")
    built.write(
        {"app/main.py": "# a comment\n\n" + SOURCE.replace("return batch\n", "return batch * 2\n")}
    )
    assert check(built) == (0, [])
    assert built.python("from generated.app.main import Trainer; print(Trainer().step(1))") == "4\n"
    assert built.build().code == 0
    assert built.generated("app/main.py") == before


def test_AC012_and_AC014_names_of_modules(tmp_path):
    config = '[tool.arctic-codegen]\nsources = ["one", "two"]\nsrc = ["one", "two"]\n'
    project = Project(tmp_path / "a", {"one/m.py": SOURCE, "two/m.py": SOURCE}, config)
    ran = project.build()
    assert (ran.code, {f.code for f in ran.findings}) == (1, {"AC014"})
    config = '[tool.arctic-codegen]\nsources = ["other/m.py"]\nsrc = ["one"]\n'
    project = Project(tmp_path / "b", {"one/m.py": "", "other/m.py": SOURCE}, config)
    ran = project.build()
    assert (ran.code, {f.code for f in ran.findings}) == (1, {"AC012"})

"""R36: the imported source has to be the one that the build has read."""

from __future__ import annotations

from pathlib import Path

SOURCE = """
from arctic_codegen import CallbackMixin

class Trainer(CallbackMixin):
    def step(self) -> str:
        return "here"

    def post_step_callback(self, value: str) -> str:
        return value + "!"
"""

RUN = "from generated.app.main import Trainer; print(Trainer().step())"


def elsewhere(project, text: str) -> dict[str, str]:
    """A second copy of the package, which is first on the search path."""
    project.write({"away/app/__init__.py": "", "away/app/main.py": text})
    return {"PYTHONPATH": str(project.root / "away")}


def run(project, env: dict[str, str], ok: bool) -> str:
    code = f"import sys; sys.path.insert(1, sys.path.pop(0)); {RUN}"
    return project.python(code, env=env, ok=ok)


def test_R36_another_source_of_the_same_name_is_told(project):
    made = project(SOURCE).built()
    env = elsewhere(made, SOURCE.replace('return "here"', 'return "away"').replace("!", "?"))
    told = run(made, env, ok=False).splitlines()[-1]
    away, here = (Path(made.root, place, "app", "main.py") for place in ("away", "."))
    assert f"app.main was imported from {away}, but they are compiled from {here}" in told
    # Another build would not change this.
    assert "; change the search path so that the latter is imported, or build from" in told
    assert "run 'arctic-codegen build'" not in told
    env["ARCTIC_CODEGEN_ON_STALE"] = "ignore"
    assert run(made, env, ok=True) == "away?\n"


def test_R36_a_copy_of_the_source_does_as_well(project):
    made = project(SOURCE).built()
    assert run(made, elsewhere(made, SOURCE), ok=True) == "here!\n"
    commented = SOURCE.replace("    def step", "    # A comment\n    def step")
    assert run(made, elsewhere(made, commented), ok=True) == "here!\n"


def test_R36_output_that_came_without_its_lock_file_says_what_to_do(project):
    """By default, a wheel contains only modules."""
    made = project(SOURCE).built()
    (made.root / "generated" / "arctic-codegen.lock").unlink()
    told = run(made, {}, ok=False).splitlines()[-1]
    assert (
        "there is no arctic-codegen.lock above it; run 'arctic-codegen build', or have the" in told
    )
    assert "wheel that it was installed from include that file" in told

"""A second check takes little more than its type checker, and misses nothing (R1)."""

from __future__ import annotations

import os

import pytest

from tests.e2e.typecheck.conftest import CONFIG

SOURCE = """
    from arctic_codegen import CallbackMixin
    from toolbox import log


    class Trainer(CallbackMixin):
        callbacks = [("pre-step", log)]

        def step(self, batch: int) -> None: ...

        def post_step_callback(self):
            print("x")
"""
HELPERS = """
    def log(trainer: object, batch: int) -> int:
        return batch
"""
FILES = {"app/main.py": SOURCE, "lib/toolbox.py": HELPERS}
LAX = CONFIG.replace("strict = true", "").replace(
    'sources = ["app"]', 'sources = ["app"]\nsrc = [".", "lib"]'
)
LOADED = """
import sys
from arctic_codegen.cli.main import run
code = run(["check", "--format", "concise"])
heavy = {"libcst", "jinja2", "arctic_codegen.build.driver"}
print("loaded:", sorted(heavy & set(sys.modules)), code)
"""


def state(p):
    """The single stored check."""
    (kept,) = (p.root / ".arctic-codegen-cache" / "checks").iterdir()
    return kept


def test_an_unchanged_project_is_not_compiled_again(project):
    p = project(FILES, LAX).built()
    first = p.cli("check", "--strict", "--format", "concise")
    assert [found.code for found in first.findings] == ["AC413"]
    p.python(LOADED)  # with another search path than that of the command
    assert p.python(LOADED).splitlines()[-1] == "loaded: [] 0"
    again = p.cli("check", "--strict", "--format", "concise")
    assert (again.code, again.stdout) == (first.code, first.stdout)


@pytest.mark.long
def test_whatever_changes_is_seen(project):
    p = project(FILES, LAX).built()
    main, helpers = p.root / "app" / "main.py", p.root / "lib" / "toolbox.py"
    output = p.root / "generated" / "app" / "main.py"

    def seen():
        return [code for _, _, code in p.cli("check", "--sources", "--format", "concise").codes]

    def check_again(*codes: str):
        """Nothing has changed at first; then the change is reported on every run."""
        assert seen() == list(codes)
        assert seen() == list(codes)

    assert seen() == []
    assert state(p).exists()

    # An edit of the same length that preserves the file's time.
    before, times = helpers.read_text(), helpers.stat()
    helpers.write_text(
        before.replace("batch: int", "botch: int").replace("return batch", "return botch")
    )
    os.utime(helpers, ns=(times.st_atime_ns, times.st_mtime_ns))
    check_again("AC401")
    helpers.write_text(before)
    check_again()

    # An error that only the checker sees, in a file that no class needs.
    p.write({"app/other.py": "X: int = 'x'\n"})
    check_again("AC502")
    (p.root / "app" / "other.py").unlink()
    check_again()

    # A module that shadows another one.
    p.write({"toolbox.py": before.replace("-> int", "-> str").replace("return batch", "return ''")})
    assert "AC501" in seen()
    (p.root / "toolbox.py").unlink()
    check_again()

    # The output: edited, missing, or with additional files.
    text = output.read_text()
    output.write_text(text + "\n")
    check_again("AC605")
    output.unlink()
    check_again("AC604")
    output.write_text(text)
    p.write({"generated/app/stray.py": text})
    check_again("AC606")
    (p.root / "generated" / "app" / "stray.py").unlink()
    check_again()

    # Settings: of this tool, and of the checker.
    config = p.root / "pyproject.toml"
    settings = config.read_text()
    config.write_text(settings.replace('"app"', '"app", "apps"'))
    check_again("AC011")
    config.write_text(settings.replace("[tool.mypy]", "[tool.mypy]\ndisallow_untyped_defs = true"))
    check_again("AC502")
    config.write_text(settings)
    check_again()

    # The stored check is invalid, or not a file at all.
    kept = state(p)
    kept.write_bytes(b"\x93\x01")
    check_again()
    kept.unlink()
    kept.mkdir()
    check_again()
    main.write_text(main.read_text().replace("pre-step", "pre-stop"))
    check_again("AC201")

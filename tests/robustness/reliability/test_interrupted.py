"""R37: however a build is interrupted, the importable output is the old one or the new one."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.robustness.reliability.faults import Faulty
from tests.robustness.reliability.record import survived

CONFIG = '[tool.arctic-codegen]\nsources = ["app"]\n'
BASE = """
from arctic_codegen import CallbackMixin

VERSION = {version}


def said(trainer: object, value: str) -> str:
    return value + " {version}"


class Trainer(CallbackMixin):
    callbacks = [{entries}]

    def step(self) -> str:
        return "base"
"""
LEAF = """
from app.base import Trainer


class Trainer{number}(Trainer):
    def post_step_callback(self, value: str) -> str:
        return value + " leaf{number} {version}"
"""
PROGRAM = """
import sys
sys.dont_write_bytecode = True
from arctic_codegen import StaleOutputError
try:
    import generated.app.base as base
    from generated.app import base, leaf0, leaf1
    print(base.Trainer().step(), leaf0.Trainer0().step(), leaf1.Trainer1().step(), sep="|")
except (StaleOutputError, ImportError) as error:
    print(type(error).__name__)
"""


def sources(root: Path, version: int) -> None:
    (root / "app").mkdir(parents=True, exist_ok=True)
    (root / "pyproject.toml").write_text(CONFIG)
    (root / "app" / "__init__.py").write_text("")
    entries = ", ".join(['("post-step", said)'] * version)
    (root / "app" / "base.py").write_text(BASE.format(version=version, entries=entries))
    for number in range(2):
        text = LEAF.format(number=number, version=version)
        (root / "app" / f"leaf{number}.py").write_text(text)
    gone = root / "app" / "gone.py"
    if version == 1:  # the next build removes its output
        gone.write_text(LEAF.format(number=9, version=version))
    else:
        gone.unlink(missing_ok=True)


def expected(version: int) -> str:
    own = "base" + f" {version}" * version
    return "|".join((own, *(f"{own} leaf{number} {version}" for number in range(2))))


def tree(root: Path) -> dict[str, bytes]:
    """The output, without temporary files of builds that were killed."""
    folder = root / "generated"
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".tmp"
    }


def imported(root: Path) -> str:
    """The behaviour of the compiled classes, or the name of the error that rejects them."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=root, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def build(root: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "arctic_codegen", "build"],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=120,
    )


class Two:
    """A project that was built at version 1, and whose sources are now at version 2."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "project"
        sources(self.root, 1)
        assert build(self.root).returncode == 0
        self.old = tree(self.root)
        self._kept = folder / "kept"
        shutil.copytree(self.root, self._kept)
        sources(self.root, 2)
        self._changed = {path: path.read_bytes() for path in (self.root / "app").glob("*.py")}
        assert build(self.root).returncode == 0
        self.new = tree(self.root)
        self.restore()

    def restore(self) -> None:
        """Restore the state before the second build."""
        shutil.rmtree(self.root)
        shutil.copytree(self._kept, self.root)
        sources(self.root, 2)

    def is_whole_or_refused(self) -> str:
        """The result of importing the output: with version 2 of the sources, only the new one."""
        got = imported(self.root)
        assert got in (expected(2), "StaleOutputError", "ModuleNotFoundError"), got
        return got

    def is_old_for_old_sources(self) -> None:
        """With the old sources, the output behaves as before, or is rejected."""
        sources(self.root, 1)
        got = imported(self.root)
        assert got in (expected(1), "StaleOutputError", "ModuleNotFoundError"), got
        sources(self.root, 2)

    def is_repaired(self) -> None:
        done = build(self.root)
        assert done.returncode == 0, done.stdout + done.stderr
        assert tree(self.root) == self.new
        assert imported(self.root) == expected(2)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    return Two(tmp_path_factory.mktemp("two"))


@pytest.fixture(scope="module")
def faulty(two, tmp_path_factory):
    return Faulty(two.root, tmp_path_factory.mktemp("hooks") / "site")


def points(calls: int, every: int) -> list[int]:
    """The calls at which faults are injected: the first, the last, and some between."""
    return sorted({1, calls, *range(1, calls + 1, every)})


def killed_at(two: Two, faulty: Faulty, every: int) -> int:
    two.restore()
    calls = faulty.calls("build", undo=two.restore)
    assert calls > 15  # temporary files, renames, a removal, the lock, the cache
    refused = 0
    for at in points(calls, every):
        two.restore()
        ended = faulty.run("build", kind="kill", at=at)
        # The amount of cached data depends on the clock: the last call may not be reached.
        assert ended.code == -9 or (at > calls - 4 and ended.code == 0), (at, calls, ended)
        refused += two.is_whole_or_refused() != expected(2)
        two.is_old_for_old_sources()
        two.is_repaired()
        survived("killed")
    return refused


def test_R37_killed_at_some_calls(two, faulty):
    assert killed_at(two, faulty, every=10) > 0


@pytest.mark.long
def test_R37_killed_at_each_call(two, faulty):
    assert killed_at(two, faulty, every=1) > 0


def error_from_some_call_on(two: Two, faulty: Faulty, fault: str, number: int) -> None:
    two.restore()
    calls = faulty.calls("build", undo=two.restore)
    for at in points(calls, calls // 2):
        two.restore()
        ended = faulty.run("build", "--format", "concise", kind=str(number), at=at)
        assert "Traceback" not in ended.out + ended.err
        if ended.code:  # if only cached data for the next build is lost, nothing is reported
            assert ended.code == 1, ended
            assert "error[AC601]" in ended.out, ended
            assert os.strerror(number) in ended.out
        two.is_whole_or_refused()
        two.is_repaired()
        survived(fault)


def test_R37_a_disk_that_is_full_from_some_call_on(two, faulty):
    error_from_some_call_on(two, faulty, "full", errno.ENOSPC)


@pytest.mark.long
@pytest.mark.parametrize(
    "fault, number", [("read-only", errno.EROFS), ("stale handle", errno.ESTALE)]
)
def test_R37_other_errors_of_the_disk(two, faulty, fault, number):
    error_from_some_call_on(two, faulty, fault, number)


def test_R37_a_file_cannot_be_written_to_its_end(two):
    """A quota: a larger file fails in the middle."""

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (600, 600))

    two.restore()
    done = subprocess.run(
        [sys.executable, "-m", "arctic_codegen", "build", "--format", "concise"],
        cwd=two.root,
        capture_output=True,
        text=True,
        timeout=120,
        preexec_fn=limited,
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "error[AC601]" in done.stdout
    assert "Traceback" not in done.stderr
    assert not list((two.root / "generated").rglob("*.tmp"))
    two.is_whole_or_refused()
    two.is_repaired()
    survived("quota")


def at_once(two: Two, number: int) -> None:
    two.restore()
    runs = [
        subprocess.Popen(
            [sys.executable, "-m", "arctic_codegen", "build"],
            cwd=two.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for _ in range(number)
    ]
    for run in runs:
        out, _ = run.communicate(timeout=300)
        assert run.returncode == 0, out
    assert tree(two.root) == two.new
    assert imported(two.root) == expected(2)
    survived("builds at once", number)


def test_R37_three_builds_at_once(two):
    at_once(two, 3)


@pytest.mark.long
@pytest.mark.parametrize("number", [2, 16])
def test_R37_many_builds_at_once(two, number):
    at_once(two, number)


REPLACED = """
import importlib.util, pathlib, subprocess, sys
from arctic_codegen import StaleOutputError
sys.path.insert(0, ".")
spec = importlib.util.find_spec("generated.app.leaf0")
read = spec.loader.get_code(spec.name)
source = pathlib.Path("app/leaf0.py")
more = "    def pre_step_callback(self): ..."
source.write_text(f"{source.read_text()}\\n{more}\\n")
subprocess.run([sys.executable, "-m", "arctic_codegen", "build", "-q"], check=True)
try:
    exec(read, importlib.util.module_from_spec(spec).__dict__)
except StaleOutputError as error:
    print(error)
"""


def test_R36_what_runs_is_what_is_compared(two):
    """A module that is replaced between its read and its staleness check is the old one."""
    two.restore()
    assert build(two.root).returncode == 0
    done = subprocess.run(
        [sys.executable, "-c", REPLACED], cwd=two.root, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert (
        "replaced them while this program was importing them; start the program again"
        in done.stdout
    )


IMPORTER = """
import sys, time
sys.dont_write_bytecode = True
from pathlib import Path
from arctic_codegen import StaleOutputError
from app import base as source
until = time.monotonic() + float(sys.argv[1])
while time.monotonic() < until:
    for name in [name for name in sys.modules if name.partition(".")[0] in ("generated", "app")]:
        del sys.modules[name]
    try:
        from generated.app import base, leaf0, leaf1
    except (StaleOutputError, ImportError, SyntaxError) as error:
        print(type(error).__name__)
        continue
    print(base.Trainer().step(), leaf0.Trainer0().step(), leaf1.Trainer1().step(), sep="|")
"""


@pytest.mark.long
def test_R37_imported_while_builds_run(two):
    """The sources switch between two versions; the import gives one of them, or is rejected."""
    two.restore()
    (two.root / "importer.py").write_text(IMPORTER)
    log = two.root / "seen.txt"
    with (
        log.open("w") as out,
        subprocess.Popen(
            [sys.executable, "importer.py", "12"], cwd=two.root, stdout=out
        ) as importer,
    ):
        version = 2
        while importer.poll() is None:
            sources(two.root, version)
            assert build(two.root).returncode == 0
            version = 3 - version
    seen = log.read_text().splitlines()
    whole = {expected(1), expected(2)}
    # One source may be read at one version and the next source at the other: this mixture is in the
    # sources, and the program without a build would see it as well.
    assert set(seen) <= whole | {"StaleOutputError", "ImportError"}, set(seen)
    assert whole & set(seen), seen[:20]
    assert importer.returncode == 0
    survived("imported meanwhile", len(seen))

"""Files that are not regular, or are replaced, never block and are never written through."""

from __future__ import annotations

import os
import socket
import stat
from pathlib import Path

import pytest

from arctic_codegen.discover.trees import DiskTree
from arctic_codegen.files.regular import MOST_BYTES
from tests.robustness.reliability.record import attacked

SOURCE = """from arctic_codegen import CallbackMixin


class T(CallbackMixin):
    def post_init_callback(self) -> None: ...
"""


def put(path: Path, kind: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    if kind == "fifo":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        here = os.getcwd()
        os.chdir(path.parent)  # the path of a socket must be short
        try:
            socket.socket(socket.AF_UNIX).bind(path.name)
        finally:
            os.chdir(here)


@pytest.mark.parametrize("kind", ["fifo", "socket", "device"])
@pytest.mark.parametrize("where", ["main.py", "__init__.py", "arctic-codegen.lock"])
def test_no_plain_file_where_output_is_to_be(hostile, kind, where):
    p = hostile({"app/main.py": SOURCE})
    path = p.root / "generated" / ("app/main.py" if where == "main.py" else where)
    put(path, kind)
    before = os.lstat(path)
    for command in (("build",), ("build", "--check")):
        ended = p.cli(*command, "--format", "concise", timeout=30)
        assert ended.code == 1, ended.stdout + ended.stderr
        assert "AC601" in {one.code for one in ended.findings}, ended.stdout
        assert "Traceback" not in ended.stderr
    attacked("odd")
    after = os.lstat(path)
    assert (before.st_ino, before.st_mode) == (after.st_ino, after.st_mode)


@pytest.mark.parametrize("kind", ["fifo", "socket", "device"])
def test_no_plain_file_beside_the_output_is_looked_into(hostile, kind):
    p = hostile({"app/main.py": SOURCE})
    for name in ("notes", "app/other.py", "app/deeper/x.py"):
        put(p.root / "generated" / name, kind)
    for _ in range(2):
        assert p.cli("build", timeout=30).code == 0
    assert p.cli("build", "--check", timeout=30).code == 0
    assert os.path.lexists(p.root / "generated" / "notes")
    attacked("odd", 3)


@pytest.mark.parametrize("kind", ["fifo", "socket", "device"])
def test_no_plain_file_in_the_cache_is_waited_for(hostile, kind):
    p = hostile({"app/main.py": SOURCE})
    assert p.build().code == 0
    kept = [
        path
        for path in sorted(p.root.rglob("*"))
        if path.is_file()
        and ".arctic-codegen" in "/".join(path.relative_to(p.root).parts[:-1])
        and path.name != ".gitignore"
    ]
    assert kept
    for path in kept:
        put(path, kind)
    for command in ("build", "check", "list"):
        ended = p.cli(command, timeout=60)
        assert ended.code == 0, ended.stdout + ended.stderr
    attacked("odd", len(kept))


@pytest.mark.parametrize("kind", ["fifo", "socket", "device"])
def test_a_configuration_that_is_no_plain_file(hostile, kind):
    p = hostile({"app/main.py": SOURCE})
    put(p.root / "pyproject.toml", kind)
    for command in (("build",), ("build", "--config", "pyproject.toml"), ("list",)):
        ended = p.cli(*command, timeout=30)
        assert ended.code == 2, ended.stdout + ended.stderr
        assert "Traceback" not in ended.stderr
    attacked("odd")


@pytest.mark.parametrize(
    "content, told",
    [
        (b"\x7fELF\0\xff" * 1000, "not UTF-8"),
        (b"[tool.arctic-codegen]\n" + b"#\n" * 1_000_000, "larger than"),
        (b"[tool.arctic-codegen]\nsources = " + b"[" * 50_000, "nests too deeply"),
        (b"[tool.arctic-codegen]\nsources = " + b"{a=" * 50_000, "nests too deeply"),
        (b"[tool.arctic-codegen]\n" + b"a." * 100_000 + b"b = 1\n", "a hundred parts"),
    ],
)
def test_configurations_that_no_person_wrote(hostile, content, told):
    p = hostile({"app/main.py": SOURCE})
    (p.root / "pyproject.toml").write_bytes(content)
    for command in ("build", "list"):
        ended = p.cli(command, "--config", "pyproject.toml", "--format", "concise", timeout=30)
        assert ended.code == 1, ended.stdout + ended.stderr
        assert {one.code for one in ended.findings} == {"AC010"}
        assert told in ended.stdout
        assert ended.megabytes < 300
        assert ended.seconds < 15
    attacked("odd")


MANY = ", ".join(f'"name{number}"' for number in range(20_000))


@pytest.mark.parametrize(
    "text",
    [
        f"sources = [{MANY}]\n",
        f'sources = ["app"]\nignore = [{MANY}]\n',
        'sources = ["app"]\n' + "".join(f"key{number} = 1\n" for number in range(20_000)),
        f'sources = ["{"**/" * 30}x.py"]\n',
        f'sources = ["{"**/a/" * 10}x.py"]\n',
        f'sources = ["app"]\nselect = ["{"A" * 500_000}"]\n',
    ],
    ids=["sources", "codes", "keys", "stars", "stars between", "a long code"],
)
def test_configurations_with_much_that_is_wrong(hostile, text):
    p = hostile({f"{'/'.join(['a'] * 25)}/main.py": SOURCE}, "[tool.arctic-codegen]\n" + text)
    ended = p.cli("build", "--format", "concise", timeout=60)
    assert ended.code == 1
    assert {one.code for one in ended.findings} <= {"AC010", "AC011"}
    assert ended.seconds < 15
    attacked("odd")


def test_a_source_without_an_end(hostile):
    """A sparse file may have any size."""
    p = hostile({"app/main.py": SOURCE, "app/large.py": ""})
    with (p.root / "app" / "large.py").open("r+b") as file:
        file.truncate(50 * 2**30)
    for command in ("build", "list", "check", "annotate"):
        ended = p.cli(command, "--format", "concise", timeout=60)
        assert ("app/large.py", "AC002") in {(one.path, one.code) for one in ended.findings}
        assert ended.megabytes < 300


class Becoming:
    """Replaces :func:`os.stat`: the file is exchanged right after it was checked."""

    def __init__(self, path: Path, kind: str) -> None:
        self._path = path
        self._kind = kind
        self._stat = os.stat

    def __call__(self, path, *args, **kwargs):
        found = self._stat(path, *args, **kwargs)
        if os.fspath(path) == str(self._path):
            put(self._path, self._kind)
        return found


def test_a_file_that_becomes_a_pipe_once_it_was_looked_at(tmp_path, monkeypatch):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    monkeypatch.setattr(os, "stat", Becoming(path, "fifo"))
    with pytest.raises(OSError, match="not a regular file"):
        DiskTree().read(str(path))
    assert stat.S_ISFIFO(os.lstat(path).st_mode)


def test_a_file_that_grows_while_it_is_read(tmp_path, monkeypatch):
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    plain = os.fstat
    asked = []

    def growing(number):
        found = plain(number)
        asked.append(number)
        if len(asked) < 2:  # it is checked first for its type, then for its size
            return found
        with path.open("r+b") as file:
            file.truncate(MOST_BYTES + 1)
        return found

    monkeypatch.setattr(os, "fstat", growing)
    with pytest.raises(OSError, match="larger"):
        DiskTree().read(str(path))


def test_a_source_that_is_a_link_out_of_the_project(hostile, tmp_path):
    """It is read like other files; nothing is written through the link."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "far.py").write_text(SOURCE)
    p = hostile({"app/main.py": SOURCE})
    (p.root / "app" / "far.py").symlink_to(outside / "far.py")
    (p.root / "app" / "folder").symlink_to(outside, target_is_directory=True)
    ended = p.build()
    assert ended.code == 0, ended.stdout
    assert sorted(os.listdir(outside)) == ["far.py"]
    assert p.cli("annotate").code in (0, 1)
    assert (outside / "far.py").read_text() == SOURCE
    attacked("out", 2)

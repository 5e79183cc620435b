"""``init`` in unusual folders and files: its output is valid, and nothing is lost."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import pytest

from tests.e2e.cli.conftest import APP

COMMAND = [sys.executable, "-m", "arctic_codegen"]
PROJECT = '[project]\nname = "x"\n'


@pytest.fixture
def project(folder):
    (folder / "app").mkdir()
    (folder / "app" / "main.py").write_text(APP)
    return folder


@pytest.mark.parametrize(
    "name", ["a\nb", "a\x01\x7fb", 'a"b\\c', "~", "~nobody", "a[1]", "a*", "é"]
)
def test_what_it_writes_of_odd_folders_is_what_a_build_reads(folder, cli, name):
    (folder / name / "inner").mkdir(parents=True)
    (folder / name / "inner" / "__init__.py").touch()
    (folder / name / "inner" / "main.py").write_text(APP)
    done = cli("init")
    assert done.code == 0, done.err
    assert not any(one in done.out + done.err for one in "\x01\x7f")
    assert cli("build").code == 0
    assert (folder / "generated" / "inner" / "main.py").exists()


def test_a_folder_that_toml_cannot_name(folder):
    path = os.fsencode(folder) + b"/\xff/inner"
    try:
        os.makedirs(path)
    except OSError:
        pytest.skip("names are texts here")
    with open(path + b"/__init__.py", "w"), open(path + b"/main.py", "w") as file:
        file.write(APP)
    done = subprocess.run([*COMMAND, "init"], cwd=folder, capture_output=True)
    assert done.returncode == 2
    assert b"AC901" not in done.stderr
    assert b"is not UTF-8, so it cannot be written to TOML" in done.stderr
    assert not (folder / "pyproject.toml").exists()


def test_a_full_disk_leaves_the_file_as_it_is(project):
    """The rest of a pyproject.toml is the user's work."""
    text = PROJECT + "# more\n" * 1000
    (project / "pyproject.toml").write_text(text)
    limited = 'trap "" XFSZ; ulimit -f 1; exec "$@"'
    done = subprocess.run(
        ["bash", "-c", limited, "-", *COMMAND, "init"], cwd=project, capture_output=True
    )
    assert done.returncode == 2
    assert b"cannot write" in done.stderr
    assert (project / "pyproject.toml").read_text() == text
    assert sorted(os.listdir(project)) == ["app", "pyproject.toml"]


def test_links_and_permissions_stay(project, cli):
    (project / "real.toml").write_text(PROJECT)
    (project / "real.toml").chmod(0o640)
    (project / "pyproject.toml").symlink_to("real.toml")
    assert cli("init").code == 0
    assert (project / "pyproject.toml").is_symlink()
    assert (project / "real.toml").read_text().startswith(PROJECT + "\n[tool.arctic-codegen]\n")
    assert stat.S_IMODE((project / "real.toml").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("what", "told"),
    [
        ("read-only", "it is read-only"),
        ("dangling", "is a broken link"),
        ("fifo", "is not a regular file"),
        ("large", "larger than 1,000,000 bytes"),
        ("mark", "starts with a byte order mark"),
        ("device", "is not a regular file"),
        ("nowhere", "there is no folder"),
    ],
)
def test_what_cannot_be_added_to_is_told_and_left(project, tmp_path, what, told):
    path = project / "pyproject.toml"
    more = []
    if what == "read-only":
        path.write_text(PROJECT)
        path.chmod(0o444)
    elif what == "dangling":
        path.symlink_to(tmp_path / "outside.toml")
    elif what == "fifo":
        os.mkfifo(path)
    elif what == "large":
        path.write_text("#\n" * 1_000_000)
    elif what == "mark":
        path.write_bytes(b"\xef\xbb\xbf" + PROJECT.encode())
    else:
        more = ["--config", "/dev/zero" if what == "device" else "nowhere/new.toml"]
    before = path.read_bytes() if path.is_file() else None
    done = subprocess.run([*COMMAND, "init", *more], cwd=project, capture_output=True, timeout=30)
    assert done.returncode == (1 if what in ("fifo", "large", "mark", "device") else 2)
    assert told.encode() in done.stdout + done.stderr
    assert (path.read_bytes() if path.is_file() else None) == before
    assert not (tmp_path / "outside.toml").exists()


@pytest.mark.parametrize(
    "table",
    [
        '[tool.arctic-codegen.per-file-ignores]\n"app/*" = ["AC201"]\n',
        'tool.arctic-codegen.output = "out"\n',
    ],
    ids=["a table in it", "a dotted key"],
)
def test_a_configuration_without_a_header_of_its_own_is_one(project, cli, table):
    (project / "pyproject.toml").write_text(table)
    done = cli("init")
    assert done.code == 2, done.out + done.err
    assert "already has a configuration, at line 1" in done.err
    assert (project / "pyproject.toml").read_text() == table

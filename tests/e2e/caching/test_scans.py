"""Cached scans are found by the bytes of files; unusable ones do no harm."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import pytest

from arctic_codegen.build.cache import scans_and_texts
from arctic_codegen.build.cache.scans_and_texts import scan_cache
from arctic_codegen.cli.main import run
from arctic_codegen.diagnostics.records import Finding
from arctic_codegen.scan import scan, scanner

PACKAGE = Path(scans_and_texts.__file__).resolve().parents[2]
ODD = """
import os
class A[T: int = int](B[T], metaclass=M, **kw):
    x: "list[int]" = [*a, {**b}, lambda *, c=1e3, **d: c, 1j, 10**40, ..., b"\\x00", f"{x!r:>{w}}"]
    async def f(self, /, *args, **kwargs):
        async with g() as (h, *i):
            return (yield)
match a:
    case {"k": [1, *_], **rest}: del x.y
"""


def digest(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def texts() -> list[bytes]:
    return [ODD.encode(), b"", *(path.read_bytes() for path in sorted(PACKAGE.glob("scan/*.py")))]


def filled(folder: Path, data: list[bytes]) -> None:
    cache = scan_cache(str(folder))
    for one in data:
        decls = scan(one, "f.py")
        assert not isinstance(decls, Finding)
        cache.add(digest(one), decls)
    cache.save()


def stored_in(folder: Path) -> list[Path]:
    return sorted((folder / "scans").glob("[0-9a-f]*"))


def test_what_was_read_is_found_again(tmp_path):
    filled(tmp_path, texts())
    cache = scan_cache(str(tmp_path))
    assert [cache.get(digest(one)) for one in texts()] == [scan(one, "f.py") for one in texts()]
    assert cache.get(digest(b"another")) is None
    assert cache.found == len(texts())


def test_half_a_surrogate_pair(tmp_path):
    data = [b"x = '\\ud800'\n", b"def f(x='\\ud800', *, y=u'\\udfff'): return '\\ud83d'\n"]
    filled(tmp_path, data)
    cache = scan_cache(str(tmp_path))
    for one in data:
        assert cache.get(digest(one)) in (None, scan(one, "f.py"))


@pytest.mark.parametrize("cut", [0, 5, 30, 60, -1, -200])
def test_a_torn_file_is_no_use_and_no_harm(tmp_path, cut):
    filled(tmp_path, texts())
    (path,) = stored_in(tmp_path)
    path.write_bytes(path.read_bytes()[:cut])
    cache = scan_cache(str(tmp_path))
    for one in texts():
        assert cache.get(digest(one)) in (None, scan(one, "f.py"))


def test_bytes_that_are_wrong_are_seen(tmp_path):
    filled(tmp_path, texts())
    (path,) = stored_in(tmp_path)
    data = bytearray(path.read_bytes())
    for at in range(0, len(data), 7):
        data[at] ^= 0x55
    path.write_bytes(data)
    cache = scan_cache(str(tmp_path))
    assert [cache.get(digest(one)) for one in texts()] == [None] * len(texts())


def test_another_state_of_the_tool_finds_nothing(tmp_path, monkeypatch):
    filled(tmp_path, texts())
    monkeypatch.setattr(scans_and_texts, "tool_state", lambda: "0" * 16)
    assert scan_cache(str(tmp_path)).get(digest(b"")) is None


def test_there_is_one_file_for_each_of_two_states_of_the_tool(tmp_path, monkeypatch):
    for number in range(9):
        filled(tmp_path, [b"x = %d\n" % number])
    (path,) = stored_in(tmp_path)
    cache = scan_cache(str(tmp_path))
    assert all(cache.get(digest(b"x = %d\n" % number)) for number in range(9))
    for state in ("a" * 16, "b" * 16):
        monkeypatch.setattr(scans_and_texts, "tool_state", lambda state=state: state)
        filled(tmp_path, [b"y = 1\n"])
    assert [one.name for one in stored_in(tmp_path)] == ["a" * 16, "b" * 16]
    assert not path.exists()


def test_of_too_much_only_what_was_used_is_kept(tmp_path, monkeypatch):
    filled(tmp_path, [b"x = %d\n" % number for number in range(9)])
    monkeypatch.setattr(scans_and_texts, "LIMIT", 100)
    cache = scan_cache(str(tmp_path))
    assert cache.get(digest(b"x = 3\n"))
    cache.add(digest(b"y = 1\n"), scan(b"y = 1\n", "f.py"))
    cache.save()
    cache = scan_cache(str(tmp_path))
    kept = [number for number in range(9) if cache.get(digest(b"x = %d\n" % number))]
    assert (kept, cache.get(digest(b"y = 1\n")) is not None) == ([3], True)


def test_builds_at_once(tmp_path):
    data = [b"x = %d\n" % number for number in range(40)]
    threads = [threading.Thread(target=filled, args=(tmp_path, data)) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    cache = scan_cache(str(tmp_path))
    assert all(cache.get(digest(one)) for one in data)


SOURCE = """
from arctic_codegen import CallbackMixin
from app.helpers import log, missing

class Trainer(CallbackMixin):
    callbacks = [("pre-step", log), ("post-step", lambda self, value: value)]
    def step(self, batch: int) -> int:
        return batch
# arctic-codegen: ignore[AC201]
"""


@pytest.mark.parametrize("helpers", ["def log(self, batch): return batch\n", "def log(self, batch"])
def test_builds_say_and_write_the_same_with_and_without(tmp_path, monkeypatch, capfd, helpers):
    """A file that cannot be parsed is reported each time, at its current place."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "main.py").write_text(SOURCE)
    (tmp_path / "app" / "helpers.py").write_text(helpers)
    (tmp_path / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["app"]\n')
    monkeypatch.chdir(tmp_path)

    def built(*arguments: str) -> tuple[object, ...]:
        code = run(["build", "-q", "--timings", "--strict", "--format", "concise", *arguments])
        out = capfd.readouterr().out
        files = {path: path.read_bytes() for path in (tmp_path / "generated").rglob("*.*")}
        return code, out, files

    without = built("--no-cache")
    assert not stored_in(tmp_path / ".arctic-codegen-cache")
    assert built() == without
    parsed: list[str] = []
    original = scanner.scan

    def counted(data: bytes, path: str, **more: bool) -> object:
        parsed.append(path)
        return original(data, path, **more)

    monkeypatch.setattr(scanner, "scan", counted)
    assert built() == without
    assert [Path(path).name for path in parsed] == (
        ["helpers.py"] if "return" not in helpers else []
    )

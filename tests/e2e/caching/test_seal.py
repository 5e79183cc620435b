"""Cache files are read only by the installation that has written them."""

from __future__ import annotations

import marshal

from arctic_codegen.build.cache import facts, sealed_files


def test_a_record_that_came_with_a_checkout_is_not_read(tmp_path, monkeypatch):
    path = str(tmp_path / "record")
    assert sealed_files.write(path, ("ours", 1))
    assert sealed_files.read(path) == ("ours", 1)
    ours = (tmp_path / "record").read_bytes()
    head, content = ours[: ours.index(b"\n") + 1], marshal.dumps(("theirs", 2))
    (tmp_path / "record").write_bytes(head + facts.digest(content) + content)
    assert sealed_files.read(path) is None
    (tmp_path / "record").write_bytes(ours)
    assert sealed_files.read(path) == ("ours", 1)
    # Another installation has other times and another inode.
    stamp = facts.stamp_of
    monkeypatch.setattr(facts, "stamp_of", lambda name: (*(stamp(name) or (0, 0, 0, 0))[:3], 7))
    assert sealed_files.read(path) is None


def test_a_file_without_an_end_is_not_read(tmp_path):
    path = tmp_path / "record"
    assert sealed_files.write(str(path), "ours")
    with path.open("r+b") as file:
        file.truncate(50 * 2**30)
    assert sealed_files.read(str(path)) is None

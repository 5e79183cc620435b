"""What is kept is read only by the installation that has written it."""

from __future__ import annotations

import marshal

from arctic_codegen.caching import disk, records


def test_a_record_that_came_with_a_checkout_is_not_read(tmp_path, monkeypatch):
    path = str(tmp_path / "record")
    assert records.write(path, ("ours", 1))
    assert records.read(path) == ("ours", 1)
    ours = (tmp_path / "record").read_bytes()
    head, content = ours[: ours.index(b"\n") + 1], marshal.dumps(("theirs", 2))
    (tmp_path / "record").write_bytes(head + disk.digest(content) + content)
    assert records.read(path) is None
    (tmp_path / "record").write_bytes(ours)
    assert records.read(path) == ("ours", 1)
    # Elsewhere the tool's own file has other times and another inode.
    stamp = disk.stamp_of
    monkeypatch.setattr(disk, "stamp_of", lambda name: (*(stamp(name) or (0, 0, 0, 0))[:3], 7))
    assert records.read(path) is None


def test_a_file_without_an_end_is_not_read(tmp_path):
    path = tmp_path / "record"
    assert records.write(str(path), "ours")
    with path.open("r+b") as file:
        file.truncate(50 * 2**30)
    assert records.read(str(path)) is None

"""Trees answer like the operating system; special files are never opened."""

from __future__ import annotations

import os

import pytest

from arctic_codegen.discover.trees import DiskTree, MemoryTree


def test_disk_reads_regular_files_only(tmp_path):
    tree = DiskTree()
    (tmp_path / "a.py").write_bytes(b"x = 1\r\n")
    os.mkfifo(tmp_path / "pipe.py")
    (tmp_path / "link.py").symlink_to("a.py")
    (tmp_path / "broken.py").symlink_to("nowhere")
    assert tree.read(str(tmp_path / "link.py")) == b"x = 1\r\n"
    assert tree.is_file(str(tmp_path / "link.py"))
    for name in ("pipe.py", "broken.py", "", "none.py"):
        assert not tree.is_file(str(tmp_path / name))
        with pytest.raises(OSError, match=r"."):
            tree.read(str(tmp_path / name))
    with pytest.raises(OSError, match="not a regular file"):
        tree.read(os.devnull)


def test_disk_lists_sorted_and_forgives():
    tree = DiskTree()
    assert tree.names("/no/such/folder") == ()
    assert not tree.is_dir("/no/such/folder")
    assert not tree.is_file("bad\0name")
    assert not tree.is_dir("bad\0name")
    assert tree.names("bad\0name") == ()
    assert list(tree.names("/")) == sorted(tree.names("/"))


def test_a_link_that_goes_while_it_is_followed(tmp_path, monkeypatch):
    (tmp_path / "link").symlink_to("somewhere")

    def gone(path, **_):
        raise FileNotFoundError(2, "No such file or directory", path)

    monkeypatch.setattr(os, "readlink", gone)
    assert DiskTree().real_path(str(tmp_path / "link")) == str(tmp_path / "link")


def test_memory_stands_alone():
    tree = MemoryTree({"/p/pkg/__init__.py": "", "/p/pkg/a.py": b"x", "/p/top.py": "é"})
    assert tree.names("/p") == ("pkg", "top.py")
    assert tree.names("/p/pkg") == ("__init__.py", "a.py")
    assert tree.names("/") == ("p",)
    assert tree.is_dir("/p/pkg")
    assert not tree.is_dir("/p/top.py")
    assert tree.is_file("/p/pkg/../top.py")
    assert tree.read("/p/top.py") == "é".encode()
    with pytest.raises(FileNotFoundError):
        tree.read("/p/none.py")


def test_memory_lies_over_another_tree(tmp_path):
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "a.py").write_text("disk")
    (tmp_path / "pkg" / "b.py").write_text("disk")
    above = str(tmp_path / "pkg" / "a.py")
    added = str(tmp_path / "pkg" / "new" / "c.py")
    tree = MemoryTree({above: "memory", added: "memory"}, DiskTree())
    assert tree.read(above) == b"memory"
    assert tree.read(str(tmp_path / "pkg" / "b.py")) == b"disk"
    assert tree.names(str(tmp_path / "pkg")) == ("a.py", "b.py", "new")
    assert tree.is_dir(str(tmp_path / "pkg" / "new"))
    assert tree.real_path(added) == added

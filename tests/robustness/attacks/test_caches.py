"""mypy's caches: those that came with a checkout are not used, damaged ones are rebuilt."""

from __future__ import annotations

import glob
import os

import pytest

pytest.importorskip("mypy")

SOURCE = """from arctic_codegen import CallbackMixin


def half(trainer: "Trainer", value: float) -> float:
    return value if value else 1.0


class Trainer(CallbackMixin):
    callbacks = [("post-loss", half)]

    def loss(self, batch: list[int]) -> float:
        return float(len(batch))
"""
BAD = SOURCE.replace("1.0", '"a"')


def kept_by_mypy(root):
    pattern = str(root / ".arctic-codegen-cache" / "mypy*")
    return [
        path
        for folder in glob.glob(pattern)
        for path in glob.glob(f"{folder}/**", recursive=True)
        if os.path.isfile(path)
    ]


@pytest.mark.parametrize("name", ["mypy", "mypy-0123456789ab"])
def test_a_cache_of_mypy_s_that_came_with_a_checkout_is_not_believed(hostile, name):
    """It contains mypy's result of the good text for the bad one."""
    from mypy.util import hash_digest

    p = hostile({"app/main.py": SOURCE})
    assert p.cli("build").code == 0
    assert p.cli("check").code == 0
    forged = 0
    for path in kept_by_mypy(p.root):
        with open(path, "rb") as file:
            data = file.read()
        good, bad = hash_digest(SOURCE.encode()), hash_digest(BAD.encode())
        for old, new in ((good.encode(), bad.encode()), (bytes.fromhex(good), bytes.fromhex(bad))):
            forged += data.count(old)
            data = data.replace(old, new)
        with open(path, "wb") as file:
            file.write(data)
    assert forged
    (folder,) = glob.glob(str(p.root / ".arctic-codegen-cache" / "mypy*"))
    os.rename(folder, p.root / ".arctic-codegen-cache" / name)
    (p.root / "app" / "main.py").write_text(BAD)
    assert p.cli("build").code == 0
    told = p.cli("check", "--format", "concise")
    assert told.code == 1
    assert [one.code for one in told.findings] == ["AC502"]


def test_a_cache_of_mypy_s_that_a_disk_has_torn_is_made_again(hostile):
    p = hostile({"app/main.py": SOURCE})
    assert p.cli("build").code == 0
    assert p.cli("check").code == 0
    torn = kept_by_mypy(p.root)
    for path in torn:
        os.truncate(path, os.path.getsize(path) // 2)
    (p.root / "app" / "main.py").write_text(BAD)
    assert p.cli("build").code == 0
    for _ in range(2):
        told = p.cli("check", "--format", "concise")
        assert told.code == 1, told.stderr
        assert [one.code for one in told.findings] == ["AC502"]

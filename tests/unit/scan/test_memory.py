"""The objects of a scan are freed when it ends, without garbage collection."""

from __future__ import annotations

import gc

from arctic_codegen.scan import scan

TEXT = """
import os
class A(B):  # a comment
    callbacks = [("pre-x", lambda self: None)]
    def f(self, x: "int" = 1) -> str:
        global g
        return [y for y in self.f(x)] if (z := x) else f"{x}"
"""


def test_no_tree_is_kept_alive_by_a_cycle():
    scan(TEXT.encode(), "m.py")  # exclude objects that are created once and kept
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            scan(TEXT.encode() * 50, "m.py")
        assert gc.collect() < 100
    finally:
        gc.enable()

"""Inheritance chains of five hundred classes."""

from __future__ import annotations

from arctic_codegen.resolve.names import mro
from tests.unit.resolve.names_support import NamedProject


def test_deep_chains(tmp_path):
    """A chain is not a recursion; if it is too long, its classes do not see each other."""
    chain = "\n".join(f"class C{i}(C{i - 1}): ..." for i in range(1, 510))
    p = NamedProject(tmp_path, {"m.py": f"class C0: ...\n{chain}\n"})
    assert len(p.mro("m:C499")) == 500
    problems = {n: p.names.mro(p.cls(f"m:C{n}")).problem for n in (499, 500, 501, 509)}
    assert problems[499] is None
    assert problems[500].too_deep
    assert problems[500].finding.code == "AC020"
    assert problems[500].finding == problems[501].finding == problems[509].finding
    # The class itself, and those at the other end: with ``object`` they are fifty.
    assert p.mro("m:C509") == ["m.C509", *(f"m.C{n}" for n in range(48, -1, -1))]


def test_levels_are_counted_from_the_class_without_a_base(tmp_path, monkeypatch):
    monkeypatch.setattr(mro, "_MOST_LEVELS", 3)
    chain = "\n".join(f"class C{i}(C{i - 1}): ..." for i in range(1, 5))
    p = NamedProject(tmp_path, {"m.py": f"class C0: ...\n{chain}\n"})
    problems = [p.names.mro(p.cls(f"m:C{n}")).problem for n in range(5)]
    assert [one is not None and one.too_deep for one in problems] == [False] * 3 + [True] * 2

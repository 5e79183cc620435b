"""Which files are scanned in advance by other processes: this only affects the time."""

from __future__ import annotations

import pytest

from arctic_codegen import api
from arctic_codegen.build import loader
from tests.e2e.relevance.odd_projects import odd_project
from tests.e2e.relevance.test_what_is_left_out import PLAIN, config
from tests.harness import write_files


@pytest.fixture
def asked(monkeypatch):
    """The files that were read ahead, in order, as if there were workers."""
    calls: list[frozenset[str]] = []

    def read_ahead(self, names):
        calls.append(frozenset(names))
        return True

    monkeypatch.setattr(loader.FileLoader, "read_ahead", read_ahead)
    return calls


@pytest.mark.parametrize("first", range(0, 60, 20))
def test_what_begins_at_once_matters_in_the_end(tmp_path, asked, first):
    begun = 0
    for seed in range(first, first + 20):
        asked.clear()
        write_files(tmp_path / str(seed), odd_project(seed))
        api.build(working_folder=tmp_path / str(seed), write=False, use_cache=False)
        certain, _, relevant, *_ = asked
        assert certain <= relevant, seed
        begun += len(certain)
    assert begun > 20


def test_what_class_headers_and_annotations_use_is_probably_asked_for(tmp_path, asked):
    host = """
from arctic_codegen import CallbackMixin
from app.meta import Meta
from app.config import Config, unused
from app.tools import helper
from app.typed import Parameter

class Trainer(CallbackMixin, metaclass=Meta):
    config: Config
    callbacks = [("pre-step", lambda self, x: x)]
    def step(self, x: int, more: Parameter) -> int:
        return helper(x)
"""
    meta = "from abc import ABCMeta\nclass Meta(ABCMeta): pass\n"
    names = "class Config: pass\ndef unused(): ...\n"
    files = {
        "app/host.py": host,
        "app/derived.py": "from app.host import Trainer\nclass Derived(Trainer): pass\n",
        "app/meta.py": meta,
        "app/config.py": names,
        "app/tools.py": "def helper(x): ...\n",
        "app/typed.py": "class Parameter: pass\n",
        "app/plain.py": PLAIN,
        "pyproject.toml": config("app"),
    }
    write_files(tmp_path, files)
    assert api.build(working_folder=tmp_path, use_cache=False).complete
    certain, used, relevant, likely = asked
    assert certain == {"app.host"}
    assert relevant == {"app.host", "app.derived"}
    assert used == likely == {"app.meta", "app.config"}

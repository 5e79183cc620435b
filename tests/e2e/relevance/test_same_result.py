"""Skipping irrelevant modules changes neither the output nor any finding."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from arctic_codegen import api
from arctic_codegen.build import session as running
from arctic_codegen.build.relevance import Relevance
from arctic_codegen.build.relevance.outline import Outline
from arctic_codegen.build.relevance.spreading import Spreading
from tests.e2e.relevance.odd_projects import odd_project, written
from tests.harness import write_files


class Everything(Relevance):
    """Skips nothing."""

    def chosen(self):
        return msgspec.structs.replace(super().chosen(), skipped=frozenset())


def result_of(folder: Path):
    built = api.build(working_folder=folder, write=False, use_cache=False)
    return built.findings, built.changes


def differ(folder: Path, seed: int, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Build a project both ways; returns whether the results differ."""
    write_files(folder, odd_project(seed))
    chosen = result_of(folder)
    with monkeypatch.context() as patched:
        patched.setattr(running, "Relevance", Everything)
        return chosen != result_of(folder)


@pytest.mark.parametrize("seed", range(25))
def test_odd_projects(tmp_path, monkeypatch, seed):
    assert not differ(tmp_path, seed, monkeypatch), written(odd_project(seed))


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 1300, 25))
def test_more_odd_projects(tmp_path, monkeypatch, first):
    for seed in range(first, first + 25):
        assert not differ(tmp_path / str(seed), seed, monkeypatch), written(odd_project(seed))


def headers_alone(self, module, file):
    return READ(self, module, msgspec.structs.replace(file, bound=()))


def sources_alone(self, module, path, outside=False):
    return self._is_read(module) and LEADS(self, module, path, outside=outside)


READ = Spreading.read
LEADS = Spreading._leads
DEFENCES = {
    "other names": (Spreading, "read", headers_alone),
    "modules that are no sources": (Spreading, "_leads", sources_alone),
    "stars": (Spreading, "_all_of", lambda self, module: frozenset()),
    "classes that declare callbacks": (Outline, "declares", False),
    "what speaks of callbacks": (Outline, "mentions_callbacks", False),
    "mistakes": (Relevance, "add_invalid", lambda self: None),
}


@pytest.mark.long
@pytest.mark.parametrize("defence", DEFENCES)
def test_each_defence_is_needed(tmp_path, monkeypatch, defence):
    monkeypatch.setattr(*DEFENCES[defence])
    seeds = [*range(200), 637]  # few need callback-related text: most edits show in the text
    assert any(differ(tmp_path / str(seed), seed, monkeypatch) for seed in seeds)

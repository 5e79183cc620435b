"""R36: the reads for the classes of a module are recorded, whatever else is resolved."""

from __future__ import annotations

from arctic_codegen.build.fingerprints import fingerprint, spelled
from arctic_codegen.model.resolution import Read
from arctic_codegen.scan import scan
from tests.unit.resolve.hosts_support import resolved

MODULES = {
    "base": """
from arctic_codegen import CallbackMixin
from names import EVENT
def hook(self) -> None: ...
class Trainer(CallbackMixin):
    callbacks = [(EVENT, hook)]
    def step(self, batch: int) -> int: return batch
class Other(CallbackMixin):
    callbacks = [(EVENT + "-x", hook)]
    def step_x(self) -> None: ...
""",
    "names": 'EVENT = "pre-step"\nUNUSED = 1\n',
    "far": "import base\nbase.Trainer.callbacks.append(('post-step', lambda self, v: v))\n",
    "m": "from base import Trainer\nclass T(Trainer): ...\n",
    "n": "from base import Other\nclass O(Other): ...\n",
}


def reads_of(module, *requested):
    got = resolved(MODULES, *requested)
    return next(one for one in got.resolution.reads if one.module == module)


def test_R36_the_same_is_read_for_a_module_alone_and_among_others():
    alone = reads_of("m", "m", "far")
    among = reads_of("m", "base", "far", "m", "n", "names")
    last = reads_of("m", "n", "m", "far")
    assert alone == among == last


def test_R36_what_decides_the_callbacks_is_read():
    reads = set(reads_of("m", "m", "far", "n").reads)
    assert Read("m", "T") in reads
    assert Read("m", "class") in reads
    assert Read("base", "Trainer") in reads
    assert Read("base", "hook", body=True) in reads
    assert Read("names", "EVENT") in reads
    assert Read("base", "()") in reads
    assert Read("far", "()") in reads
    assert not any(read.name in ("UNUSED", "O") for read in reads)
    assert "far" not in {read.module for read in reads_of("n", "m", "far", "n").reads}


def test_R36_a_new_class_with_bases_counts_and_a_new_function_does_not():
    names = [spelled(read) for read in reads_of("m", "m").reads if read.module == "m"]
    text = MODULES["m"].encode()

    def digest(data):
        return fingerprint(scan(data, "m.py"), names)

    assert digest(text) == digest(text + b"def helper(): ...\nclass Plain: ...\n")
    assert digest(text) != digest(text + b"class New(Trainer): ...\n")


def test_R36_what_one_module_asks_of_a_base_counts_for_the_next_that_asks_it():
    base = """
from arctic_codegen import CallbackMixin
from names import ABC, mark, keep

class B(CallbackMixin, ABC):
    @mark
    def step(self) -> None: ...
    @keep
    def other(self) -> None: ...
    def post_step_callback(self) -> None: ...
"""
    derived = "from base import B\nclass {}(B):\n    def step(self) -> None: ...\n"
    modules = {
        "names": "from abc import ABC, abstractmethod\nimport functools\n"
        "mark = abstractmethod\nkeep = functools.cache\n",
        "base": base,
        "m": derived.format("M"),
        "n": derived.format("N"),
    }

    def reads(module, *requested):
        got = resolved(modules, *requested)
        return next(set(one.reads) for one in got.resolution.reads if one.module == module)

    for module in ("m", "n"):
        alone = reads(module, module)
        assert {Read("names", name) for name in ("ABC", "mark", "keep")} <= alone
        assert alone == reads(module, "m", "n") == reads(module, "base", "m", "n", "names")


def test_R36_a_class_inside_others_stands_in_a_statement_of_the_module():
    text = """
from arctic_codegen import CallbackMixin
class Outer:
    class Middle:
        class T(CallbackMixin):
            def step(self) -> None: ...
            def pre_step_callback(self) -> None: ...
"""
    (reads,) = [one.reads for one in resolved(text).resolution.reads]
    assert Read("m", "Outer") in reads
    assert not {read.name for read in reads} & {"Middle", "T"}

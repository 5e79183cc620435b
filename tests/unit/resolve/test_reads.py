"""R36: what was looked up is written down, also where the answer was known already."""

from __future__ import annotations

import pytest

from arctic_codegen.model.hosts import Read
from arctic_codegen.resolve.entities import Scope
from tests.unit.resolve.names_support import Project


@pytest.fixture
def project(tmp_path):
    def make(files, **settings):
        return Project(tmp_path, files, **settings)

    return make


FILES = {
    "base.py": """
import sys
FLAG = sys.platform == "linux"
UNRELATED = 1
class Root: ...
if FLAG:
    class Base(Root): ...
else:
    class Base: ...
""",
    "star.py": "from base import *\n",
    "m.py": """
try:
    import no_such
    from star import Other as Base
except ImportError:
    from star import Base
class T(Base): ...
""",
}


def test_R36_reads_are_transitive_and_hold_misses(project):
    p = project(FILES)
    p.names.start_recording()
    cls = p.cls("m:T")
    assert p.mro("m:T") == ["m.T", "base.Base", "base.Root"]
    reads, environment = p.names.stop_recording()
    names = {(read.module, read.name) for read in reads}
    assert {("m", "T"), ("m", "Base"), ("star", "Base"), ("base", "Base")} <= names
    assert {("base", "FLAG"), ("base", "sys"), ("base", "Root"), ("base", "__all__")} <= names
    assert ("base", "UNRELATED") not in names
    assert environment.platform
    assert not environment.python_version
    assert environment.absent_modules == ("no_such",)
    # Everything is known by now, and counts again.
    p.names.start_recording()
    p.names.mro(cls)
    again, environment_again = p.names.stop_recording()
    assert environment_again == environment
    assert set(again) >= {read for read in reads if read.module == "base"}


def test_R36_what_was_read_before_is_no_part_of_a_record(project):
    p = project(FILES)
    p.mro("m:T")
    p.names.start_recording()
    p.meaning("base:UNRELATED")
    reads, environment = p.names.stop_recording()
    assert reads == (Read("base", "UNRELATED"),)
    assert environment.absent_modules == ()


def test_R36_bodies_of_functions_that_were_looked_into(project):
    p = project({"m.py": "def f():\n    def g(): ...\n    return g\n"})
    decl = p.function("m:f").decl
    p.names.start_recording()
    p.names.lookup(decl.body[-1].value, Scope("m", (decl,)))
    reads, _ = p.names.stop_recording()
    assert Read("m", "f", True) in reads


def test_R36_python_version(project):
    p = project({"m.py": "import sys\nX = 1 if sys.version_info >= (3, 8) else 2\n"})
    p.names.start_recording()
    assert p.meaning("m:X") == "value 1"
    _, environment = p.names.stop_recording()
    assert environment.python_version

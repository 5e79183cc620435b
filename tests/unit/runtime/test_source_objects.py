"""How compiled modules find defaults and functions of scripts (R12, R22), and light imports."""

from __future__ import annotations

import dataclasses
import functools
import os
import subprocess
import sys
import types

import pytest

from arctic_codegen.runtime import closed, default_of, script

EMPTY = frozenset({1})


def plain(a, /, b=EMPTY, *args, c=3, **kwargs): ...


def keeping(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)

    return wrapper


def own_default(function):
    @functools.wraps(function)
    def wrapper(self, b=7):
        return function(self, b)

    return wrapper


@keeping
@keeping
def decorated(self, b=EMPTY, *, c=4): ...


@own_default
def outer(self, b=8): ...


@functools.lru_cache
def cached(self, b=EMPTY): ...


@dataclasses.dataclass
class Data:
    first: int
    second: list = dataclasses.field(default_factory=list)
    third: object = EMPTY


class Holder:
    def method(self, b=EMPTY): ...

    @staticmethod
    def static(b=EMPTY): ...


@pytest.mark.parametrize(
    "function", [plain, decorated, cached, Holder.method, Holder().method, Holder.static]
)
def test_R22_the_sources_own_default(function):
    assert default_of(function, "b") is EMPTY


def test_R22_defaults_in_other_places():
    assert default_of(plain, "c") == 3
    assert default_of(decorated, "c") == 4
    assert default_of(outer, "b") == 7
    assert default_of(Data.__init__, "third") is EMPTY
    for name in ("a", "args", "nobody"):
        with pytest.raises(LookupError, match="arctic-codegen build"):
            default_of(plain, name)


def test_R22_the_default_of_a_field_with_a_factory_makes_a_new_one():
    factory = default_of(Data.__init__, "second")
    one, two = Data(1, factory), Data(1, factory)
    assert one.second == []
    assert one.second is not two.second


@pytest.fixture
def script_module(tmp_path, monkeypatch):
    """A script that runs as ``__main__``, and can also be imported."""
    path = tmp_path / "scripts" / "train_r12.py"
    path.parent.mkdir()
    path.write_text(
        "def log(obj): return __name__\n"
        "class Box:\n    entry = ('post-step', log)\n    method = staticmethod(log)\n"
        "entries = [('a', ('b', log))]\n"
        "anonymous = lambda obj: __name__\n"
    )
    monkeypatch.syspath_prepend(str(path.parent))
    yield path
    sys.modules.pop("train_r12", None)


def as_main(path, monkeypatch, spec=None):
    module = types.ModuleType("__main__")
    module.__file__ = str(path)
    module.__spec__ = spec
    exec(compile(path.read_text(), str(path), "exec"), module.__dict__)
    monkeypatch.setitem(sys.modules, "__main__", module)
    return module


def test_R12_a_script_that_runs_is_taken(script_module, monkeypatch):
    found = script("train_r12", "scripts/train_r12.py", "log")
    as_main(script_module, monkeypatch)
    assert found(None) == "__main__"
    assert "train_r12" not in sys.modules
    assert script("train_r12", str(script_module), "log")(None) == "__main__"
    assert script("train_r12", "../scripts/train_r12.py", "Box.entry", 1)(None) == "__main__"
    assert script("train_r12", "scripts/train_r12.py", "entries", 0, 1, 1)(None) == "__main__"


def test_R12_else_the_module_is_taken(script_module, monkeypatch):
    found = script("train_r12", "scripts/train_r12.py", "log")
    assert found(None) == "train_r12"
    other = script_module.with_name("other.py")
    other.write_text(script_module.read_text())
    as_main(other, monkeypatch)
    assert found(None) == "train_r12"


def test_R12_a_module_that_runs_with_m_is_taken(script_module, monkeypatch):
    spec = types.SimpleNamespace(name="train_r12")
    as_main(script_module, monkeypatch, spec)
    assert script("train_r12", "nowhere.py", "log")(None) == "__main__"


def test_R12_the_function_is_looked_up_at_each_call(script_module, monkeypatch):
    module = as_main(script_module, monkeypatch)
    found = script("train_r12", "scripts/train_r12.py", "log")
    module.log = lambda obj: "another"
    assert found(None) == "another"


def test_R34_the_scripts_statement_finds_its_entry(script_module, monkeypatch):
    module = as_main(script_module, monkeypatch)
    entries = closed(
        ("post-step", script("train_r12", "scripts/train_r12.py", "log")),
        ("post-init", script("train_r12", "scripts/train_r12.py", "<lambda>")),
        ("post-load", script("train_r12", "scripts/train_r12.py", "missing")),
    )
    entries.append(("post-step", module.log))
    entries.append(("post-init", module.anonymous))
    with pytest.raises(TypeError):
        entries.append(("post-step", module.anonymous))
    with pytest.raises(TypeError):
        entries.append(("post-load", module.log))
    assert len(entries) == 3
    assert "log" in repr(entries[0][1])


def test_importing_the_package_is_light():
    program = (
        "import sys, arctic_codegen, arctic_codegen.runtime;"
        "heavy = ('libcst', 'jinja2', 'click', 'rich', 'msgspec', 'inspect', 'torch',"
        " 'dataclasses', 'logging', 'importlib.metadata', 'asyncio', 'filelock', 'subprocess');"
        "print([name for name in heavy if name in sys.modules]);"
        "print(sorted(module.__name__ for name, module in sys.modules.items()"
        " if name.startswith('arctic_codegen')))"
    )
    root = os.path.abspath(os.path.join(os.path.dirname(__file__), "../../.."))
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": root},
    )
    heavy, own = done.stdout.splitlines()
    assert heavy == "[]"
    assert all("._" in name or "runtime" in name or "." not in name for name in eval(own))

"""R53: host classes with callbacks on events that only their subclasses have."""

from __future__ import annotations

MIXINS = """
from arctic_codegen import CallbackMixin
class Clip(CallbackMixin):
    def post_backward_callback(self) -> None:
        self.clip()
    def clip(self) -> None:
        print("clip")
class Log(Clip):
    callbacks = [("post-epoch", lambda self: print("log"))]
class Plain(CallbackMixin):
    def other(self) -> None: ...
"""
MAIN = """
from arctic_codegen import CallbackMixin
from app.mixins import Clip, Log
class Base(CallbackMixin):
    def epoch(self) -> None: print("epoch")
    def backward(self) -> None: print("backward")
class T(Log, Base):
    def post_epoch_callback(self) -> None: print("t")
class U(Clip, Base): ...
"""


def _files(**more: str) -> dict[str, str]:
    return {"app/__init__.py": "", "app/mixins.py": MIXINS, "app/main.py": MAIN, **more}


def test_R53_a_mixin_for_others_is_not_compiled(project):
    p = project(_files()).built()
    out = p.python(
        """
from generated.app.main import T, U
T().epoch(); T().backward(); U().backward()
import generated.app.mixins as m
print(sorted(name for name in vars(m) if name in ("Clip", "Log", "Plain")))
"""
    )
    assert out.split() == ["epoch", "log", "t", "backward", "clip", "backward", "clip", "['Plain']"]


def test_R53_a_mixin_for_others_is_listed_as_one(project):
    listed = project(_files()).cli("list").stdout
    assert "Clip (mixin)" in listed
    assert "Log (mixin)" in listed
    assert "T  app/main.py" in listed


def test_R53_a_class_below_that_lacks_the_event(project):
    """The error is at that class; other errors stay where they are."""
    more = """
from app.mixins import Clip, Log
class NoBackward(Log):
    def epoch(self) -> None: ...
    def post_epch_callback(self) -> None: ...
"""
    ran = project(_files(**{"app/more.py": more})).build()
    assert ran.codes == [("app/more.py", 2, "AC201"), ("app/more.py", 4, "AC201")]
    assert "'post-backward' names no method of 'NoBackward'" in ran.findings[0].message


def test_R53_a_mixin_that_nothing_uses(project):
    """A warning. If a class has events itself, the event is misspelled (R8)."""
    p = project(
        """
from abc import ABC, abstractmethod
from arctic_codegen import CallbackMixin
class Clip(CallbackMixin):
    limit = 1.0
    def post_backward_callback(self) -> None: self._clip()
    def _clip(self) -> None: ...
class Below(Clip): ...
class Abstract(Clip, ABC):
    @abstractmethod
    def backward(self) -> None: ...
class Trainer(CallbackMixin):
    callbacks = [("post-nothing", lambda self: None)]
    def step(self) -> None: ...
class Child(Trainer): ...
"""
    )
    ran = p.build()
    assert [(one.line, one.severity, one.code) for one in ran.findings if one.code != "AC413"] == [
        (7, "warning", "AC420"),
        (12, "error", "AC201"),
    ]
    assert "'Trainer'" in ran.findings[-1].message
    p.write(
        {"app/main.py": (p.root / "app/main.py").read_text().replace("post-nothing", "pre-step")}
    )
    assert p.build().code == 0
    assert "class Child" in p.generated("app/main.py")
    assert "class Below" not in p.generated("app/main.py")


def test_R53_an_edit_below_is_noticed(project):
    """Other modules determine whether a mixin is used: cold and incremental builds agree."""
    more = {f"app/m{n}.py": f"from app.main import U\nclass V{n}(U): ...\n" for n in range(12)}
    p = project(_files(**more)).built()
    lost = MAIN.replace('    def backward(self) -> None: print("backward")\n', "")
    p.write({"app/main.py": lost})
    ran = p.build()
    assert ran.code == 1
    assert ran.codes == p.build("--no-cache").codes
    p.write({"app/main.py": MAIN})
    assert p.build("--check").code == 0
    p.write({"app/m3.py": "from app.mixins import Log\nclass V3(Log):\n    def epoch(self): ...\n"})
    ran = p.build()
    assert ran.codes == p.build("--no-cache").codes == [("app/m3.py", 2, "AC201")]
    p.write({"app/m3.py": ""})
    p.write({"app/main.py": "from app.mixins import Clip\nclass U(Clip): ...\n"})
    ran = p.build()
    assert ran.codes == p.build("--no-cache").codes


def test_R53_a_file_that_is_not_read_may_use_a_mixin(project):
    broken = "from app.mixins import Log\nclass T(Log:\n"
    mixin = "from arctic_codegen import CallbackMixin\nclass Log(CallbackMixin):\n"
    mixin += "    def post_epoch_callback(self) -> None: ...\n"
    p = project({"app/__init__.py": "", "app/mixins.py": mixin, "app/main.py": broken})
    assert p.build().codes == [("app/main.py", 2, "AC001")]
    p.write({"app/main.py": ""})
    assert p.build().codes == [("app/mixins.py", 2, "AC420")]


def test_R53_list_and_explain_say_where_callbacks_of_a_mixin_run(project):
    text = "from arctic_codegen import CallbackMixin\nclass Log(CallbackMixin):\n"
    text += "    def post_epoch_callback(self) -> None: ...\n"
    text += "class T(Log):\n    def epoch(self) -> None: ...\n"
    p = project({"app/__init__.py": "", "app/main.py": text})
    said = "its callbacks on events that it lacks run in the classes that derive from it"
    for shown in (p.cli("list").stdout, p.cli("explain", "app.main:Log").stdout):
        assert shown.count(said) == 1
        assert "none of its events" not in shown
    assert said not in p.cli("explain", "app.main:T").stdout

"""Ordinary training code next to callbacks leads to no errors and no warnings."""

from __future__ import annotations

MAIN = """
from functools import partial
from arctic_codegen import CallbackMixin

SAID = []

class Handler:
    def __init__(self, callbacks): self.callbacks = list(callbacks)
    def clear_callbacks(self): self.callbacks = []

class LoggingMixin:
    def post_epoch_callback(self) -> None: SAID.append("mixin")

class SavingMixin:
    callbacks = [("post-train", lambda self: SAID.append("saved"))]

class Base(CallbackMixin):
    def step(self, batch: int, scale: int = 1): return batch * scale
    def epoch(self) -> None: self.step(1)
    def train(self) -> None: self.epoch()

def scaled(self, value, factor): return value * factor

class Trainer(LoggingMixin, SavingMixin, Base):
    callback_metrics = {}
    num_callbacks = 3
    callbacks = [("post-step", partial(scaled, factor=factor)) for factor in (2, 3)]

    def __init__(self, callbacks=None):
        self.user_callbacks = callbacks or []
        self.handler = Handler([])
        self.handler.callbacks = []

    @property
    def callback_names(self): return [event for event, _ in self.callbacks]

    def add_callback(self, callback): self.user_callbacks.append(callback)
    def register_step_callback(self, callback): self.handler.callbacks.append(callback)
    def step_callback(self): pass
    def epoch_end_callback(self): pass
    def pre_step_callback_helper(self): pass
    def before_train(self): pass
    def on_step_end(self): pass
    def on_epoch_end(self): pass

    def pre_step_callback(self, batch, scale):
        if scale > 1:
            result = batch, 1
        else:
            result = (batch, scale)
        return result
"""


def test_R50_R51_R52_R55_what_looks_alike_and_is_right(project):
    p = project({"app/__init__.py": "", "app/main.py": MAIN})
    ran = p.build()
    assert (ran.code, ran.codes) == (0, []), ran.stdout + ran.stderr
    printed = p.python(
        "from app.main import SAID\nfrom generated.app.main import Trainer\n"
        "t = Trainer([print])\nt.add_callback(len)\nt.register_step_callback(1)\nt.train()\n"
        "print(t.step(1, 5), SAID)"
    )
    assert printed == "6 ['mixin', 'saved']\n"


BASES = """
import multiprocessing
from types import ModuleType, SimpleNamespace
import again
from arctic_codegen import CallbackMixin

class Logged(CallbackMixin):
    def run(self) -> None: print("run")
    def post_run_callback(self) -> None: print("log")

class Worker(Logged, multiprocessing.Process):
    callbacks = [("pre-start", lambda self: None)]
class Direct(Logged, multiprocessing.context.Process):
    callbacks = [("pre-start", lambda self: None)]
class Other(Logged, again.Process): ...
class Settings(Logged, SimpleNamespace): ...
class Plugin(Logged, ModuleType): ...
"""


def test_R13_bases_whose_names_the_standard_library_computes(project):
    p = project({"again.py": "from multiprocessing import *\n", "app.py": BASES})
    ran = p.build("app.py")
    assert (ran.code, ran.codes) == (0, []), ran.stdout + ran.stderr
    printed = p.python(
        "from generated.app import *\n"
        "for made in (Worker(name='w'), Direct(), Other(), Settings(a=1), Plugin('p')): made.run()"
    )
    assert printed == "run\nlog\n" * 5


def test_R13_a_base_that_the_standard_library_lacks(project):
    text = BASES.replace("SimpleNamespace): ...", "types.Typo): ...").replace(
        "import again", "import types, again"
    )
    ran = project({"again.py": "from multiprocessing import *\n", "app.py": text}).build("app.py")
    assert [code for _, _, code in ran.codes] == ["AC101"]

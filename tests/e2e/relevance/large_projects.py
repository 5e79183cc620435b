"""A framework with any number of modules as sources, whose classes have common names."""

from __future__ import annotations

_MODULE = '''\
"""Model number {number}; what is said of a callback here concerns nobody."""

from __future__ import annotations

import logging

from ..base import Base, Trainer
from framework.trainers import Config

LOGGER = logging.getLogger(__name__)
__all__ = ["Model{number}", "Trainer{number}"]


class Config(Config):
    callback: str = ""
    size = {number}


class Model{number}(Base):
    def step(self, x: int) -> int:
        return x + {number}


class Trainer{number}(Trainer):
    def add_callback(self, callback: object) -> None:
        self.callback_handler.append(callback)
'''
_HOSTS = {
    "app/__init__.py": "",
    "app/one.py": """\
from framework import SFTTrainer as Base

def log(self: Base) -> None: ...

class Mine(Base):
    callbacks = [("pre-loss", log)]
""",
    "app/two.py": """\
from app.one import Mine

class Trainer(Mine):
    def post_loss_callback(self, x: int) -> int:
        return x
""",
    "app/three.py": """\
from app import two

class Three(two.Trainer):
    callbacks = []
""",
    "app/four.py": """\
import framework as fw

class Base(fw.SFTTrainer):
    def pre_step_callback(self) -> None: ...
""",
    "framework/trainers.py": """\
from arctic_codegen import CallbackMixin
from .base import Trainer

class Config:
    lr = 1.0

class SFTTrainer(CallbackMixin, Trainer):
    def loss(self, x: int) -> int:
        return x
""",
}
HOST_MODULES = 5
ASKED_FOR = (
    "framework",
    "framework.base",
    "arctic_codegen",
    "arctic_codegen.runtime",
    "app",
)
"""The packages that the modules with host classes lead to."""


def large_project(modules: int, in_a_package: int = 50) -> dict[str, str]:
    """The files of a project by path, including ``pyproject.toml``."""
    files = {
        **_HOSTS,
        "pyproject.toml": '[tool.arctic-codegen]\nsources = ["framework", "app"]\n',
        "framework/base.py": """\
class Base:
    def step(self, x: int) -> int:
        return x

class Trainer(Base):
    callback_handler: list[object] = []
""",
    }
    stars = []
    for number in range(modules):
        package = f"part_{number // in_a_package}"
        gathered = f"framework/{package}/__init__.py"
        if gathered not in files:
            stars.append(f"from .{package} import *\n")
        files[gathered] = files.get(gathered, "") + f"from .model_{number} import *\n"
        files[f"framework/{package}/model_{number}.py"] = _MODULE.format(number=number)
    files["framework/__init__.py"] = (
        "".join(stars)
        + "from .base import Base, Trainer\nfrom .trainers import SFTTrainer, Config\n"
    )
    return files

"""Cold builds of a class that derives from a class of a large library, against a limit in seconds.

Then a cold build of transformers with five modules of host classes in it. This is compared with the
time in which libcst parses these modules, plus eight times the time to read all bytes and search
them for eleven words. All count wall-clock time. Libraries that are not installed (in this
environment, or in ``.venv/peers``) are skipped. Prints one line of JSON for each; with ``--check``
the exit code is 1 if one exceeds its bound.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from cold_build import PARSE, SEARCH, cold, tree_of  # type: ignore[import-not-found]
from measuring import Compared, Spent, finish, in_turns, median, options, python, row, spent  # type: ignore[import-not-found]
from starting import BUILD  # type: ignore[import-not-found]

PEERS_FOLDER = Path(sys.prefix) / "peers"
WITHIN_BOUND = 1.0


class Base(NamedTuple):
    """A class of a library, one of its events, and the limit for a cold build in seconds."""

    library: str
    imports: str
    name: str
    event: str
    seconds: float = 5.0
    compiles: bool = True
    """Whether the build succeeds: Keras chooses the bases of its classes when it is imported, so
    the build reports errors."""


BASES = (
    Base("transformers", "from transformers import Trainer", "Trainer", "training_step", 3.0),
    Base("trl", "from trl import SFTTrainer", "SFTTrainer", "compute_loss"),
    Base("trl", "from trl import DPOTrainer", "DPOTrainer", "compute_loss"),
    Base("trl", "from trl import GRPOTrainer", "GRPOTrainer", "compute_loss"),
    Base("lightning", "import lightning as L", "L.Trainer", "fit"),
    Base("composer", "from composer import Trainer", "Trainer", "fit"),
    Base("ultralytics", "from ultralytics import YOLO", "YOLO", "train"),
    Base("keras", "import keras", "keras.Sequential", "add", compiles=False),
)
_MINE = """\
from __future__ import annotations

{imports}

from arctic_codegen import CallbackMixin


def before(self: {name}) -> None:
    pass


class Mine(CallbackMixin, {name}):
    callbacks = [("pre-{event}", before)]
"""
_CONFIG = """\
[tool.arctic-codegen]
sources = [{sources}]
"""
_OWN = {
    "base.py": """\
from arctic_codegen import CallbackMixin
from ..trainer import Trainer


class SFTTrainer(CallbackMixin, Trainer):
    callbacks = [("pre-training_step", lambda self: None)]
""",
    "first.py": """\
from transformers import SFTTrainer as Base


class First(Base):
    def post_evaluate_callback(self, metrics):
        return metrics
""",
    "second.py": "from .base import SFTTrainer\n\n\nclass Trainer(SFTTrainer):\n    pass\n",
    "third.py": "from .second import Trainer as Base\n\n\nclass Model(Base):\n    pass\n",
    "fourth.py": "from . import third\n\n\nclass Base(third.Model):\n    callbacks = []\n",
}


def project(folder: Path, base: Base) -> None:
    """Writes a project with one class on that base."""
    folder.mkdir()
    (folder / "pyproject.toml").write_text(_CONFIG.format(sources='"mine.py"'))
    (folder / "mine.py").write_text(_MINE.format(**base._asdict()))


def within(folder: Path) -> tuple[Path, Path]:
    """Copies transformers as sources and adds modules; returns the folders of both."""
    tree = tree_of("transformers", folder)
    own = tree / "own"
    own.mkdir()
    (own / "__init__.py").write_text("")
    for name, text in _OWN.items():
        (own / name).write_text(text)
    path = tree / "__init__.py"
    line = "    from .trainer import Trainer as Trainer\n"
    text = path.read_text()
    path.write_text(text.replace(line, f"{line}    from .own.base import SFTTrainer\n"))
    (folder / "pyproject.toml").write_text(_CONFIG.format(sources='"transformers"'))
    return tree, own


def refused(folder: Path) -> Spent:
    """A build without a cache that ends with errors."""
    build = [*BUILD[:-1], "--no-cache"]
    return spent(python(f"import subprocess; assert subprocess.call({build}) == 1"), folder)


def of_base(base: Base, arguments: argparse.Namespace) -> int:
    """Measures a class on one base."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "project"
        project(folder, base)
        once = cold if base.compiles else refused
        taken = median([once(folder) for _ in range(arguments.rounds)])
    compared = Compared(taken, Spent(base.seconds, base.seconds))
    what = f"cold build of a class on {base.library}'s {base.name} / limit"
    found = row(what, compared, 1.0, by_clock=True)
    return int(finish(found, compared.wall_ratio <= 1.0, arguments))


def inside(arguments: argparse.Namespace) -> int:
    """Measures five modules with host classes in a package of 2,200 modules."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tree, own = within(folder)
        parse, search = python(PARSE), python(SEARCH)
        rounds = arguments.rounds
        built = in_turns(lambda: cold(folder), lambda: spent((*search, str(tree))), rounds)
        hosts = median([spent((*parse, str(own))) for _ in range(rounds)])
    searched = built.theirs
    allowed = Spent(hosts.wall + 8 * searched.wall, hosts.processor + 8 * searched.processor)
    compared = Compared(built.ours, allowed)
    what = "5 host modules among transformers' as sources / libcst parses these, and 8 searches"
    found = row(what, compared, WITHIN_BOUND, by_clock=True)
    return int(finish(found, compared.wall_ratio <= WITHIN_BOUND, arguments))


def main() -> int:
    """Measures and prints the result."""
    arguments = options(__doc__, 3)
    sys.path.append(str(PEERS_FOLDER))
    os.environ["PYTHONPATH"] = os.pathsep.join(
        part for part in (os.environ.get("PYTHONPATH", ""), str(PEERS_FOLDER)) if part
    )
    failed = 0
    for base in BASES:
        if importlib.util.find_spec(base.library) is not None:
            failed |= of_base(base, arguments)
    if importlib.util.find_spec("transformers") is not None:
        failed |= inside(arguments)
    return failed


if __name__ == "__main__":
    sys.exit(main())

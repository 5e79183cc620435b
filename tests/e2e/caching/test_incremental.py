"""An incremental build writes and reports the same as a build from scratch."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from arctic_codegen import api
from tests.harness import CONFIG, write_files

BASE = """
from arctic_codegen import CallbackMixin
from app.helpers import log

class Trainer(CallbackMixin):
    name = "base"

    def step(self, batch: int) -> int:
        return batch

    def loss(self, batch: int, scale: float = 1.0) -> float:
        return batch * scale

    def epoch(self) -> None:
        self.step(1)

    def post_epoch_callback(self) -> None:
        print("epoch")
"""
HELPERS = """
EVENT = "step"

def log(trainer: object, batch: int) -> int:
    return batch

def note(trainer, batch):
    return batch

def made():
    def inner(trainer: object, value: int) -> int:
        return value
    return inner

ENTRIES = [("pre-step", log)]
"""
LEAF = """
from app.base import Trainer
from app.helpers import ENTRIES, EVENT, log, made, note
{imports}

class Trainer{n}({base}):
    name = "trainer-{n}"
    callbacks = [{entries}]

    def loss(self, batch: int, scale: float = 1.0) -> float:
        return super().loss(batch, scale)

    def {method}(self{params}):
        return None
"""
PLAIN = """
class Settings{n}:
    size: int = {n}
"""
ENTRIES = [
    '("pre-step", log)',
    '("pre-" + EVENT, log)',
    '("post-step", made())',
    '("pre-step", note)',
    '("post-loss", lambda self, value: value + 1)',
    '("pre-loss", lambda self, scale: scale)',
    "*ENTRIES",
    '("pre-stop", log)',
    '("post-epoch", log)',
]


class EditedProject:
    """A project under random edits."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.random = random.Random(seed)
        self.broken = False
        self.app = folder / "app"
        own = {"__init__": "", "base": BASE, "helpers": HELPERS}
        own |= {f"plain{n}": PLAIN.format(n=n) for n in range(4)}
        write_files(self.app, {f"{name}.py": text for name, text in own.items()})
        write_files(folder, {"pyproject.toml": CONFIG})
        for n in range(8):
            self.write_leaf(n, simple=True)

    def write_leaf(self, n: int, simple: bool = False) -> None:
        entries = self.random.sample(ENTRIES[:7] if simple else ENTRIES, self.random.randrange(3))
        other = self.random.randrange(8)
        derives = not simple and self.random.random() < 0.3 and other < n
        text = LEAF.format(
            n=n,
            imports=f"from app.leaf{other} import Trainer{other}" if derives else "",
            base=f"Trainer{other}" if derives else "Trainer",
            entries=", ".join(entries),
            method=self.random.choice(["post_epoch_callback", "pre_step_callback", "helper"]),
            params=self.random.choice(["", "", ", batch: int"]) if not simple else "",
        )
        (self.app / f"leaf{n}.py").write_text(text)

    def edit(self) -> str:
        """Make a random edit; returns its description."""
        edits: list[Callable[[], None]] = [
            *[self.leaf] * 9,
            *[self.shift] * 3,
            self.comment,
            self.base_body,
            self.base_signature,
            self.helper,
            self.plain,
            self.other_name,
            self.derived_by_other_name,
            self.mistake_in_plain,
            self.list_of_plain,
            self.far_change,
            self.far_list,
            self.own_change,
            self.change_in_method,
            self.loses_mixin,
            self.twice,
            self.near_miss,
            self.remove,
            self.new,
            self.rename,
            self.undo,
        ]
        edit = self.random.choice(edits)
        if self.broken and self.random.random() < 0.6:
            edit = self.undo
        edit()
        return edit.__name__

    def some(self, pattern: str = "leaf*.py") -> Path | None:
        found = sorted(self.app.glob(pattern))
        return self.random.choice(found) if found else None

    def replaced(self, path: Path | None, old: str, new: str) -> None:
        if path is not None:
            path.write_text(path.read_text().replace(old, new))

    def leaf(self) -> None:
        self.write_leaf(self.random.randrange(8))

    def shift(self) -> None:
        path = self.some("*.py")
        assert path is not None
        path.write_text("# a line\n" + path.read_text())

    def comment(self) -> None:
        path = self.some()
        if path is not None:
            code = self.random.choice(["AC201", "AC413", "AC401"])
            lines = path.read_text().splitlines()
            at = self.random.randrange(len(lines))
            lines[at] += f"  # arctic-codegen: ignore[{code}]"
            path.write_text("\n".join(lines) + "\n")

    def base_body(self) -> None:
        self.replaced(self.app / "base.py", "self.step(1)", "self.step(1); super().epoch()")

    def base_signature(self) -> None:
        old, new = self.random.choice([("scale", "factor"), ("batch: int", "batch: 'int'")])
        self.replaced(self.app / "base.py", old, new)

    def helper(self) -> None:
        old, new = self.random.choice(
            [
                ('EVENT = "step"', 'EVENT = "loss"'),
                ("def log(trainer: object, batch: int) -> int:", "def log(trainer, batch):"),
                ("    return batch\n\ndef note", "    return batch + 1\n\ndef note"),
                ("value: int", "value: float"),
                ('[("pre-step", log)]', "[]"),
            ]
        )
        self.replaced(self.app / "helpers.py", old, new)

    def plain(self) -> None:
        path = self.some("plain*.py")
        if path is not None:
            path.write_text(path.read_text() + "LIMITS: list[int] = []\nLIMITS.append(3)\n")

    def other_name(self) -> None:
        path = self.app / "plain0.py"
        forms = [
            "from app.leaf1 import Trainer1 as Hidden\n",
            "import app.leaf1\nHidden = app.leaf1.Trainer1\n",
            "from app.base import Trainer\nfrom app.plain1 import *\nHidden: type = Trainer\n",
        ]
        path.write_text(path.read_text() + self.random.choice(forms))

    def derived_by_other_name(self) -> None:
        path = self.some("plain[1-3].py")
        if path is not None:
            forms = [
                "from app.plain0 import Hidden\nclass Found(Hidden):\n    name = '{stem}'\n",
                "import app.plain0 as p\nclass Found(\n    p.Hidden\n):\n    name = '{stem}'\n",
                "from .plain0 import *\nclass Found(Hidden):\n    def pre_step_callback(self): 0\n",
            ]
            text = self.random.choice(forms).format(stem=path.stem)
            path.write_text(path.read_text() + text)

    def mistake_in_plain(self) -> None:
        path = self.some("plain*.py")
        if path is not None:
            mistakes = [
                "x = (\n",
                "class Lost(Nowhere):\n    callbacks = []\n",
                "x = 1  # arctic-codegen: ignore[AC201]\n",
                "# \N{LATIN SMALL LETTER E WITH ACUTE}\n",
            ]
            path.write_text(path.read_text() + self.random.choice(mistakes), encoding="utf-8")

    def list_of_plain(self) -> None:
        path = self.some()
        plain = self.app / "plain2.py"
        plain.write_text(plain.read_text() + "ENTRIES2 = []\n")
        if path is not None:
            text = path.read_text().replace("callbacks = [", "callbacks = [*ENTRIES2, ")
            path.write_text("from app.plain2 import ENTRIES2\n" + text)

    def far_change(self) -> None:
        path = self.some("plain*.py")
        if path is not None:
            imports = "from app.leaf1 import Trainer1, log\n"
            change = "Trainer1.callbacks.append(('pre-step', log))\n"
            path.write_text(path.read_text() + imports + change)

    def far_list(self) -> None:
        path = self.some("plain*.py")
        if path is not None:
            text = "import app.helpers\napp.helpers.ENTRIES.append(('pre-loss', None))\n"
            if self.random.random() < 0.5:
                text = "from app.plain2 import ENTRIES2\nENTRIES2 += [('pre-loss', None)]\n"
            path.write_text(path.read_text() + text)

    def own_change(self) -> None:
        path = self.some()
        if path is not None:
            name = path.stem.replace("leaf", "Trainer")
            path.write_text(path.read_text() + f"{name}.callbacks.append(('pre-step', log))\n")

    def change_in_method(self) -> None:
        change = self.random.choice(["self.callbacks = []", "type(self).callbacks.clear()"])
        text = f"    def change(self):\n        {change}\n\n    def loss("
        self.replaced(self.some(), "    def loss(", text)

    def loses_mixin(self) -> None:
        old, new = self.random.choice([("(CallbackMixin)", ""), ("(CallbackMixin)", "(Missing)")])
        self.replaced(self.app / "base.py", old, new)
        self.replaced(self.some(), "(Trainer):", ":")

    def twice(self) -> None:
        again = self.random.choice(['("pre-step", log)', '("pre-step", log), ("pre-step", log)'])
        self.replaced(self.some(), "callbacks = [", f"callbacks = [{again}, ")
        self.replaced(self.app / "base.py", '"base"', '"base"\n    callbacks = [("pre-step", log)]')

    def near_miss(self) -> None:
        self.replaced(self.some(), "def helper(", "def on_step_callback(")
        self.replaced(self.some(), "def post_epoch_callback(", "def post_epoch_calback(")

    def remove(self) -> None:
        path = self.some()
        if path is not None:
            path.unlink()

    def new(self) -> None:
        self.write_leaf(self.random.randrange(8), simple=True)

    def rename(self) -> None:
        path = self.some()
        if path is not None:
            self.replaced(path, "name = ", "title = ")

    def undo(self) -> None:
        (self.app / "base.py").write_text(BASE)
        (self.app / "helpers.py").write_text(HELPERS)
        for path in self.app.glob("plain*.py"):
            path.write_text(PLAIN.format(n=path.stem[-1]))
        for n in range(8):
            self.write_leaf(n, simple=True)

    def output(self) -> dict[str, bytes]:
        folder = self.folder / "generated"
        return {
            path.relative_to(folder).as_posix(): path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }

    def check(self) -> bool:
        """Build both ways; returns whether results were reused."""
        kept = api.build(working_folder=self.folder)
        written = self.output()
        anew = api.build(working_folder=self.folder, use_cache=False)
        assert kept.findings == anew.findings
        assert (kept.complete, kept.written) == (anew.complete, anew.written)
        assert (kept.classes, kept.modules) == (anew.classes, anew.modules)
        assert anew.changes == ()
        self.broken = not anew.complete
        assert written == self.output()
        return dict(kept.counts).get("modules taken over", 0) > 0


def run_project(folder: Path, seed: int, steps: int) -> int:
    project = EditedProject(folder, seed)
    project.check()
    taken = 0
    done: list[str] = []
    for _ in range(steps):
        done.append(project.edit())
        try:
            taken += project.check()
        except AssertionError as error:
            error.add_note(f"seed {seed}, edits: {done}") if hasattr(error, "add_note") else None
            raise
    return taken


@pytest.mark.parametrize("seed", range(3))
def test_random_edits(tmp_path, seed):
    assert run_project(tmp_path, seed, 14) >= 2


@pytest.mark.long
@pytest.mark.parametrize("seed", range(100, 108))
def test_more_random_edits(tmp_path, seed):
    assert run_project(tmp_path, seed, 30) >= 1


def test_nothing_has_changed(tmp_path):
    project = EditedProject(tmp_path, 1)
    project.check()
    api.build(working_folder=tmp_path)
    again = api.build(working_folder=tmp_path)
    assert dict(again.counts) == {
        "files skipped": 5,
        "files read": 0,
        "files parsed": 0,
        "files found in the cache": 0,
        "modules taken over": 15,
    }
    assert again.changes == ()


def test_one_leaf_alone_is_done_again(tmp_path):
    project = EditedProject(tmp_path, 1)
    project.check()
    api.build(working_folder=tmp_path)
    leaf = project.app / "leaf3.py"
    leaf.write_text(leaf.read_text().replace("callbacks = [", "callbacks = [('pre-loss', note), "))
    again = api.build(working_folder=tmp_path)
    assert dict(again.counts)["modules taken over"] == 14
    assert dict(again.counts)["files parsed"] == 1
    assert [change.path for change in again.changes] == ["app/leaf3.py", "arctic-codegen.lock"]


def test_what_a_wrapped_callback_leads_to(tmp_path):
    """A collective is detected two functions away, although those modules have no classes."""
    project = EditedProject(tmp_path, 1)
    far = "def far(value): return value\n"
    (project.app / "far.py").write_text(far)
    (project.app / "near.py").write_text("from app.far import far\ndef near(v): far(v)\n")
    (project.app / "leaf3.py").write_text(
        "from arctic_codegen import rank_zero\n"
        "from app.base import Trainer\nfrom app.near import near\n"
        "def show(trainer: Trainer) -> None:\n    near(trainer)\n"
        "class Trainer3(Trainer):\n    callbacks = [('post-epoch', rank_zero(show))]\n"
    )
    project.check()
    assert not project.broken
    (project.app / "far.py").write_text(
        "import torch.distributed as dist\ndef far(value):\n    dist.barrier()\n"
    )
    project.check()
    found = api.build(working_folder=tmp_path).findings
    assert any(finding.code.startswith("AC7") for finding in found)


def test_what_no_other_module_reads_is_no_matter_to_it(tmp_path):
    """Only modules that looked up the changed name are compiled again."""
    project = EditedProject(tmp_path, 1)
    project.check()
    api.build(working_folder=tmp_path)
    helpers = project.app / "helpers.py"
    helpers.write_text("# lines above\n\n" + helpers.read_text() + "def more(): return 3\n")
    again = api.build(working_folder=tmp_path)
    taken = dict(again.counts)["modules taken over"]
    assert taken >= 8
    assert [change.path for change in again.changes] == ["arctic-codegen.lock"]
    project.check()


def test_a_star_import_of_a_source_is_read_the_same(tmp_path):
    """Its bytes show that it brings none of the names that the module uses."""
    project = EditedProject(tmp_path, 1)
    (project.app / "stars.py").write_text("__all__ = ['EXTRA']\nEXTRA = float\n")
    leaf = (
        "from app.base import Trainer\nclass Trainer3(Trainer):\n"
        "    callbacks = [('post-step', lambda self, value: value)]\n"
        "    def step(self, batch: int) -> int:\n        return batch\n"
    )
    (project.app / "leaf3.py").write_text(leaf)
    project.check()
    (project.app / "leaf3.py").write_text("from app.stars import *\n" + leaf)
    assert project.check()


def test_a_package_may_bind_the_name_of_a_submodule_that_is_imported_under_another(tmp_path):
    project = EditedProject(tmp_path, 1)
    (project.app / "leaf3.py").write_text(
        "import app.helpers as others\nfrom app.base import Trainer\n"
        "class Trainer3(Trainer):\n    callbacks = others.ENTRIES\n"
    )
    project.check()
    assert not project.broken
    (project.app / "__init__.py").write_text("helpers = None\n")
    project.check()
    assert project.broken
    (project.app / "__init__.py").write_text("other = None\n")
    assert project.check()


def test_a_file_that_did_not_matter_is_watched_all_the_same(tmp_path):
    """Also after a build that reused no module, only the choice of relevant modules."""
    project = EditedProject(tmp_path, 1)
    project.check()
    project.replaced(
        project.app / "base.py", "    return batch * scale", "    return batch + scale"
    )
    project.replaced(project.app / "base.py", "batch: int", "batch: float")
    again = api.build(working_folder=tmp_path)
    assert "modules taken over" not in dict(again.counts)
    text = "from app.base import Trainer\nclass Late(Trainer):\n    name = 'late'\n"
    (project.app / "plain3.py").write_text(text)
    assert api.build(working_folder=tmp_path).classes == again.classes + 1


def test_R61_hazards_are_those_of_a_build_from_nothing(tmp_path):
    """Hazard checks follow callbacks into other modules, and search all modules for names."""
    project = EditedProject(tmp_path, 1)
    (project.app / "near.py").write_text("def near(trainer):\n    print(trainer.step)\n")
    (project.app / "apart.py").write_text("def apart(trainer):\n    pass\n")
    (project.app / "leaf3.py").write_text(
        "from app.base import Trainer\nfrom app.near import near\n"
        "def show(trainer: Trainer) -> None:\n    near(trainer)\n"
        "def put(trainer: Trainer) -> None:\n    trainer.late = 1\n"
        "class Trainer3(Trainer):\n    callbacks = [('post-epoch', show), ('post-epoch', put)]\n"
    )
    codes = []
    for near, apart in (
        ("print(trainer.step)", "pass"),
        ("print(trainer.late)", "pass"),
        ("print('a', trainer.late)", "pass"),
        ("print(trainer.late)", "trainer.late = 2"),
        ("print(trainer.late)", "pass"),
    ):
        (project.app / "near.py").write_text(f"def near(trainer):\n    {near}\n")
        (project.app / "apart.py").write_text(f"def apart(trainer):\n    {apart}\n")
        project.check()
        assert not project.broken
        found = api.build(working_folder=tmp_path).findings
        codes.append([finding.code for finding in found if finding.code.startswith("AC8")])
    assert codes == [[], ["AC801"], ["AC801"], [], ["AC801"]]


def test_each_module_depends_on_the_callbacks_that_it_shares(tmp_path):
    """Also if another module was the first to examine them."""
    project = EditedProject(tmp_path, 1)
    text = (
        "import torch.distributed as dist\ndef show(trainer: object) -> None:\n    print('epoch')\n"
    )
    (project.app / "shared.py").write_text(text)
    for number in (3, 4):
        (project.app / f"leaf{number}.py").write_text(
            "from arctic_codegen import optional\n"
            "from app.base import Trainer\nfrom app.shared import show\n"
            f"class Trainer{number}(Trainer):\n"
            "    callbacks = [('pre-epoch', optional(show))]\n"
        )
    project.check()
    assert not project.broken
    api.build(working_folder=tmp_path)
    (project.app / "shared.py").write_text(text.replace("print('epoch')", "dist.barrier()"))
    assert project.check()
    found = api.build(working_folder=tmp_path).findings
    assert [finding.code for finding in found].count("AC703") == 2

"""``explain`` for a line as in a traceback, and for a recipe (R65)."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
CALLBACKS = """
def clip(trainer, loss: float) -> float:
    if loss > 1:
        return 1.0
    return loss


def unrelated() -> None:
    print("nothing")
"""
TRAINERS = """
from arctic_codegen import CallbackMixin, after, replaces_inherited
from app.callbacks import clip


class Base(CallbackMixin):
    def loss(self, batch: int) -> float:
        return batch / 2

    def step(self) -> None:
        print("step")


class First(Base):
    callbacks = [
        ("post-loss", clip),
        (
            "post-loss",
            after(clip, lambda self, loss: loss),
        ),
    ]

    def pre_step_callback(self) -> None:
        print("first")


class Second(First):
    @replaces_inherited
    def pre_step_callback(self) -> None:
        print("second")
"""


@pytest.fixture
def shown(folder, write, cli):
    """The classes and events shown for a target, as ``CLASS event ...``."""
    write(app__callbacks=CALLBACKS, app__trainers=TRAINERS)
    (folder / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["app"]\n')

    def explained(target: str) -> list[str]:
        done = cli("explain", target)
        assert done.code == 0, done.out + done.err
        words = []
        for line in done.out.splitlines():
            if found := re.match(r"[\w.]+\.(\w+) ", line):
                words.append(found[1])
            elif line.rstrip().endswith(":"):
                words[-1] += f" {line.partition(':')[0]}"
        return words

    return explained


def test_R65_a_line_of_a_callback_shows_the_events_that_call_it(shown):
    assert shown("app/callbacks.py:3") == ["First loss", "Second loss"]
    assert shown("app/callbacks.py:3:9") == ["First loss", "Second loss"]


def test_R65_a_line_of_an_entry_shows_its_event(shown):
    assert shown("app/trainers.py:15") == ["First loss", "Second loss"]
    assert shown("app/trainers.py:18") == ["First loss", "Second loss"]


def test_R65_a_line_of_a_method_shows_the_event_around_it(shown):
    assert shown("app/trainers.py:10") == ["Base step", "First step", "Second step"]
    assert shown("app/trainers.py:28") == ["Second step"]


def test_R65_a_line_of_a_class_shows_the_class(shown):
    assert shown("app/trainers.py:26") == ["Second loss step"]


def test_R65_a_line_of_the_output_shows_what_it_was_generated_from(shown, cli, folder):
    assert cli("build").code == 0
    text = (folder / "generated/app/trainers.py").read_text().splitlines()
    cls = next(n for n, line in enumerate(text, 1) if line.startswith("class Second"))
    call = next(n for n, line in enumerate(text, 1) if n > cls and "def step" in line) + 1
    assert shown(f"generated/app/trainers.py:{call}") == ["Second step"]
    assert shown(f"generated/app/trainers.py:{cls}") == ["Second loss step"]


def test_a_line_where_nothing_stands_is_wrong_use(shown, cli):
    for target, said in (
        ("app/callbacks.py:8", "there is no class with callbacks, event or callback at"),
        ("app/callbacks.py:400", "'app/callbacks.py' has 8 lines, and no line 400"),
        ("app/none.py:1", "there is no file 'app/none.py'"),
        ("app.callbacks:clip", "`arctic-codegen uses clip` shows what calls it"),
    ):
        done = cli("explain", target)
        assert done.code == 2
        assert said in done.err


CONCERNING = """
from arctic_codegen.callbacks import Callback, EarlyStopping


class Timer(Callback):
    limit = 3

    async def post_step(self, trainer: "Base") -> None:
        self.helper()

    def helper(self) -> None:
        print(self.limit)


class Soon(EarlyStopping):
    patience_of_mine = 1


def is_odd(trainer: "Base") -> bool:
    return True


def clip(limit: float):
    low = limit / 2

    def inner(trainer: "Base", loss: float) -> float:
        return min(loss, low)

    return inner
"""
CONCERNED = """
from arctic_codegen import CallbackMixin, when
from app import callbacks as cb


class Helper:
    word = 1

    def helping(self) -> int:
        return 1


class Base(Helper, CallbackMixin):
    def loss(self, batch: int) -> float:
        return batch / 2

    async def step(self) -> None: ...

    def train(self) -> None: ...

    def evaluate(self) -> None: ...


class First(Base):
    callbacks = [
        *cb.Timer(),
        *cb.Soon(),
        (
            "post-loss",
            when(
                lambda self: (
                    self.word
                    == 1
                ),
                cb.clip(3.0),
            ),
        ),
        ("pre-train", when(cb.is_odd, lambda self: (
            print(1)
        ))),
    ]
"""


def test_R65_a_line_of_all_that_has_to_do_with_callbacks(shown, write, cli, folder):
    write(app__callbacks=CONCERNING, app__trainers=CONCERNED)
    assert cli("build").code == 0
    everything = ["Base", "First evaluate loss step train"]
    places = {
        "app/callbacks.py": (CONCERNING, {
            "limit = 3": ["First step"], "print(self.limit)": ["First step"],
            "patience_of_mine": ["First evaluate train"], "return True": ["First train"],
            "low = limit": ["First loss"], "return inner": ["First loss"],
        }),
        "app/trainers.py": (CONCERNED, {
            "word = 1": everything, "def helping": ["Base helping", "First helping"],
            "== 1": ["First loss"], "self.word": ["First loss"], "print(1)": ["First train"],
        }),
        "generated/app/trainers.py": ((folder / "generated/app/trainers.py").read_text(), {
            "_First: TypeAlias": everything[1:], "_clip: ": ["First loss"],
            "await _timer": ["First step"],
            "def _first_pre_train": ["First train"], "import annotations": everything,
        }),
    }  # fmt: skip
    for path, (text, wanted) in places.items():
        lines = text.lstrip("\n").splitlines()
        for part, classes in wanted.items():
            found = [number for number, line in enumerate(lines, 1) if part in line]
            assert len(found) == 1, (part, text)
            line = found[0]
            assert shown(f"{path}:{line}") == classes, (path, part)
    ours = cli("explain", "app.trainers:First.evaluate").out
    (place,) = re.findall(r"arctic_codegen/callbacks/\w+\.py:\d+", ours)
    assert shown(place) == ["First evaluate"]


def test_R65_warnings_that_concern_something_else_are_counted_at_the_end(shown, write, cli):
    other = "class Other(Base):\n    def post_los_callback(self): ...\n"
    write(
        app__trainers=f"{TRAINERS}\n\n{other}", app__more=f"from app.trainers import Base\n{other}"
    )
    done = cli("explain", "app.trainers:First")
    assert "AC" not in done.out
    assert done.err == "2 findings elsewhere: `arctic-codegen build` reports all\n"
    done = cli("explain", "app.trainers:Other")
    assert done.out.count("error[AC") == 1
    assert "1 finding elsewhere" in done.err


def test_R65_an_event_is_shown_without_findings_about_other_events_of_its_class(shown, write, cli):
    wrong = "    def post_loss_callback(self): ...\n\n\nclass Second"
    write(app__trainers=TRAINERS.replace("class Second", wrong))
    done = cli("explain", "app.trainers:First.loss", "--format", "concise")
    assert done.code == 1
    assert "app/trainers.py:26:9: error[AC4" in done.out
    done = cli("explain", "app.trainers:First.step", "--format", "concise")
    assert done.code == 0
    assert "AC" not in done.out
    assert "1 finding elsewhere" in done.err


def test_R65_json_has_assertions_signatures_and_what_was_dropped(shown, cli):
    text = cli("explain", "app.trainers:Second", "--format", "json").out
    events = {one["event"]: one for one in json.loads(text)["classes"][0]["events"]}
    loss = events["post-loss"]
    (assertion,) = loss["assertions"]
    assert (assertion["path"], assertion["line"]) == ("app/trainers.py", 18)
    assert (assertion["first"], assertion["second"]) == (
        "clip",
        "First.<lambda>",
    )
    assert loss["callbacks"][0]["signature"] == "(self, loss: float) -> float"
    assert loss["callbacks"][0]["rewrites"] == ["result"]
    assert loss["signature"] == "(self, batch: int) -> float"
    (dropped,) = events["pre-step"]["dropped"]
    assert dropped["shown"] == "First.pre_step_callback"
    assert "Second" in dropped["reason"]


def test_R65_a_recipe_of_the_building_blocks(cli, monkeypatch):
    monkeypatch.chdir(ROOT)
    recipe = "examples/language_model/recipe.yaml"
    done = cli("explain", recipe, "--format", "json", "--no-cache")
    classes = json.loads(done.out)["classes"]
    assert [one["name"] for one in classes] == [
        "HelpTrainer", "HelpTokenizer", "HelpData", "HelpModel", "HelpOptimizer",
        "HelpScheduler", "HelpCheckpoint", "HFCheckpointEngine",
    ]  # fmt: skip
    called = [event["event"] for event in classes[0]["events"] if event["callbacks"]]
    assert called == [
        "pre-init", "post-init", "post-train", "post-epoch", "post-step", "pre-loss", "post-loss",
        "post-evaluate",
    ]  # fmt: skip


def test_R66_a_recipe_that_never_evaluates_is_reported_where_callbacks_wait_for_it(
    folder, write, cli
):
    write(
        mine="""
        from arctic_codegen.blocks import CausalTrainer
        from arctic_codegen.callbacks import EarlyStopping, GradientNorm, MLflowLogger

        class Plain(CausalTrainer):
            name = "plain"
            callbacks = [*GradientNorm(), *MLflowLogger("tests")]

        class Mine(Plain):
            name = "mine"
            callbacks = [*EarlyStopping()]
        """
    )
    (folder / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["mine.py"]\n')
    recipe = folder / "recipe.yaml"
    found = {}
    for name, rest in [("plain", ""), ("mine", ""), ("mine", "eval_interval: 5\n")]:
        recipe.write_text(f"type: {name}\ncode: mine.py\n{rest}")
        done = cli("explain", "recipe.yaml", "--format", "concise")
        assert done.code == 0, done.out + done.err
        found[name, rest] = [line for line in done.out.splitlines() if "AC023" in line]
    assert found.pop(("mine", "")) == [
        "recipe.yaml:1:7: warning[AC023] callbacks of 'Mine' run around evaluations, but the recipe"
        " never evaluates: `eval_interval` is not set"
    ]
    assert not any(found.values())


def test_R65_what_is_wrong_with_a_recipe_of_the_building_blocks_is_said_at_its_line(
    folder, write, cli
):
    write(
        mine="""
        from arctic_codegen.blocks import CausalTrainer
        from arctic_codegen.callbacks import GradientNorm

        class Mine(CausalTrainer):
            name = "mine"
            callbacks = [*GradientNorm()]
        """
    )
    (folder / "pyproject.toml").write_text('[tool.arctic-codegen]\nsources = ["mine.py"]\n')
    recipe = folder / "recipe.yaml"
    recipe.write_text("type: mine\nmodel:\n  type: nope\ncheckpoint:\n- type: hugginface\n")
    done = cli("explain", "recipe.yaml", "--format", "concise")
    assert done.code == 1
    assert [line for line in done.out.splitlines() if "AC" in line] == [
        "recipe.yaml:3:9: error[AC019] no model of 'Mine' has the type 'nope'",
        "recipe.yaml:5:9: error[AC019] no checkpoint of 'Mine' has the type 'hugginface'",
    ]
    assert "mine.Mine" in done.out
    for text, said in {
        "code: gone.py\ntype: mine\n": "1:7: error[AC018] the recipe's code 'gone.py' is not",
        "model: {}\n": "1:1: error[AC019] the recipe has no `type`, and the building blocks",
        "type: nine\n": "1:7: error[AC019] no trainer is named 'nine'",
    }.items():
        recipe.write_text(text)
        done = cli("explain", "recipe.yaml", "--format", "concise")
        assert (done.code, done.err) == (1, "")
        assert done.out.startswith(f"recipe.yaml:{said}")


@pytest.mark.long
def test_R65_a_recipe_of_ArcticTraining(folder, write, cli):
    pytest.importorskip("arctic_training")
    write(
        mine="""
        from arctic_training import HFTokenizerFactory, SFTTrainer
        from arctic_training.data.hf_source import HFDataSource

        class Mined(HFDataSource):
            name = "mined"

        class Tokenizers(HFTokenizerFactory):
            name = "mine"

        class Mine(SFTTrainer):
            name = "mine"
            tokenizer_factory: Tokenizers
            callbacks = [("post-step", lambda self: None)]
        """
    )
    config = '[tool.arctic-codegen]\nsources = ["mine.py"]\nsemantics = "documented"\n'
    (folder / "pyproject.toml").write_text(config)
    recipe = folder / "recipe.yaml"
    data = "data:\n  sources: [mined:x, a/b, {type: huggingface}]\n  eval_sources: [{type: gone}]\n"
    recipe.write_text(f"type: mine\ncode: mine.py\nmodel: {{type: liger}}\n{data}")
    done = cli("explain", "recipe.yaml", "--format", "json")
    assert done.code == 1
    assert "recipe.yaml:6:25: error[AC019] no data source has the type 'gone'" in done.err
    assert [one["name"] for one in json.loads(done.out)["classes"]] == [
        "Mine", "Tokenizers", "SFTDataFactory", "Mined", "HFDataSourceInstruct", "HFDataSource",
        "LigerModelFactory", "FusedAdamOptimizerFactory", "HFSchedulerFactory",
    ]  # fmt: skip
    recipe.write_text("type: mine\ncode: mine.py\nmodel: {type: lieger}\n")
    done = cli("explain", "recipe.yaml")
    assert done.code == 1
    assert "no model of 'Mine' has the type 'lieger'" in done.out
    assert "known types: huggingface, liger" in done.out
    listed = "model: {type: [liger]}\ndata: {type: {a: 1}, sources: []}\n"
    recipe.write_text(f"type: mine\ncode: mine.py\n{listed}")
    done = cli("explain", "recipe.yaml", "--format", "concise")
    assert done.code == 1
    assert "no model of 'Mine' has the type '['liger']'" in done.out
    recipe.write_text("type: mine\ncode: mine.py\ndata: {sources: [{type: [a]}]}\n")
    assert "no data source has the type '['a']'" in cli("explain", "recipe.yaml").out
    recipe.write_text("type: nobody\ncode: mine.py\n")
    done = cli("explain", "recipe.yaml")
    assert done.code == 1
    assert "AC019" in done.out

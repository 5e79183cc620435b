"""7xx: ranks and guards, which are ``rank_zero``, ``every`` and ``optional``."""

from __future__ import annotations

from arctic_codegen.diagnostics.records import Severity
from arctic_codegen.diagnostics.table.entry import Code

_HEAD = """from arctic_codegen import CallbackMixin, every, optional, rank_zero


"""
_TRAINER = """

class Trainer(CallbackMixin):
    callbacks = [{entry}]

    def step(self) -> None:
        print("step")

    def loss(self) -> float:
        return 1.0
"""


def _example(callback: str, entry: str) -> str:
    return _HEAD + callback.strip("\n") + "\n" + _TRAINER.format(entry=entry)


_LOG = """
def log(trainer: "Trainer", tag: str = "step") -> None:
    print(tag)
"""
_PLAIN_LOG = """
def log(trainer: "Trainer") -> None:
    print("step")
"""

_ON_ARCTIC_TRAINING = """
from arctic_codegen import every
from arctic_training import SFTTrainer


def log(trainer: SFTTrainer) -> None:
    print(trainer.global_step)


class Trainer(SFTTrainer):
    name = "my_trainer"
    callbacks = [("post-step", {first}), ("post-epoch", {second})]

# file: pyproject.toml
[tool.arctic-codegen]
sources = ["trainers.py"]
semantics = "documented"
"""

GUARDS = (
    Code(
        "AC701",
        "rank-zero-rewrites",
        "A `rank_zero` callback changes a value, which rank 0 alone then has.",
        "From there on the ranks train with different batches, losses or models, and nothing says "
        "so. A `rank_zero` callback looks at values, and gives them back as they are.",
        _example(
            """
def scaled(trainer: "Trainer", loss: float) -> float:
    return loss / 2
""",
            '("post-loss", rank_zero(scaled))',
        ),
        _example(
            """
def shown(trainer: "Trainer", loss: float) -> float:
    print(loss)
    return loss
""",
            '("post-loss", rank_zero(shown))',
        ),
    ),
    Code(
        "AC702",
        "rank-zero-collective",
        "A `rank_zero` callback calls what every rank has to call.",
        "Rank 0 waits for the others, which never come: the run hangs. The call may stand in the "
        "callback or in a function of the project that it leads to.",
        _example(
            """
import torch.distributed as dist


def save(trainer: "Trainer") -> None:
    print("saving")
    dist.barrier()
""",
            '("post-step", rank_zero(save))',
        ),
        _example(
            """
import torch.distributed as dist


def save(trainer: "Trainer") -> None:
    if dist.get_rank() == 0:
        print("saving")
    dist.barrier()
""",
            '("post-step", save)',
        ),
    ),
    Code(
        "AC703",
        "optional-collective",
        "An `optional` callback calls what every rank has to call.",
        "Where it fails on one rank, that rank goes on, and the others wait for it in the call.",
        _example(
            """
import torch.distributed as dist


def save(trainer: "Trainer") -> None:
    print("saving")
    dist.barrier()
""",
            '("post-step", optional(save))',
        ),
        _example(
            """
import torch.distributed as dist


def save(trainer: "Trainer") -> None:
    print("saving")


def wait(trainer: "Trainer") -> None:
    dist.barrier()
""",
            '("post-step", optional(save)), ("post-step", wait)',
        ),
        Severity.WARNING,
    ),
    Code(
        "AC704",
        "every-number",
        "The number of `every` is no whole number from 1, or cannot be determined statically.",
        "The number is written into the compiled method, and ranks that count to different numbers "
        "part.",
        _example("import os\n" + _PLAIN_LOG, '("post-step", every(int(os.environ["N"]), log))'),
        _example("N = 100\n" + _PLAIN_LOG, '("post-step", every(N, log))'),
    ),
    Code(
        "AC705",
        "guard-inside",
        "`rank_zero`, `every` or `optional` stands inside a partial, or on a method of another "
        "object.",
        "As an ordinary callable it would take what is bound there for the object whose calls it "
        "counts, or for a value that it has to give back. Around the whole it knows both.",
        _example(
            "from functools import partial\n\n" + _LOG,
            '("post-step", partial(every(10, log), tag="tenth"))',
        ),
        _example(
            "from functools import partial\n\n" + _LOG,
            '("post-step", every(10, partial(log, tag="tenth")))',
        ),
    ),
    Code(
        "AC706",
        "every-in-two-places",
        "One `every(...)` stands in two entries of a class on ArcticTraining.",
        "A compiled class counts the calls of each entry for itself. Where ArcticTraining's own "
        "runtime calls it, the one callable counts all of them together.",
        _ON_ARCTIC_TRAINING.format(first="tenth", second="tenth").replace(
            "\n\nclass Trainer", "\n\ntenth = every(10, log)\n\n\nclass Trainer"
        ),
        _ON_ARCTIC_TRAINING.format(first="every(10, log)", second="every(10, log)"),
        Severity.WARNING,
    ),
    Code(
        "AC707",
        "every-at-init",
        "A callback with `every` around it stands on `init`.",
        "`every` counts the calls for each object, and an object is made once: a number above 1 is "
        "never reached.",
        _example(_PLAIN_LOG, '("post-init", every(10, log))'),
        _example(_PLAIN_LOG, '("post-step", every(10, log))'),
        Severity.WARNING,
    ),
)

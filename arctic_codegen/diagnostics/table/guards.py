"""7xx: ranks and guards, which are ``rank_zero``, ``every`` and ``optional``."""

from __future__ import annotations

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

GUARDS = (
    Code(
        "AC704",
        "every-number",
        "The number of `every` is no whole number from 1, or the text does not decide it.",
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
)

"""What an entry may call, and how a list may be written."""

from functools import partial

from my_project import helpers as h
from my_project.helpers import Recorder, entries, every, note, recorder, scale

from arctic_codegen import CallbackMixin

STEP = "step"


class Trainer(CallbackMixin):
    count = 0

    def step(self, batch: int) -> int:
        self.count += 1
        return batch


class Everything(Trainer):
    callbacks = [
        ("pre-" + STEP, note),
        (f"pre-{STEP}", partial(scale, by=3)),
        ("pre-%s" % STEP, every(2, h.note)),
        ("pre-step", Recorder("fresh")),
        ("pre-step", recorder),
        ("pre-step", recorder.write),
        ("pre-step", Recorder.shout),
        *entries,
        h.entry,
        *[(f"{phase}-init", note) for phase in ("pre", "post")],
    ]


class Fewer(Everything):
    callbacks = [*Everything.callbacks, ("post-step", lambda self, value: value + 1)]


Everything.callbacks.insert(0, ("pre-step", lambda self: print("inserted")))
Fewer.callbacks += [("post-step", lambda self, value: value + Fewer.count)]

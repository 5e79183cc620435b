"""AC204 to AC208, AC215 and AC103: lists, entries and callables."""

import os
import random

from arctic_codegen import CallbackMixin
from arctic_codegen.callbacks import Callback, Missing  # type: ignore[attr-defined]


def note(self) -> None:
    print("note")


def build_list():
    return random.sample([("pre-step", note)], 1)


EVENT = "pre-step"
CHANGING = "pre-step"
CHANGING = os.environ.get("EVENT", "pre-step")
ENTRY = ("pre-step", note)
ENTRIES = [ENTRY]


class Trainer(CallbackMixin):
    def step(self) -> None: ...


class Right(Trainer):
    callbacks = [
        (EVENT, note),
        ENTRY,  # warning: [AC218]
        *ENTRIES,
        ("pre-" + "step", note),
        (f"{'pre'}-step", note),
        ("%s-step" % "pre", note),
        ("{}-step".format("pre"), note),
    ] + ENTRIES


class Empty(Trainer):
    callbacks = ()


class OnlyHooks(Callback):
    def on_step_end(self, trainer: Trainer) -> None: ...


class NoSuchBase(Missing):
    def post_step(self, trainer: Trainer) -> None: ...


class Objects1(Trainer):
    callbacks = [*OnlyHooks()]  # error: [AC205]


class Objects2(Trainer):
    callbacks = [*NoSuchBase()]  # error: [AC205]


class Lists1(Trainer):
    callbacks = build_list()  # error: [AC205]


class Lists2(Trainer):
    callbacks = None  # error: [AC205]


class Lists3(Trainer):
    callbacks = [note for _ in range(random.randint(0, 3))]  # error: [AC205]


class Lists4(Trainer):
    callbacks = {"pre-step": note}  # error: [AC205]


class Entries(Trainer):
    callbacks = [
        ("pre-step",),  # error: [AC204]
        ("pre-step", note, note),  # error: [AC204]
        "pre-step",  # error: [AC204]
        note,  # error: [AC204]
        3,  # error: [AC204]
        tuple(random.sample([], 0)),  # error: [AC208]
    ]


class Events(Trainer):
    callbacks = [
        (os.environ["EVENT"], note),  # error: [AC206]
        (CHANGING, note),  # error: [AC206]
        (f"pre-{random.random()}", note),  # error: [AC206]
        (3, note),  # error: [AC204]
    ]


class Callables(Trainer):
    callbacks = [
        ("pre-step", random.choice([note])),  # error: [AC207]
        ("pre-step", {}["x"]),  # error: [AC207]
        ("pre-step", note if random.random() else note),  # error: [AC207]
        ("pre-step", "note"),  # error: [AC215]
        ("pre-step", 3),  # error: [AC215]
        ("pre-step", None),  # error: [AC215]
        ("pre-step", missing),  # error: [AC103]
        ("pre-step", random.no_such_function),  # error: [AC103]
    ]

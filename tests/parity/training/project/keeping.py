"""A trainer whose callbacks have state."""

from my_trainer import TinyCausal
from tiny.trace import note


class Steps:
    # The uncompiled runtime needs the name of each callable.
    __name__ = "steps"

    def __init__(self):
        self.seen = []

    def __call__(self, trainer):
        self.seen.append(trainer.global_step)
        note(f"Steps: {self.seen}")

    def state_dict(self):
        return {"seen": list(self.seen)}

    def load_state_dict(self, state):
        self.seen = state["seen"]
        note(f"Steps restored: {self.seen}")


class Keeping(TinyCausal):
    name = "keeping"
    callbacks = [("post-step", Steps())]

"""A trainer whose callbacks have state, on the engine of ArcticTraining's own."""

from arctic_training.checkpoint.ds_engine import DSCheckpointEngine
from my_trainer import TinyCausal
from tiny.trace import note


class Steps:
    def __init__(self):
        self.seen = []

    def __call__(self, trainer):
        self.seen.append(trainer.global_step)
        note(f"Steps: {self.seen}")

    def state_dict(self):
        return {"seen": list(self.seen)}

    def load_state_dict(self, state):
        self.seen = state["seen"]


class Keeping(TinyCausal):
    name = "keeping"
    checkpoint_engine: DSCheckpointEngine
    callbacks = [("post-step", Steps())]

"""Checkpoint engines: one that writes weights, and one that a run can resume from."""

from arctic_training.checkpoint.ds_engine import DSCheckpointEngine
from arctic_training.checkpoint.hf_engine import HFCheckpointEngine

from tiny.kinds import Every, Hooks, recorder
from tiny.trace import ended, entered, note, show


def unwrapped(engine, model):
    """The model itself; if its parameters are partitioned, saving needs DeepSpeed's engine."""
    return model if engine.trainer.config.zero_3_enabled else model.module


class Weights(HFCheckpointEngine):
    name = "weights"
    callbacks = [
        ("pre-save", entered("save")),
        ("pre-save", lambda self, model: unwrapped(self, model)),
        ("post-save", ended("save")),
        ("post-save", recorder.record),
    ]

    def pre_save_callback(self, model):
        note(f"{type(self).__name__}: saves {show(model)}")
        return model

    def post_save_callback(self):
        note(f"{type(self).__name__}: saved as {self.checkpoint_dir.name}")


class Resumable(DSCheckpointEngine):
    name = "resumable"
    callbacks = [
        ("pre-load", entered("load")),
        ("post-load", ended("load")),
        ("post-save", Every("save")),
        ("post-init", Hooks.begin),
    ]

    def post_save_callback(self):
        note(f"{type(self).__name__}: {self.checkpoint_tag}")

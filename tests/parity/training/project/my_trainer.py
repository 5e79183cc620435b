"""The trainers: levels that override the same event and add callbacks to it."""

from functools import partial

import torch
from arctic_training.config.trainer import TrainerConfig
from arctic_training.trainer.causal_trainer import CausalTrainer
from arctic_training.trainer.sft_trainer import SFTTrainer
from tiny import source  # noqa: F401  (registers the data sources)
from tiny.data import TinyChat, TinyText
from tiny.engine import Resumable, Weights
from tiny.kinds import Every, Hooks, decorated, recorder, scale, without_gradients
from tiny.model import Smaller, Words
from tiny.optimizer import Decayed, Linear
from tiny.trace import ended, entered, note, returned, show

from arctic_codegen import every, optional, rank_zero

half = partial(scale, 0.5)
# The uncompiled runtime needs the name of each callable.
half.__name__ = "half"

QUIET = ("train", "epoch", "evaluate", "checkpoint", "backward")


def model_loss(trainer, batch):
    """The loss that each level's ``loss`` starts from; no level calls another's."""
    inputs = {key: batch[key] for key in ("input_ids", "labels", "position_ids")}
    return trainer.model(**inputs, use_cache=False).loss


def shorter(batch):
    return {key: value[:, :24] if torch.is_tensor(value) else value for key, value in batch.items()}


class First(SFTTrainer):
    name = "first"
    data_factory: TinyChat
    model_factory: Smaller
    checkpoint_engine: Weights
    optimizer_factory: Decayed
    scheduler_factory: Linear
    tokenizer_factory: Words
    callbacks = [
        *[(f"pre-{event}", entered(event)) for event in QUIET],
        *[(f"post-{event}", ended(event)) for event in QUIET],
        ("pre-loss", entered("loss")),
        ("post-loss", returned("loss")),
        ("pre-step", lambda self, batch: shorter(batch)),
    ]

    def loss(self, batch) -> torch.Tensor:
        return model_loss(self, batch)

    def pre_init_callback(self, config: TrainerConfig):
        note(f"{type(self).__name__}: seed {config.seed}")
        config.seed = 11
        return config

    def pre_step_callback(self, batch):
        note(f"{type(self).__name__}: first {show(batch['input_ids'])}")
        return batch

    def post_epoch_callback(self):
        raise AssertionError("dropped below")

    def post_evaluate_callback(self):
        note(f"{type(self).__name__}: evaluated")


class Second(First):
    name = "second"
    callbacks = [
        ("post-loss", half),
        ("post-loss", decorated),
        ("pre-train", Hooks.begin),
        ("post-train", Hooks.finish),
        ("post-epoch", Every("epoch")),
    ]

    def loss(self, batch) -> torch.Tensor:
        return model_loss(self, batch) * 1.25

    def pre_step_callback(self, batch):
        note(f"{type(self).__name__}: second")
        batch = super().pre_step_callback(batch)
        batch["labels"] = batch["labels"].clone()
        batch["labels"][:, -1] = -100
        return batch

    post_epoch_callback = None


def fails(self, loss):
    note(f"{type(self).__name__}: fails at {show(loss)}")
    raise FloatingPointError


@rank_zero
def looks(self, loss):
    note(f"{type(self).__name__}: looks at {show(loss)}")
    return loss


def stepped(self):
    note(f"{type(self).__name__}: stepped to {self.global_step}")


class Third(Second):
    name = "third"
    callbacks = [
        ("post-loss", recorder.weigh),
        ("pre-step", without_gradients),
        ("pre-backward", lambda self, loss: loss * 2),
        ("post-loss", optional(fails)),
        ("post-loss", looks),
        ("post-loss", every(2, lambda self, loss: loss * 1.0625)),
        ("post-loss", optional(every(3, rank_zero(looks)))),
    ]

    @every(2)
    @optional
    def pre_backward_callback(self, loss):
        note(f"{type(self).__name__}: every second {show(loss)}")
        return loss * 1.03125

    def loss(self, batch) -> torch.Tensor:
        loss = model_loss(self, batch)
        note(f"{type(self).__name__}: loss {show(loss)}")
        return loss * 0.75

    def pre_step_callback(self, batch):
        note(f"{type(self).__name__}: third")
        return super().pre_step_callback(batch)

    post_step_callback = stepped


# Changes that also count in the uncompiled runtime, since the subclass below is created after
# them and has no list of its own.
Third.callbacks.append(("post-checkpoint", recorder.record))
Third.callbacks += [("post-loss", lambda self, loss: loss + 0.125)]


class TinyTrainer(Third):
    name = "tiny"

    def post_loss_callback(self, loss):
        note(f"{type(self).__name__}: post_loss_callback of {show(loss)}")
        return loss


class TinyCausal(CausalTrainer):
    name = "tiny_causal"
    data_factory: TinyText
    model_factory: Smaller
    checkpoint_engine: Resumable
    optimizer_factory: Decayed
    scheduler_factory: Linear
    tokenizer_factory: Words
    callbacks = [
        ("pre-step", entered("step")),
        ("post-loss", returned("loss")),
        ("post-evaluate", ended("evaluate")),
        ("post-checkpoint", recorder.record),
    ]
    post_step_callback = stepped

    def pre_loss_callback(self, batch):
        note(f"{type(self).__name__}: {show(batch['input_ids'])}")
        return batch

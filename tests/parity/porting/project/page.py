"""The examples of ArcticTraining's page on callbacks, in trainers that train."""

import os

import torch
from arctic_training import logger
from arctic_training.trainer.causal_trainer import CausalTrainer
from pieces import AdamW, Topics


def note(line):
    with open(os.environ["TRACE"], "a", encoding="utf-8") as trace:
        trace.write(line + "\n")


def pre_init_callback(self):
    logger.info(f"{self.__class__.__name__} initializing")
    note("pre-init")


init_cb = ("pre-init", pre_init_callback)


def pre_loss_callback_1(self):
    note("pre-loss")


def pre_loss_callback_2(self, batch):
    note(f"pre-loss with {sorted(batch)}")
    return batch


def post_loss_callback(self, return_value):
    note("loss " + return_value.item().hex())
    return return_value


def pre_step_callback(self, batch):
    note("pre-step")
    return batch


class TrainerA(CausalTrainer):
    name = "trainer_a"
    data_factory: Topics
    optimizer_factory: AdamW
    callbacks = [
        ("pre-loss", pre_loss_callback_1),
        ("pre-loss", pre_loss_callback_2),
        ("post-loss", post_loss_callback),
        ("pre-step", pre_step_callback),
    ]

    def post_epoch_callback(self):
        note("Trainer A post epoch callback")


TrainerA.callbacks.append(init_cb)


class TrainerB(TrainerA):
    name = "trainer_b"

    callbacks = [("post-epoch", lambda self: note("Trainer B post epoch callback 1"))]

    def post_epoch_callback(self):
        note("Trainer B post epoch callback 2")

    def pre_backward_callback(self, loss: torch.Tensor) -> torch.Tensor:
        return loss * 0.5

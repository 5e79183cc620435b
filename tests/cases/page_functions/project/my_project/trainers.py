"""A pre callback takes no argument or the batch; a post callback takes the return value."""

from my_project.blocks import Trainer


def pre_loss_callback_1(self):
    print("Loss callback triggered")


def pre_loss_callback_2(self, batch):
    print(f"Loss callback triggered with batch {batch}")
    return batch + 10


def post_loss_callback(self, return_value):
    print(f"Loss callback triggered with return value {return_value}")
    return return_value * 2


class LossTrainer(Trainer):
    name = "loss_trainer"
    callbacks = [
        ("pre-loss", pre_loss_callback_1),
        ("pre-loss", pre_loss_callback_2),
        ("post-loss", post_loss_callback),
    ]

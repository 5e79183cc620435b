"""The same callback as an entry and as a method."""

from my_project.blocks import Trainer


def pre_step_callback(self, batch):
    print(f"Step callback triggered with batch {batch}")
    return batch


class MyTrainer(Trainer):
    name = "my_trainer"
    callbacks = [("pre-step", pre_step_callback)]


class MyOtherTrainer(Trainer):
    name = "my_other_trainer"

    def pre_step_callback(self, batch):
        print(f"Step callback triggered with batch {batch}")
        return batch

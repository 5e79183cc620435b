"""Callback methods of a parent and a child both run, the child's entries between them."""

from my_project.blocks import Trainer


class TrainerA(Trainer):
    name = "trainer_a"

    def post_epoch_callback(self):
        print("Trainer A post epoch callback")


class TrainerB(TrainerA):
    name = "trainer_b"

    callbacks = [("post-epoch", lambda self: print("Trainer B post epoch callback 1"))]

    def post_epoch_callback(self):
        print("Trainer B post epoch callback 2")

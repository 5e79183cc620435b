"""Several mistakes, which are all told in one run."""

from my_project.blocks import Trainer
from my_project.lost import nothing


class Misspelt(Trainer):
    callbacks = [("post-epcoh", lambda self: None)]


class WrongParameter(Trainer):
    def pre_step_callback(self, btach):
        return btach


class Lost(Trainer):
    callbacks = [("post-epoch", nothing)]


class Right(Trainer):
    callbacks = [("post-epoch", lambda self: None)]

"""A trainer that scripts add to."""

from my_project.blocks import Trainer


class MyTrainer(Trainer):
    name = "my_trainer"

"""A diamond, a plain mixin, cooperation, and two ways to drop what a parent does."""

from arctic_codegen import replaces_inherited
from my_project.blocks import Trainer


def shared(self) -> None:
    print("shared")


class Timing:
    """A plain mixin, which is no host class."""

    callbacks = [("pre-step", lambda self: print("timing"))]

    def post_step_callback(self) -> None:
        print("timed")


class Base(Trainer):
    callbacks = [("pre-step", shared)]

    def pre_epoch_callback(self) -> None:
        print("base epoch")

    def post_step_callback(self) -> None:
        print("base step")


class Left(Base):
    callbacks = [("pre-step", shared), ("pre-step", lambda self: print("left"))]

    def pre_epoch_callback(self) -> None:
        print("left epoch {")
        super().pre_epoch_callback()
        print("}")


class Right(Base):
    @replaces_inherited
    def post_step_callback(self) -> None:
        print("right step")


class Both(Timing, Left, Right):
    name = "both"
    callbacks = Left.callbacks + [("pre-step", lambda self: print("both"))]


class Silent(Both):
    name = "silent"
    callbacks = []
    post_step_callback = None

"""Messages about callbacks name the class that has them: many classes have a `post_step`."""

from __future__ import annotations

from tests.harness import Project

APP = """
    from arctic_codegen import CallbackMixin, after
    from arctic_codegen.callbacks import Callback


    def load(trainer: "Trainer") -> None:
        print("load")


    class Clip:
        def post_loss(self, trainer: "Trainer", loss: float) -> float:
            return 1.0

        def __call__(self, trainer: "Trainer", loss: float) -> float:
            return 2.0


    class Timer(Callback):
        def post_step(self, trainer: "Trainer") -> None:
            print("time")


    clip, timer = Clip(), Timer()


    class Trainer(CallbackMixin):
        callbacks = [
            *timer,
            ("post-step", timer.post_step),
            ("post-step", after(load, timer.post_step)),
            ("post-step", load),
            ("post-loss", clip.post_loss),
            ("post-loss", clip),
            ("post-loss", clip),
        ]

        def step(self) -> None: ...

        def loss(self) -> float:
            return 1.0

        def post_step_callback(self) -> None: ...
"""


def test_messages_name_the_class_of_a_callback(tmp_path):
    made = Project(tmp_path, {"app/__init__.py": "", "app/trainers.py": APP})
    said = " ".join(made.cli("check").stdout.split())
    assert "'Clip.__call__' is declared twice on post-loss of 'Trainer'" in said
    order = "Timer.post_step, Timer.post_step, Timer.post_step, load, Trainer.post_step_callback"
    assert f"the order is: {order};" in said
    for name in ("Clip.post_loss", "Clip.__call__"):
        assert f"the return value of the callback '{name}' does not depend on 'loss'" in said

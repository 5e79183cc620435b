"""Trains a recipe, then resumes it with other values: ``python resume.py RECIPE``."""

import sys
from pathlib import Path
from typing import Any

from app import write
from generated.app import PlainTopics

from arctic_codegen.blocks import read_recipe


def show(trainer: PlainTopics) -> None:
    for group in trainer.optimizer.param_groups:
        write(f"group {group['betas']} {group['weight_decay']} {group['lr']!r}")
    clipping = getattr(trainer.model.optimizer, "clip_grad", trainer.model.gradient_clipping())
    write(f"clipping {clipping} at {trainer.global_step}")


def change(config: Any) -> None:
    config.train_iters = 6
    config.gradient_clipping = 0.25
    config.optimizer.learning_rate = 0.002
    config.optimizer.betas = (0.8, 0.95)
    config.optimizer.weight_decay = 0.3
    config.scheduler.name = "linear"
    config.checkpoint[0].save_every_n_steps = 2


config = read_recipe(Path(sys.argv[1]), PlainTopics)
first = PlainTopics(config)
first.train()
show(first)
change(config)
resumed = PlainTopics(config)
show(resumed)
resumed.train()
folders = config.checkpoint[0].output_dir.glob("global_step_*")
write("saved " + " ".join(sorted(folder.name for folder in folders)))
config.checkpoint.clear()
anew = PlainTopics(config)
for _ in range(3):
    anew.scheduler.step()
write(f"expected {anew.scheduler.get_last_lr()[0]!r}")

"""Trains by each of the recipes that are named, in one process: ``python run.py RECIPE...``."""

import os
import sys
from pathlib import Path

from arctic_codegen.blocks import read_recipe
from arctic_codegen.blocks.recipe import Recipe
from generated import get_trainer

for argument in sys.argv[1:]:
    path = Path(argument)
    os.environ["TRACE"] = str(path.parent / "trace")
    cls = get_trainer(Recipe(path).values["type"])
    cls(read_recipe(path, cls)).train()

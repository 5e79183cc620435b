"""Trains several recipes in one process: ``python several.py RECIPE...``.

The last line of a trace is the reason why its training ended.
"""

import os
import sys
from pathlib import Path

from app import write

from arctic_codegen.blocks import TrainingError
from arctic_codegen.blocks.recipe import config_of
from arctic_codegen.blocks.recipe_file import RecipeFile
from arctic_codegen.blocks.start import compiled_trainer

for path in map(Path, sys.argv[1:]):
    os.environ["TRACE"] = str(path.parent / "trace")
    try:
        recipe = RecipeFile(path)
        trainer = compiled_trainer(recipe)
        trainer(config_of(recipe, trainer)).train()
    except TrainingError as error:
        write(f"error {error}")

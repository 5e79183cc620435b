"""Trains by one recipe after the other, in one process: ``python several.py RECIPE...``.

What ends a training is the last line of its trace.
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

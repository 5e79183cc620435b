"""Makes a trainer by each recipe that is named, and prints why it is refused."""

import sys
from pathlib import Path

from generated.app import MyTrainer

from arctic_codegen.blocks import CheckpointError, read_recipe

for argument in sys.argv[1:]:
    try:
        MyTrainer(read_recipe(Path(argument), MyTrainer))
    except CheckpointError as error:
        print(f"refused: {error}")
    else:
        print("accepted")

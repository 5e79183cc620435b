"""``python -m arctic_codegen.blocks recipe.yaml``: trains by a recipe, on this rank."""

from __future__ import annotations

import sys

from arctic_codegen.blocks.start import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

#!/usr/bin/env bash
# Compiles the example, shows what its trainer will do, trains, and asks the model. `make demo` runs this.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
example=examples/language_model

# Waiting threads sleep instead of spinning: on shared cores PyTorch is five times as fast this way.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-PASSIVE}"
export TOKENIZERS_PARALLELISM=false HF_HUB_OFFLINE=1 PYTHONUNBUFFERED=1

say() { printf '\n\033[2m%s\033[0m\n' "$*"; }
step() {
    printf '\n\033[1m$ %s\033[0m\n' "$*"
    "$@"
}

if ! command -v cc gcc c++ clang >/dev/null; then
    say "No C compiler was found. None is needed: DeepSpeed's own operators stay off, ranks communicate" \
        "through PyTorch's gloo, and the optimizer is PyTorch's AdamW."
fi

rm -rf "$example/runs"  # or the run would resume from the last one's checkpoint

step arctic-codegen build
say "generated/ now has a typed subclass for each class, with the calls of its callbacks written out."
step arctic-codegen check
step arctic-codegen explain language_model.trainers:HelpTrainer.evaluate
say "Training on the compiled classes, for about a minute on two cores."
step python -m arctic_codegen.blocks "$example/recipe.yaml"
say "The model, loaded with transformers. It has read docstrings of Python's library for a minute."
step python "$example/sample.py"
say "Next: change $example/recipe.yaml, or look at generated/language_model/trainers.py."

#!/usr/bin/env bash
# Compiles the example, shows what its trainer will do, and trains. `make demo` runs this.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

# Threads that wait let others work: where the cores are shared, PyTorch is five times as fast so.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-PASSIVE}"

step() {
    printf '\n\033[1m$ %s\033[0m\n' "$*"
    "$@"
}

step arctic-codegen build
step arctic-codegen explain char_lm.trainers:CharTrainer
step python -m char_lm.train

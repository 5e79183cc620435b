#!/usr/bin/env bash
# Makes mutants and runs the tests on each, for hours; it goes on where it was stopped.
#
#   BIN      the folder of the interpreter that has the development dependencies and cosmic-ray
#   SESSION  the file that holds what is known so far
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
BIN="${BIN:-$PWD/.venv/bin}"
SESSION="${SESSION:-$PWD/.venv/mutation.sqlite}"
export PATH="$BIN:$PATH" PYTHONDONTWRITEBYTECODE=1 DS_ACCELERATOR=cpu

# Mutants are written into the files, so they get a copy of what is committed.
copy="$(mktemp -d)"
trap 'rm -rf "$copy"' EXIT
git archive HEAD | tar -x -C "$copy"
cd "$copy"
export PYTHONPATH="$copy"
CONFIG=tests/mutation/cosmic-ray.toml
if [ ! -e "$SESSION" ]; then
    cosmic-ray init "$CONFIG" "$SESSION"
    cr-filter-operators "$SESSION" "$CONFIG"
fi
cosmic-ray exec "$CONFIG" "$SESSION"
python -m tests.mutation.share "$SESSION"

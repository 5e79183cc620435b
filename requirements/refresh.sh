#!/usr/bin/env bash
# Resolves what the dependencies in pyproject.toml come to, for every Python that is supported.
#
#   dev.txt     what development and tests run with; what stands in it stays unless it has to change
#               (or is asked to: requirements/refresh.sh --upgrade)
#   lowest.txt  the oldest release of each that is allowed
#
# PyTorch and what it brings along are not in them: which build of it fits is the machine's matter.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
UV="${UV:-uv}"
compile() { "$UV" pip compile --quiet --universal --python-version 3.10 --no-header --no-annotate pyproject.toml "$@"; }
new="$(mktemp -d)"
trap 'rm -rf "$new"' EXIT

cp requirements/dev.txt "$new/dev.txt" 2>/dev/null || true
compile --all-extras --output-file "$new/dev.txt" "$@"
compile --extra check --resolution lowest-direct --output-file "$new/lowest.txt"

{
    echo "# Made by requirements/refresh.sh; pip's --constraint reads it."
    grep -vE '^(torch|triton|cuda-|nvidia-)' "$new/dev.txt"
} > requirements/dev.txt
{
    echo "# Made by requirements/refresh.sh: the oldest releases that are allowed."
    cat "$new/lowest.txt"
} > requirements/lowest.txt

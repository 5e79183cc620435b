#!/usr/bin/env bash
# Makes mutants and runs the tests on each; it goes on where it was stopped.
#
#   BIN      the folder of the interpreter that has the development dependencies and cosmic-ray
#   FOLDER   what is known so far, by what the mutated modules say; and the copy that is mutated
#   AGAIN=1  tries those that live once more, for tests that are new
#   LIMIT    the processor time of the tests that one mutant is tried on, in seconds (60)
set -euo pipefail
main() {
    cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
    ROOT="$PWD"
    BIN="${BIN:-$ROOT/.venv/bin}"
    FOLDER="${FOLDER:-$ROOT/.venv/mutation}"
    unset PYTHONPATH
    export DS_ACCELERATOR=cpu PYTHONDONTWRITEBYTECODE=1
    export ARCTIC_CODEGEN_MUTATION_SECONDS="${LIMIT:-60}"

    # Mutants are written into the files, so they get a copy of what is committed.
    TREE="$FOLDER/tree"
    STATE="$(git rev-parse HEAD^{tree})"
    rm -rf "$TREE"
    mkdir -p "$TREE"
    git archive HEAD | tar -x -C "$TREE"

    # An environment whose tool is that copy, whatever folder it is started in: .pth files are not
    # read through .pth files, so the installed one is not seen.
    ENV="$FOLDER/env"
    rm -rf "$ENV"
    "$BIN/python" -m venv --without-pip "$ENV"
    for file in "$BIN"/*; do
        [ -e "$ENV/bin/${file##*/}" ] || ln -s "$file" "$ENV/bin/${file##*/}"
    done
    {
        echo "$TREE"
        "$BIN/python" -c 'import sys; print(*(p for p in sys.path if p.endswith("-packages")), sep="\n")'
    } > "$("$ENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/mutated.pth"

    cd "$TREE"
    export PATH="$ENV/bin:$PATH"
    CONFIG=tests/robustness/mutation/cosmic-ray.toml
    SESSION="$FOLDER/$(python -m tests.robustness.mutation.share --name).sqlite"
    short="$(mktemp -d)"  # the way to a socket may not be long
    trap 'rm -rf "$short"' EXIT
    export ARCTIC_CODEGEN_MUTATION_SOCKET="$short/socket"

    # Bytecode goes by the digest of the source: two mutants may be made in one second.
    python -m compileall -q --invalidation-mode checked-hash arctic_codegen tests/property
    python -m tests.robustness.mutation.warm "$ARCTIC_CODEGEN_MUTATION_SOCKET" "$FOLDER/$STATE.reached" &
    warm=$!
    trap 'kill $warm 2>/dev/null || true; rm -rf "$short"' EXIT
    until [ -S "$ARCTIC_CODEGEN_MUTATION_SOCKET" ]; do
        kill -0 $warm
        sleep 0.2
    done

    if [ ! -e "$SESSION" ]; then
        python -m cosmic_ray.cli init "$CONFIG" "$SESSION.new"
        python -m cosmic_ray.tools.filters.operators_filter "$SESSION.new" "$CONFIG"
        mv "$SESSION.new" "$SESSION"
    elif [ -n "${AGAIN:-}" ]; then
        python -m tests.robustness.mutation.share --again "$SESSION"
    fi
    python -m cosmic_ray.cli exec "$CONFIG" "$SESSION"
    python -m tests.robustness.mutation.share "$SESSION" "$ROOT/docs/mutation.md"
}

# Read as a whole before anything is done: the file may be edited meanwhile.
main
exit

#!/usr/bin/env bash
# The tests that a mutant has to survive.
set -euo pipefail
run() { python -m pytest -x -q -n 0 -p no:cacheprovider -m "not long" "$@"; }
run tests/unit/resolve/test_{mro,order,events,signatures,classes,arctic_training,names,text,reads}.py \
    tests/unit/plan/test_calls.py tests/unit/plan/test_layout.py
run tests/cases tests/inline tests/programs/test_{order,calling,declaring}.py
run tests/property/test_random_projects.py -k "R15_to_R26 or R38_compiled"

"""The interpreter that pyright queries for its search path.

pyright queries it in the project's folder. There a ``json.py`` would be imported instead of
Python's own, and with the import roots in ``PYTHONPATH`` a ``sitecustomize.py`` too: code of the
project would run. So pyright gets a script that runs the query in an empty folder, and adds the
import roots to the answer.
"""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Sequence

_SCRIPT = """\
import json, subprocess, sys

python, folder, roots = {python!r}, {folder!r}, {roots!r}
done = subprocess.run([python, *sys.argv[1:]], cwd=folder, stdout=subprocess.PIPE)
answer = done.stdout
try:
    found = json.loads(answer)
    found["path"] = [*roots, *found["path"]]
    answer = json.dumps(found).encode()
except (ValueError, TypeError, KeyError):
    pass
sys.stdout.buffer.write(answer)
sys.exit(done.returncode)
"""


def interpreter(python: str, roots: Sequence[str], folder: str) -> str:
    """The interpreter path to pass to pyright; ``folder`` is an empty folder for files it needs.

    On Windows it is the interpreter itself: there pyright only knows the import roots in its own
    settings.
    """
    if sys.platform == "win32":
        return python
    empty = os.path.join(folder, "empty")
    os.mkdir(empty)
    script = os.path.join(folder, "ask.py")
    with open(script, "w", encoding="utf-8", errors="surrogateescape") as file:
        file.write(_SCRIPT.format(python=python, folder=empty, roots=list(roots)))
    shell = os.path.join(folder, "python")
    with open(shell, "w", encoding="utf-8", errors="surrogateescape") as file:
        command = shlex.join([sys.executable, "-I", script])
        file.write(f'#!/bin/sh\nexec {command} "$@"\n')
    os.chmod(shell, 0o700)
    return shell

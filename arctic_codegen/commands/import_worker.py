"""Imports compiled modules in a separate process, and reports the results.

The request, a JSON file, has the entries to put first on the search path and the modules to import.
Each result is one line of JSON, written directly after an import, since a module may end the
process.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
import traceback
from typing import Any


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        request = json.load(file)
    sys.path[:0] = request["path"]
    with open(sys.argv[2], "w", encoding="utf-8") as answers:
        for module in request["modules"]:
            answers.write(json.dumps(_import(module)) + "\n")
            answers.flush()


def _import(module: str) -> list[dict[str, Any]]:
    from arctic_codegen import CallbacksDifferError

    try:
        importlib.import_module(module)
    except CallbacksDifferError as error:
        return [
            {"module": cls.__module__, "class": cls.__qualname__, "text": text}
            for cls, text in error.differences
        ]
    except BaseException as error:  # including `SystemExit`
        text = "".join(traceback.format_exception_only(type(error), error)).strip()
        return [{"text": text, **_last_place(error)}]
    return []


def _last_place(error: BaseException) -> dict[str, Any]:
    """The innermost place of the traceback in a file of the project."""
    if isinstance(error, SyntaxError) and error.filename:
        return {"path": error.filename, "line": error.lineno or 1}
    found: dict[str, Any] = {"path": None, "line": 1}
    of_others = (os.path.dirname(__file__) + os.sep, os.path.dirname(os.__file__) + os.sep)
    for frame, line in traceback.walk_tb(error.__traceback__):
        path = os.path.abspath(frame.f_code.co_filename)
        if os.path.isfile(path) and "site-packages" not in path and not path.startswith(of_others):
            found = {"path": path, "line": line}
    return found

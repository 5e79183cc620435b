"""``check --import``: the output is imported in a process of its own (R48).

What Python makes of the sources is then compared with what the build read, in CI and not only on
the cluster.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from arctic_codegen._guard import ENVIRONMENT, LOCK_NAME, read_lock
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.faults import WrongUse
from arctic_codegen.model.settings import Settings, output_package

_WORKER = "from arctic_codegen.import_worker import main; main()"


def import_findings(settings: Settings) -> tuple[Finding, ...]:
    """What is wrong when the compiled modules of the output are imported, one after another.

    This runs the project's code, as its programs do. Raises :class:`WrongUse` where no process
    can be started.
    """
    modules = read_lock(os.path.join(settings.output, LOCK_NAME)).get("modules", {})
    package = output_package(settings)
    path = list(settings.src or (settings.root,))
    if package is None:
        package = os.path.basename(settings.output)
        path.append(os.path.dirname(settings.output))
    request = {"path": path, "modules": [f"{package}.{name}" for name in sorted(modules)]}
    return tuple(
        _finding(settings, problem, module.removeprefix(f"{package}."))
        for module, problems in _answers(settings, request)
        for problem in problems
    )


def _answers(
    settings: Settings, request: dict[str, list[str]]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The modules that were imported, each with its problems."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answers = os.path.join(folder, "request.json"), os.path.join(folder, "answers")
        with open(asked, "w", encoding="utf-8") as file:
            json.dump(request, file)
        python = settings.python or sys.executable
        try:
            done = subprocess.run(
                [python, "-c", _WORKER, asked, answers],
                cwd=settings.root,
                env={**os.environ, ENVIRONMENT: "error"},
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),  # what the project prints is no finding
            )
        except OSError as error:
            raise WrongUse(f"{python} cannot be started: {error.strerror or error}") from error
        try:
            with open(answers, encoding="utf-8") as file:
                lines = [json.loads(line) for line in file]
        except OSError:
            raise WrongUse(
                f"{python} cannot import the output: install arctic-codegen there, beside the"
                " project's own packages"
            ) from None
    for line in lines:
        if "problems" in line:
            yield line["module"], line["problems"]
    if lines and "problems" not in lines[-1]:
        how = f"the process has ended with exit code {done.returncode}"
        yield lines[-1]["module"], [{"text": how, "path": None, "line": 1}]


def _finding(settings: Settings, problem: dict[str, Any], module: str) -> Finding:
    line = problem["line"]
    path = problem["path"] or settings.output
    place = Place(path, Span(line, 1, line, 1))
    text = problem["text"].replace(settings.root + os.sep, "")
    if "class" in problem:
        return Finding(
            "AC608",
            f"the callbacks of '{problem['class']}' are not those that the build read: {text}",
            place,
            "write the entries in the class body, or change the list by its own name at module"
            " level",
        )
    return Finding(
        "AC609",
        f"the compiled module of '{module}' cannot be imported: {text}",
        place,
        f"'python -c \"import {module}\"' shows whether the source can be imported",
    )

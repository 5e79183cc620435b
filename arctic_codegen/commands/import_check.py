"""``check --import``: imports the output in a separate process (R48).

This compares the actual classes with what the build read in CI, and not only on the cluster.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any

from arctic_codegen._version import STALE_VARIABLE
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.diagnostics.texts import SourceLines, read_from_disk
from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.model.settings import Settings, output_location
from arctic_codegen.runtime.staleness import compiled_modules, read_lock

_WORKER = """\
try:
    from arctic_codegen.commands.import_worker import main
except ImportError:
    raise SystemExit(3)
main()
"""


def import_findings(settings: Settings, hosts: Iterable[HostClass]) -> tuple[Finding, ...]:
    """The problems found by importing the compiled modules of the output, one after another;
    ``hosts`` are their source classes.

    This runs the project's code. Raises :class:`WrongUse` if no process can be started.
    """
    modules = compiled_modules(read_lock(settings.output))
    package, above = output_location(settings)
    path = [*settings.roots, above]
    classes = {host.id: host.place for host in hosts}
    files = {cls.module: place.path for cls, place in classes.items()}
    found = []
    for compiled, problems in _answers(settings, path, [f"{package}.{one}" for one in modules]):
        module = compiled.removeprefix(f"{package}.")
        at_start = _line(files.get(module, settings.output), 1)
        for problem in problems:
            text = problem["text"].replace(settings.root + os.sep, "")
            name = problem.get("class")
            if name is not None:
                place = classes.get(ClassId(problem["module"], name), at_start)
                found.append(message("AC608", "differ", name=name, problem=text).at(place))
            else:
                place = _line(problem["path"], problem["line"]) if problem["path"] else at_start
                python = "python"
                if settings.python:
                    python = os.path.relpath(settings.python, settings.root)
                failed = message("AC609", "import", module=module, problem=text, python=python)
                found.append(failed.at(place))
    return tuple(found)


def _line(path: str, line: int) -> Place:
    text = SourceLines(read_from_disk).line(path, line) or ""
    start = len(text) - len(text.lstrip())
    return Place(path, Span(line, start + 1, line, max(len(text.rstrip()), start) + 1))


def _answers(
    settings: Settings, path: list[str], modules: list[str]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The imported modules, each with its problems."""
    while modules:
        answers, exit_code = _run(settings, {"path": path, "modules": modules})
        if len(answers) < len(modules):
            how = f"the process ended with exit code {exit_code}"
            answers.append([{"text": how, "path": None, "line": 1}])
        yield from zip(modules, answers, strict=False)
        modules = modules[len(answers) :]


def _run(
    settings: Settings, request: dict[str, list[str]]
) -> tuple[list[list[dict[str, Any]]], int]:
    """The results of one process for some or all of the modules, in order, and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        asked, answers = os.path.join(folder, "request.json"), os.path.join(folder, "answers")
        with open(asked, "w", encoding="utf-8") as file:
            json.dump(request, file)
        python = settings.python or sys.executable
        try:
            done = subprocess.run(
                [python, "-c", _WORKER, asked, answers],
                cwd=settings.root,
                env={**os.environ, STALE_VARIABLE: "error"},
                stdin=subprocess.DEVNULL,
                stdout=sys.stderr.fileno(),  # output of the project is not a finding
            )
        except OSError as error:
            raise WrongUse(f"{python} cannot be started: {error.strerror or error}") from error
        try:
            with open(answers, encoding="utf-8") as file:
                return [json.loads(line) for line in file], done.returncode
        except OSError:
            raise WrongUse(
                f"{python} cannot import the output: install arctic-codegen there, beside the"
                " project's own packages"
            ) from None

"""``check --import``: the output is imported in a process of its own (R48).

What Python makes of the sources is then compared with what the build read, in CI and not only on
the cluster.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from typing import Any

from arctic_codegen._version import STALE_VARIABLE
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.messages import message
from arctic_codegen.diagnostics.records import Finding, Place, Span
from arctic_codegen.model.settings import Settings, output_location
from arctic_codegen.runtime.staleness import read_lock

_WORKER = """\
try:
    from arctic_codegen.commands.import_worker import main
except ImportError:
    raise SystemExit(3)
main()
"""


def import_findings(settings: Settings) -> tuple[Finding, ...]:
    """What is wrong when the compiled modules of the output are imported, one after another.

    This runs the project's code, as its programs do. Raises :class:`WrongUse` where no process
    can be started.
    """
    modules = read_lock(settings.output).get("modules", {})
    package, above = output_location(settings)
    path = [*settings.roots, above]
    return tuple(
        _finding(settings, problem, module.removeprefix(f"{package}."))
        for module, problems in _answers(
            settings, path, [f"{package}.{one}" for one in sorted(modules)]
        )
        for problem in problems
    )


def _answers(
    settings: Settings, path: list[str], modules: list[str]
) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The modules that were imported, each with its problems."""
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
    """What one process has written down of the first modules, or all, and its exit code."""
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
                stdout=sys.stderr.fileno(),  # what the project prints is no finding
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


def _finding(settings: Settings, problem: dict[str, Any], module: str) -> Finding:
    path = problem["path"] or _source(settings, module)
    place = Place(path, _span(path, problem["line"], problem.get("class", "")))
    python = os.path.relpath(settings.python, settings.root) if settings.python else "python"
    text = problem["text"].replace(settings.root + os.sep, "")
    if "class" in problem:
        return message("AC608", "differ", name=problem["class"], problem=text).at(place)
    return message("AC609", "import", module=module, problem=text, python=python).at(place)


def _source(settings: Settings, module: str) -> str:
    """The file of a source module; the output where none is found."""
    for root in settings.roots:
        for tail in (".py", "/__init__.py"):
            path = os.path.join(root, module.replace(".", "/") + tail)
            if os.path.isfile(path):
                return path
    return settings.output


def _span(path: str, line: int, qualname: str) -> Span:
    """The name in a class statement, whose decorators may begin at ``line``; or the whole line."""
    try:
        with open(path, encoding="utf-8") as file:
            lines = file.read().split("\n")[line - 1 :]
    except (OSError, UnicodeDecodeError):
        lines = []
    statement = re.compile(rf"\s*class\s+({re.escape(qualname.rpartition('.')[2])})\b")
    for number, text in enumerate(lines if qualname else (), line):
        if found := statement.match(text):
            return Span(number, found.start(1) + 1, number, found.end(1) + 1)
    text = lines[0].rstrip() if lines else ""
    start = len(text) - len(text.lstrip())
    return Span(line, start + 1, line, max(len(text), start) + 1)

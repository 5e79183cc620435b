"""Tests a Markdown page: writes its files, runs its commands, and compares their output.

A fenced block with the language ``console`` is executed: each line that starts with ``$`` is a
command, and the lines after it are its standard output, or its standard error if the former is
empty. A command without such lines has to succeed. Paths of the project are shown relative to its
folder, and tracebacks without the frames of other files. Any other block is preceded by a comment
that describes it:

- ``<!-- file: NAME -->``: the text of a file of the project
- ``<!-- from: NAME [OBJECT] -->``: a file that a command wrote, or a class or method in it
- ``<!-- change: NAME -->``: lines of a file to replace, ``-old`` and ``+new``
- ``<!-- by: TEST -->``: a block that this test file runs

The text of ``file`` and ``change`` may be in further lines of the comment instead, hidden from
readers. Other comments need no block:

- ``<!-- run: COMMAND -->``: a command that is hidden from readers
- ``<!-- new project -->``: an empty folder for the following blocks
- ``<!-- needs: MODULE -->``: nothing is run until the next project if the module is missing

``python -m tests.update_pages`` updates the outputs and excerpts of all pages.
"""

from __future__ import annotations

import ast
import os
import re
import shlex
import signal
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from itertools import takewhile
from pathlib import Path

from tests.harness import AUTHOR

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    "docs/codes.md": "tests/e2e/inline/test_code_pages.py",
    "docs/contract.md": "tests/meta/test_contract.py",
    "docs/reference/commands.md": "tests/meta/test_reference.py",
    "docs/reference/configuration.md": "tests/meta/test_reference.py",
    "examples/language_model/README.md": "tests/meta/test_example.py",
    "examples/transformers_trainer/README.md": "tests/meta/test_transformers_example.py",
}
"""Pages whose blocks are run by another test, or compared with the code that generates them."""
WRITTEN = [
    page
    for pattern in ("*.md", "docs/**/*.md", "examples/*/*.md")
    for page in sorted(ROOT.glob(pattern))
]
PAGES = [
    page
    for page in WRITTEN
    if "```" in page.read_text(encoding="utf-8")
    if page.relative_to(ROOT).as_posix() not in ELSEWHERE
]
"""All other pages that have blocks."""

PART = re.compile(
    r"^<!-- (?P<word>[a-z ]+?)(?:: (?P<what>[^\n]*?))?(?: -->|\n(?P<hidden>.*?)^-->)$"
    r"|^```(?P<language>\w*)\n(?P<body>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
WORDS = frozenset({"file", "from", "change", "by", "run", "new project", "needs"})
NOT_RUN = ("pip", "make")
"""Programs on the pages that are not run here; other tests check their arguments."""
ENVIRONMENT = {
    "NO_COLOR": "1",
    "PYTHONNODEBUGRANGES": "1",
    "DS_ACCELERATOR": "cpu",  # otherwise DeepSpeed warns that it found no GPU
    "COLUMNS": "300",  # the width of columns must not depend on the length of local paths
}
VARIABLE = re.compile("[A-Z_]+=")
FOREIGN_FRAME = re.compile(r'^  File "/.*\n(?:    .*\n)*', re.MULTILINE)


def masked(text: str) -> str:
    """The text without varying parts: numbers in log lines, seconds, lines of the package."""
    text = re.sub(r"^step \d+/\d+ .*", _without_numbers, text, flags=re.MULTILINE)
    return re.sub(
        r"( arctic_codegen/\S+\.py:| in )\d[\d.]*(?= s$|$)", r"\1_", text, flags=re.MULTILINE
    )


def _without_numbers(line: re.Match[str]) -> str:
    return re.sub(r"(?<= )[\d.e-]+", "_", line[0])


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks with one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def section(page: Path, heading: str) -> str:
    """The text of the section with a second-level heading."""
    text = page.read_text(encoding="utf-8")
    assert f"\n## {heading}\n" in text, f"{page.name} has no section {heading!r}"
    return text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def run_page(text: str, folder: Path) -> str:
    """The page with the real outputs and excerpts.

    Raises :class:`AssertionError` for a block without a description, or a command that fails.
    """
    return _Page(folder).run(text)


class _Page:
    """One run of a page, with the folder of the current project."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._projects = 0
        self._skipped = False
        self._new_project()

    def run(self, text: str) -> str:
        pieces, done, word, what = [], 0, "", ""
        for part in PART.finditer(text):
            line = text.count("\n", 0, part.start()) + 1
            if part["word"] is not None:
                if part["word"] in WORDS:
                    word, what = part["word"], part["what"] or ""
                    if self._comment(word, what, part["hidden"]):
                        word = ""
                continue
            if not self._skipped:
                try:
                    body = self._block(word, what, part["language"], part["body"])
                except AssertionError as error:
                    raise AssertionError(f"the block at line {line}: {error}") from error
                pieces += [text[done : part.start("body")], body]
                done = part.end("body")
            word = ""
        return "".join(pieces) + text[done:]

    def _new_project(self) -> None:
        self._projects += 1
        self._skipped = False
        self._root = self._folder / str(self._projects)
        self._root.mkdir()

    def _comment(self, word: str, what: str, hidden: str | None) -> bool:
        """Process a comment; returns whether it does not apply to the next block."""
        if word == "new project":
            self._new_project()
        elif word == "needs":
            self._skipped = find_spec(what) is None
        elif self._skipped:
            return True
        elif word == "run":
            self._command(what)
        elif hidden is not None:
            self._block(word, what, "", hidden)
        else:
            return False
        return True

    def _block(self, word: str, what: str, language: str, body: str) -> str:
        if word == "file":
            self._write(what, body)
        elif word == "from":
            return excerpt(self._root, what)
        elif word == "change":
            self._change(self._root / what, body)
        elif word == "by":
            assert (ROOT / what).is_file(), f"there is no test {what}"
        else:
            assert language == "console", "nothing says how it is tested"
            return self._console(body)
        return body

    def _write(self, name: str, text: str) -> None:
        path = self._root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.strip("\n") + "\n", encoding="utf-8")

    def _change(self, path: Path, body: str) -> None:
        lines = body.splitlines()
        old, new = (
            "".join(f"{line[1:]}\n" for line in lines if line.startswith(sign)) for sign in "-+"
        )
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path.name} does not have {old!r} once"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def _console(self, body: str) -> str:
        shown = []
        for command in re.findall(r"^\$ .*\n(?:(?!\$ ).*\n)*", body, re.MULTILINE):
            first, _, output = command.partition("\n")
            shown.append(f"{first}\n")
            printed = self._command(first.removeprefix("$ "), may_fail=bool(output.strip()))
            if output.strip():
                shown.append(printed.strip("\n") + "\n" * (len(output) - len(output.rstrip("\n"))))
        assert shown, "no line begins with '$ '"
        return "".join(shown)

    def _command(self, line: str, may_fail: bool = False) -> str:
        """Run a command, and return its output. The exit code has to be 0, or if it may fail also 1
        or that of an interrupt."""
        words = shlex.split(line, comments=True)
        variables = dict(word.split("=", 1) for word in takewhile(VARIABLE.match, words))
        program, *arguments = words[len(variables) :]
        if program in NOT_RUN:
            return ""
        named = {
            "arctic-codegen": [sys.executable, "-m", "arctic_codegen"],
            "python": [sys.executable],
        }
        done = subprocess.run(
            [*named.get(program, [program]), *arguments],
            cwd=self._root,
            capture_output=True,
            text=True,
            env={**os.environ, **AUTHOR, **ENVIRONMENT, **variables},
            timeout=300,
        )
        allowed = (0, 1, 128 + signal.SIGINT) if may_fail else (0,)
        assert done.returncode in allowed, f"{line}\n{done.stdout}{done.stderr}"
        output = (done.stdout or done.stderr).replace(f"{self._root}/", "")
        output = FOREIGN_FRAME.sub("", output)
        return re.sub(r"/\S*/site-packages/", ".../site-packages/", output)


def excerpt(root: Path, what: str) -> str:
    """The text of a file, or of a class or method in it, without indentation."""
    name, _, wanted = what.partition(" ")
    text = (root / name).read_text(encoding="utf-8")
    if not wanted:
        return text
    node: ast.AST = ast.parse(text)
    for part in wanted.split("."):
        body: list[ast.stmt] = getattr(node, "body", [])
        (node,) = [one for one in body if getattr(one, "name", None) == part]
    assert isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
    lines = text.splitlines(keepends=True)[first - 1 : node.end_lineno]
    return textwrap.dedent("".join(lines))

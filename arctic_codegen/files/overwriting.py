"""May a report overwrite this file? Only reports and traces of this tool are replaced."""

from __future__ import annotations

import os
import re

from arctic_codegen.files.regular import open_regular

_ENOUGH = 4096
"""How many bytes are read: enough to recognize each kind of report."""

_REPORT = re.compile(
    rb"""\s*(
      $
      | <!doctype\ html>.*<meta\ name="generator"\ content="arctic-codegen">
      | \{\s*"(version|\$schema)":\s
      | \[\s*(\{"name":\ "|\])            # a trace
      | (error|warning|note)\[            # findings
      | ::(error|warning|notice)\ title=arctic-codegen
      | [^\n]+:\d+:\d+:\ (error|warning|note)\[
      | ---\ (a/|/dev/null)               # changes of files
      | \#\ AC\d
      | \#\#\#\ Callbacks:
      | flowchart\ LR\n
      | ([+-]\ )?\w[\w.]*(:\w[\w.]*)?(\ \([^\n]*\))?(\ \ [^\n]+:\d+)?\n\ \ [\w ]  # classes
    )""",
    re.DOTALL | re.VERBOSE,
)


def may_overwrite(path: str | os.PathLike[str]) -> bool:
    """Whether a file does not exist, cannot lose data (a pipe, a device), or contains a report or
    trace of this tool."""
    try:
        with open_regular(path) as file:
            return _REPORT.match(file.read(_ENOUGH)) is not None
    except OSError:
        return True

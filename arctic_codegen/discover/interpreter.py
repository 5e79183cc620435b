"""What does an interpreter search: its folders, and the modules that are built into it?

For the running interpreter this is known. Another one is queried for its version and prefixes
with ``-I -S``, so that no ``.pth`` file, no ``sitecustomize`` and no user code runs; its
``.pth`` files are then read as text (R1, R2).
"""

from __future__ import annotations

import ast
import importlib.machinery
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable
from typing import Any

import msgspec

from arctic_codegen.discover.trees import Tree

_QUESTION = """
import sys, json, site, importlib.machinery
base_sites = site.getsitepackages([sys.base_prefix])
user_site = site.getusersitepackages()
for prefix in sys.argv[1:]:
    sys.prefix = prefix  # Debian's Python looks elsewhere outside of a virtual environment
print(json.dumps({
    "path": sys.path,
    "user_site": user_site,
    "sites": site.getsitepackages([sys.prefix]),
    "base_sites": base_sites,
    "builtin_names": sorted(sys.builtin_module_names),
    "suffixes": importlib.machinery.EXTENSION_SUFFIXES,
}))
"""
_TIMEOUT = 60
_MAPPING = re.compile(r"MAPPING\b[^=]*=\s*(\{.*\})\s*$")


class SearchPath(msgspec.Struct, frozen=True):
    """The folders that an interpreter searches after those of the project, and the modules that it
    knows without searching."""

    folders: tuple[str, ...]
    builtin_names: frozenset[str]
    suffixes: tuple[str, ...]
    """Suffixes of extension modules."""
    editable: tuple[tuple[str, str], ...] = ()
    """Module names, and the paths that import hooks of editable installs map them to."""


class InterpreterProblem(Exception):
    """The reason why an interpreter cannot be queried."""


def own_search_path(tree: Tree) -> SearchPath:
    """The search path of the running interpreter."""
    folders = _without_script_folder()
    return SearchPath(
        folders,
        frozenset(sys.builtin_module_names),
        tuple(importlib.machinery.EXTENSION_SUFFIXES),
        editable_packages(folders, tree),
    )


def _without_script_folder() -> tuple[str, ...]:
    """``sys.path`` without the entry for the script or the working folder.

    The modules found must not depend on how, or from where, the tool is started.
    """
    entries = list(sys.path)
    isolated = sys.flags.isolated or getattr(sys.flags, "safe_path", False)
    if entries and not isolated and _is_script_folder(entries[0]):
        del entries[0]
    return _unique(os.path.abspath(entry) for entry in entries if entry)


def _is_script_folder(entry: str) -> bool:
    if not entry:
        return True
    here = os.path.realpath(entry)
    candidates = [os.getcwd()]
    main = getattr(sys.modules.get("__main__"), "__file__", None)
    for script in (main, sys.argv[0] if sys.argv else None):
        if script:
            candidates.append(os.path.dirname(os.path.abspath(script)))
    return here in {os.path.realpath(candidate) for candidate in candidates}


def search_path_of(executable: str, tree: Tree) -> SearchPath:
    """The search path of another interpreter, which executes nothing but the query; raises
    :class:`InterpreterProblem`."""
    executable = shutil.which(executable) or executable
    prefix, system_sites = _environment(executable, tree)
    answer = _ask(executable, *(() if prefix is None else (prefix,)))
    sites = answer["sites"]
    if system_sites:
        sites = [answer["user_site"], *sites, *answer["base_sites"]]
    found = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    found += answer["path"]
    for site in _unique(sites):
        if tree.is_dir(site):
            found += [site, *path_lines(site, tree)]
    folders = _unique(os.path.abspath(entry) for entry in found)
    return SearchPath(
        folders,
        frozenset(answer["builtin_names"]),
        tuple(answer["suffixes"]),
        editable_packages(folders, tree),
    )


def advice(root: str, configured: str | None) -> str:
    """How to use the packages of another environment, for a project in ``root``; ``configured`` is
    the interpreter in the configuration, if any."""
    folder = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    beside = os.path.join(root, ".venv")
    active = os.environ.get("VIRTUAL_ENV", "")
    found = [".venv"] if os.path.isdir(beside) else []
    if active and os.path.realpath(active) != os.path.realpath(beside):
        # The variable may also name the environment that pre-commit creates for the tool.
        tools = os.path.realpath(active) == os.path.realpath(sys.prefix)
        found = [*found, active] if tools else [active, *found]
    python = os.path.join(found[0] if found else ".venv", *folder).replace(os.sep, "/")
    lines = [f'set it in [tool.arctic-codegen] of pyproject.toml, such as: python = "{python}"']
    if configured == os.path.abspath(os.path.join(root, python)):
        lines = ["`python` in [tool.arctic-codegen] of pyproject.toml is set to that one"]
    if active:
        lines.append(f"$VIRTUAL_ENV is '{active}'")
    if os.path.isdir(beside):
        lines.append("the project has an environment '.venv'")
    return "\n".join(lines)


def _ask(executable: str, *arguments: str) -> dict[str, Any]:
    command = [executable, "-I", "-S", "-c", _QUESTION, *arguments]
    try:
        result = subprocess.run(
            command, capture_output=True, timeout=_TIMEOUT, check=True, stdin=subprocess.DEVNULL
        )
        answer: dict[str, Any] = json.loads(result.stdout)
    except (subprocess.CalledProcessError, json.JSONDecodeError) as error:
        message = f"the interpreter '{executable}' does not answer as Python does"
        raise InterpreterProblem(message) from error
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        message = f"the interpreter '{executable}' cannot be started: {error}"
        raise InterpreterProblem(message) from error
    return answer


def _environment(executable: str, tree: Tree) -> tuple[str | None, bool]:
    """The prefix of a virtual environment, from its ``pyvenv.cfg``, and whether it includes the
    packages of its base Python. Needed because ``-S`` ignores the file."""
    folder = os.path.dirname(os.path.abspath(executable))
    for prefix in (folder, os.path.dirname(folder)):
        config = os.path.join(prefix, "pyvenv.cfg")
        if tree.is_file(config):
            for line in _lines(tree, config):
                key, _, value = line.partition("=")
                if key.strip().lower() == "include-system-site-packages":
                    return prefix, value.strip().lower() == "true"
            return prefix, True
    return None, True


def path_lines(site: str, tree: Tree) -> list[str]:
    """The folders that the ``.pth`` files of a site folder add; imports in them are not run."""
    found: list[str] = []
    for name in tree.names(site):
        if not name.endswith(".pth") or name.startswith("."):
            continue
        for line in _lines(tree, os.path.join(site, name)):
            line = line.rstrip()
            if not line or line.startswith(("#", "import ", "import\t")):
                continue
            folder = os.path.normpath(os.path.join(site, line))
            if tree.is_dir(folder):
                found.append(folder)
    return found


def editable_packages(folders: Iterable[str], tree: Tree) -> tuple[tuple[str, str], ...]:
    """The mappings of setuptools' editable installs, which their hooks contain as a dict
    literal."""
    found: dict[str, str] = {}
    for folder in folders:
        for name in tree.names(folder):
            if not (name.startswith("__editable__") and name.endswith("_finder.py")):
                continue
            for line in _lines(tree, os.path.join(folder, name)):
                match = _MAPPING.match(line)
                if match is None:
                    continue
                try:
                    mapping = ast.literal_eval(match.group(1))
                except (ValueError, SyntaxError, RecursionError, MemoryError):
                    continue
                if isinstance(mapping, dict):
                    for module, path in mapping.items():
                        found.setdefault(str(module), os.path.normpath(str(path)))
    return tuple(found.items())


def _lines(tree: Tree, path: str) -> list[str]:
    try:
        return tree.read(path).decode("utf-8-sig", "surrogateescape").splitlines()
    except OSError:
        return []


def _unique(entries: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(entries))

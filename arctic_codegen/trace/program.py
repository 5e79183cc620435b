"""How is a program run in this process as ``python`` would run it?"""

from __future__ import annotations

import builtins
import importlib.util
import io
import os
import runpy
import sys
from importlib.machinery import ModuleSpec
from types import CodeType
from typing import Any


def run_script(path: str) -> None:
    """Executes a script as ``__main__``, which stays there when its text has ended: threads and
    ``atexit`` functions go on.

    Raises SystemExit with a message if it cannot be read.
    """
    if os.path.isdir(path) or path.endswith((".zip", ".pyz")):
        runpy.run_path(path, run_name="__main__")
        return
    file = os.path.abspath(path)
    try:
        with io.open_code(file) as source:
            text = source.read()
    except OSError as error:
        raise SystemExit(
            f"python -m arctic_codegen.trace: cannot read {path}: {error.strerror}"
        ) from None
    sys.path[0] = os.path.dirname(file)
    _execute(compile(text, file, "exec"), __file__=file, __spec__=None, __package__=None)


def run_module(name: str) -> None:
    """The same for a module, or a package's ``__main__``.

    Raises SystemExit with a message if there is none.
    """
    spec, code = _module(name)
    sys.argv[0] = spec.origin or name
    _execute(
        code,
        __file__=spec.origin,
        __spec__=spec,
        __package__=spec.parent,
        __loader__=spec.loader,
        __cached__=spec.cached,
    )


def _module(name: str) -> tuple[ModuleSpec, CodeType]:
    try:
        spec = importlib.util.find_spec(name)
        if spec is not None and spec.submodule_search_locations is not None:
            spec = importlib.util.find_spec(f"{name}.__main__")
    except ModuleNotFoundError:
        spec = None
    loader: Any = None if spec is None else spec.loader
    code = None if loader is None or spec is None else loader.get_code(spec.name)
    if spec is None or code is None:
        raise SystemExit(f"python -m arctic_codegen.trace: there is no module '{name}' to run")
    return spec, code


def _execute(code: CodeType, **names: object) -> None:
    namespace = sys.modules["__main__"].__dict__
    namespace.clear()
    namespace.update({"__name__": "__main__", "__builtins__": builtins, "__doc__": None, **names})
    exec(code, namespace)

"""Checks whether a compiled module is stale: whether a build would now give another result (R36).

This runs in every training process, so it is lightweight: it compares digests of bytes. Only if
these differ, it loads the compiler, which determines whether the change matters.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import time
from collections.abc import Iterator
from typing import Any

from arctic_codegen._version import LOCK_NAME, LOCK_VERSION, SITE, STALE_VARIABLE, VERSION
from arctic_codegen.runtime.errors import StaleOutputError

try:
    if "hashlib" in sys.modules:
        raise ImportError  # it is loaded already, and faster for large files
    if sys.version_info >= (3, 12):
        from _sha2 import sha256
    else:
        from _sha256 import sha256  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    # Loading OpenSSL takes longer than the import of ten compiled modules.
    from hashlib import sha256

_Stamp = tuple[str, int, int]


class _Stale(Exception):
    """The reason why a compiled module is stale, and what to do about it."""

    def __init__(self, problem: str, remedy: str = "run 'arctic-codegen build'") -> None:
        super().__init__(f"{problem}; {remedy}")


def verify(file: str, source_module: str, mark: str = "") -> None:
    """Raises StaleOutputError if the compiled module ``file`` does not match its sources.

    ``mark`` is part of the text of the running module; another text of the file has another mark.
    ``on-stale`` at build time, or the environment, may turn the error into a warning or disable it.
    """
    # A module in a zip file has nothing to compare with.
    if os.environ.get(STALE_VARIABLE) == "ignore" or not os.path.isfile(file):
        return
    try:
        _compare(file, source_module, mark)
    except _Stale as stale:
        message = f"the compiled classes of {source_module} are stale: {stale} ({file})"
        error = StaleOutputError(message, name=source_module, path=file)
        react(policy(file, source_module), error)


def policy(file: str, source_module: str) -> str:
    """The reaction to a compiled module that is stale: ``error``, ``warn`` or ``ignore``."""
    chosen = os.environ.get(STALE_VARIABLE)
    if chosen is None:
        folder = output_folder(file, source_module)
        chosen = str({} if folder is None else read_lock(folder).get("on-stale", "error"))
    return chosen


def react(policy: str, error: ImportError) -> None:
    """Raises an error about a compiled module, or warns at its import, as the policy says."""
    if policy == "warn":
        import warnings

        warnings.warn(str(error), RuntimeWarning, stacklevel=4)
    elif policy != "ignore":
        raise error from None


def output_folder(file: str, source_module: str) -> str | None:
    """The nearest folder above a compiled module that has a lock file.

    If there is none above a link to the module, the folders above its target are searched.
    """
    for path in _spellings(file):
        folder = path
        for _ in range(source_module.count(".") + 2):
            folder = os.path.dirname(folder)
            if os.path.isfile(os.path.join(folder, LOCK_NAME)):
                return folder
    return None


def _spellings(file: str) -> Iterator[str]:
    """The absolute path of a file, and then the path without symbolic links."""
    yield os.path.abspath(file)
    yield os.path.realpath(file)


def _compare(file: str, source_module: str, mark: str) -> None:
    folder = output_folder(file, source_module)
    if folder is None:
        raise _Stale(
            f"there is no {LOCK_NAME} above it",
            "run 'arctic-codegen build', or have the wheel that it was installed from include that"
            " file (with setuptools, as package data)",
        )
    for attempt in range(5):
        if attempt:
            time.sleep(0.1)  # a build may have replaced a module, but not yet the lock file
        lock = read_lock(folder)
        problem = f"{LOCK_NAME} cannot be read"
        if lock.get("version") != LOCK_VERSION:
            continue
        try:
            data = _as_built(folder, file, lock["files"])
            if data is not None and mark.encode() not in data:
                # The old text is running, perhaps with the new source.
                replaced = "a build replaced them while this program was importing them"
                raise _Stale(replaced, "start the program again")
            if data is not None or file.endswith(".pyc"):
                return _compare_inputs(folder, source_module, lock)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # damaged by a merge, but still valid JSON
        problem = "the file is not the one that was generated"
    raise _Stale(problem)


def _as_built(folder: str, file: str, files: dict[str, str]) -> bytes | None:
    """The content of a compiled module, if it is unchanged since it was generated."""
    inside = folder.rstrip(os.sep) + os.sep
    for path in _spellings(file):
        relative = path[len(inside) :].replace(os.sep, "/") if path.startswith(inside) else ""
        if relative in files:
            with open(path, "rb") as text:
                data = text.read().replace(b"\r\n", b"\n")
            return data if sha256(data).hexdigest() == files[relative] else None
    return None


def _compare_inputs(folder: str, source_module: str, lock: dict[str, Any]) -> None:
    if lock["tool"] != VERSION:
        raise _Stale(f"arctic-codegen {lock['tool']} built them, but this is {VERSION}")
    module = lock["modules"].get(source_module)
    if module is None:
        raise _Stale("the build did not know that module")
    python = "{}.{}".format(*sys.version_info[:2])
    if module.get("python", python) != python:
        raise _Stale(f"they are for Python {module['python']}, but this is {python}")
    if module.get("platform", sys.platform) != sys.platform:
        raise _Stale(f"they are for the platform {module['platform']}, but this is {sys.platform}")
    for name in module.get("absent", ()):
        if not _is_absent(name):
            raise _Stale(f"there was no module {name} when they were built, but there is one now")
    reads, inputs = module["reads"], lock["inputs"]
    _compare_place(folder, source_module, reads, inputs)
    for path in reads:
        full = _find(folder, path)
        if full is not None:  # a wheel need not contain it
            problem = _change(_stamp(full), path, reads[path], inputs)
            if problem is not None:
                raise _Stale(f"{path.removeprefix(SITE)} has changed{problem}")
    for name, version in lock["distributions"].items():
        here = _installed(name)
        if here not in (None, version):
            raise _Stale(f"they are for {name} {version}, but {here} is installed")


def _compare_place(
    folder: str, source_module: str, reads: dict[str, list[str]], inputs: dict[str, str]
) -> None:
    """Raises ``_Stale`` if the source was imported from another file than the build has read.

    A copy with the same content, such as an installed one, is accepted.
    """
    loaded = getattr(sys.modules.get(source_module), "__file__", None)
    if loaded is None or not loaded.endswith(".py") or not os.path.isfile(loaded):
        return
    inside = "/" + source_module.replace(".", "/")
    ends = (f"{inside}.py", f"{inside}/__init__.py")
    own = {}
    for path in reads:
        if path.endswith((os.path.basename(ends[0]), "__init__.py")):
            # The output may be inside the package: then the relative path does not name it.
            full = _find(folder, path) or path.removeprefix(SITE)
            if f"/{full}".replace(os.sep, "/").endswith(ends):
                own[path] = full
    if not own or any(
        full == loaded or os.path.realpath(full) == os.path.realpath(loaded)
        for full in own.values()
    ):
        return
    if any(_change(_stamp(loaded), path, reads[path], inputs) is None for path in own):
        return
    full = next(iter(own.values()))
    raise _Stale(
        f"{source_module} was imported from {loaded}, but they are compiled from {full}",
        "change the search path so that the latter is imported, or build from the former",
    )


def _find(folder: str, path: str) -> str | None:
    """The path of an input in the lock file on this machine; ``None`` if the file is missing."""
    if not path.startswith(SITE):
        full = os.path.normpath(os.path.join(folder, path))
        return full if os.path.isfile(full) else None
    for entry in sys.path:
        full = os.path.join(entry or os.getcwd(), path[len(SITE) :])
        if os.path.isfile(full):
            return full
    return None


def _change(stamp: _Stamp, path: str, read: list[str], inputs: dict[str, str]) -> str | None:
    """A text to append to a message about a relevant change of a file, which may be empty.

    ``None`` if nothing that the build read has changed.
    """
    if _digest(stamp) == inputs.get(path):
        return None
    digest, names = read
    try:
        return None if _fingerprint(stamp, tuple(names.split())) == digest else ""
    except ImportError as error:
        return f", and whether that matters is not known without the compiler ({error})"


def _stamp(path: str) -> _Stamp:
    """The path, time and size of a file: the key of this process's caches."""
    status = os.stat(path)
    return (path, status.st_mtime_ns, status.st_size)


def _bytes_of(stamp: _Stamp) -> bytes:
    with open(stamp[0], "rb") as file:
        return file.read()


@functools.cache
def _lock_of(stamp: _Stamp) -> Any:
    return json.loads(_bytes_of(stamp).decode("utf-8"))


@functools.cache
def _digest(stamp: _Stamp) -> str:
    digest: str = sha256(_bytes_of(stamp)).hexdigest()
    return digest


@functools.cache
def _fingerprint(stamp: _Stamp, names: tuple[str, ...]) -> str:
    from arctic_codegen.build.lock_file import fingerprint_of_file

    return fingerprint_of_file(_bytes_of(stamp), stamp[0], names)


def read_lock(folder: str) -> dict[str, Any]:
    """The content of the lock file in an output folder; empty if it cannot be read."""
    try:
        content = _lock_of(_stamp(os.path.join(folder, LOCK_NAME)))
    except (OSError, ValueError):  # missing, or damaged by a merge
        return {}
    return content if isinstance(content, dict) else {}


def compiled_modules(lock: dict[str, Any]) -> list[str]:
    """The source modules that have a compiled module, in order.

    A lock file also has the modules whose classes are all abstract or mixins.
    """
    files, modules = lock.get("files"), lock.get("modules")
    if not isinstance(files, dict) or not isinstance(modules, dict):
        return []  # damaged
    return [
        module
        for module in sorted(modules)
        if any(f"{module.replace('.', '/')}{end}" in files for end in (".py", "/__init__.py"))
    ]


@functools.cache
def _installed(name: str) -> str | None:
    """The installed version of a distribution; ``None`` if it is not installed."""
    from importlib import metadata

    try:
        version: str = metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
    return version.partition("+")[0]


def _is_absent(name: str) -> bool:
    """Whether no module of that name can be found. Imports nothing."""
    if name in sys.modules:
        return sys.modules[name] is None
    from importlib.machinery import PathFinder

    places: list[str] | None = None
    for part in name.split("."):
        # Looks up one part at a time: for a dotted name, the parent would have to be imported.
        spec = PathFinder.find_spec(part, places)
        if spec is None:
            return True
        places = list(spec.submodule_search_locations or ())
    return False

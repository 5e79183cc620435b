"""Is a compiled module stale: would a build of its sources give a different result now (R36)?

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
        raise ImportError  # it is there already, and quicker with large files
    if sys.version_info >= (3, 12):
        from _sha2 import sha256
    else:
        from _sha256 import sha256  # type: ignore[import-not-found,unused-ignore]
except ImportError:
    # Loading OpenSSL takes longer than the import of ten compiled modules.
    from hashlib import sha256

_Stamp = tuple[str, int, int]


class _Stale(Exception):
    """Why a compiled module does not match, and what to do about it."""

    def __init__(self, problem: str, remedy: str = "run 'arctic-codegen build'") -> None:
        super().__init__(f"{problem}; {remedy}")


def verify(file: str, source_module: str, mark: str = "") -> None:
    """Raises an error if the compiled module ``file`` does not match what it was built from.

    ``mark`` is in the text of the running module; a different text of the file has a different one.
    ``on-stale`` at build time and the environment determine the reaction.
    """
    # In a zip there is nothing to compare.
    if os.environ.get(STALE_VARIABLE) == "ignore" or not os.path.isfile(file):
        return
    try:
        _compare(file, source_module, mark)
    except _Stale as stale:
        message = f"the compiled classes of {source_module} are stale: {stale} ({file})"
        error = StaleOutputError(message, name=source_module, path=file)
        react(policy(file, source_module), error)


def policy(file: str, source_module: str) -> str:
    """``error``, ``warn`` or ``ignore``: the reaction to a compiled module that no longer
    matches."""
    chosen = os.environ.get(STALE_VARIABLE)
    if chosen is None:
        folder = output_folder(file, source_module)
        chosen = str({} if folder is None else read_lock(folder).get("on-stale", "error"))
    return chosen


def react(policy: str, error: ImportError) -> None:
    """Raises an error about a compiled module, or warns at the place that imports it."""
    if policy == "warn":
        import warnings

        warnings.warn(str(error), RuntimeWarning, stacklevel=4)
    elif policy != "ignore":
        raise error from None


def output_folder(file: str, source_module: str) -> str | None:
    """The nearest folder above a compiled module that has a lock file.

    A link to the module may stand elsewhere: then its own place is looked at.
    """
    for path in _spellings(file):
        folder = path
        for _ in range(source_module.count(".") + 2):
            folder = os.path.dirname(folder)
            if os.path.isfile(os.path.join(folder, LOCK_NAME)):
                return folder
    return None


def _spellings(file: str) -> Iterator[str]:
    """The path of a file as it is reached, and then without links."""
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
            time.sleep(0.1)  # a build may be between a module and the lock file
        lock = read_lock(folder)
        problem = f"{LOCK_NAME} cannot be read"
        if lock.get("version") != LOCK_VERSION:
            continue
        try:
            data = _as_built(folder, file, lock["files"])
            if data is not None and mark.encode() not in data:
                # What runs is the text of before, and its source may be that of after.
                replaced = "a build replaced them while this program was importing them"
                raise _Stale(replaced, "start the program again")
            if data is not None or file.endswith(".pyc"):
                return _compare_inputs(folder, source_module, lock)
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # a merge has left something that is JSON all the same
        problem = "the file is not the one that was generated"
    raise _Stale(problem)


def _as_built(folder: str, file: str, files: dict[str, str]) -> bytes | None:
    """The content of a compiled module, if it is the one that was generated."""
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
        if full is not None:  # a wheel need not hold it
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
    """The search path may have led to another file than the build was given. A copy with the same
    content does as well, such as an installed one."""
    loaded = getattr(sys.modules.get(source_module), "__file__", None)
    if loaded is None or not loaded.endswith(".py") or not os.path.isfile(loaded):
        return
    inside = "/" + source_module.replace(".", "/")
    ends = (f"{inside}.py", f"{inside}/__init__.py")
    own = {}
    for path in reads:
        if path.endswith((os.path.basename(ends[0]), "__init__.py")):
            # The output may stand inside the package: the path from there does not name it.
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
    """An input of the lock file on this machine."""
    if not path.startswith(SITE):
        full = os.path.normpath(os.path.join(folder, path))
        return full if os.path.isfile(full) else None
    for entry in sys.path:
        full = os.path.join(entry or os.getcwd(), path[len(SITE) :])
        if os.path.isfile(full):
            return full
    return None


def _change(stamp: _Stamp, path: str, read: list[str], inputs: dict[str, str]) -> str | None:
    """What to add about a file in which something that was read has changed; ``None`` where
    nothing has."""
    if _digest(stamp) == inputs.get(path):
        return None
    digest, names = read
    try:
        return None if _fingerprint(stamp, tuple(names.split())) == digest else ""
    except ImportError as error:
        return f", and whether that matters is not known without the compiler ({error})"


def _stamp(path: str) -> _Stamp:
    """A file as it is now, for what is remembered of it in this process."""
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
    """The content of the lock file in the output folder; nothing where it cannot be read."""
    try:
        content = _lock_of(_stamp(os.path.join(folder, LOCK_NAME)))
    except (OSError, ValueError):  # gone, or damaged by a merge
        return {}
    return content if isinstance(content, dict) else {}


@functools.cache
def _installed(name: str) -> str | None:
    """The version of a distribution that is installed here, if any."""
    from importlib import metadata

    try:
        version: str = metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
    return version.partition("+")[0]


def _is_absent(name: str) -> bool:
    """Whether no module of that name can be found; nothing is imported."""
    if name in sys.modules:
        return sys.modules[name] is None
    from importlib.machinery import PathFinder

    places: list[str] | None = None
    for part in name.split("."):
        # By its last part alone: for a dotted name the parent would have to be imported.
        spec = PathFinder.find_spec(part, places)
        if spec is None:
            return True
        places = list(spec.submodule_search_locations or ())
    return False

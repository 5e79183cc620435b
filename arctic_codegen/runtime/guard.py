"""The guard that a compiled module calls: is it what its sources would give now (R36)?

It runs in every training process, so it is light: it compares digests of bytes. Only where these
differ it loads the compiler, which finds out whether the change is one that matters.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

from arctic_codegen._version import LOCK_NAME, LOCK_VERSION, SITE, VERSION
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

ENVIRONMENT = "ARCTIC_CODEGEN_ON_STALE"

_Stamp = tuple[str, int, int]


def verify(file: str, source_module: str, mark: str = "") -> None:
    """Raises where the compiled module ``file`` does not match what it was built from.

    ``mark`` stands in the text of the module that is running; another text at its place has another
    one. What happens is set by ``on-stale`` at the build, and by the environment.
    """
    chosen = os.environ.get(ENVIRONMENT)
    if chosen == "ignore" or not os.path.isfile(file):  # in a zip there is nothing to compare
        return
    folder = _output_folder(file, source_module)
    lock: dict[str, Any] = {}
    if folder is None:
        problem: str | None = _WithRemedy(
            f"there is no {LOCK_NAME} above it; run 'arctic-codegen build', or have the wheel that"
            " it was installed from include that file (with setuptools, as package data)"
        )
    else:
        problem, lock = _problem(folder, file, source_module, mark)
    if problem is not None:
        remedy = "" if isinstance(problem, _WithRemedy) else "; run 'arctic-codegen build'"
        message = f"the compiled classes of {source_module} are stale: {problem}{remedy} ({file})"
        react(
            chosen or lock.get("on-stale", "error"),
            StaleOutputError(message, name=source_module, path=file),
        )


class _WithRemedy(str):
    """A problem that says itself what to do, because another build would not help."""


def policy(file: str, source_module: str) -> str:
    """``error``, ``warn`` or ``ignore``: what happens where a compiled module no longer fits."""
    chosen = os.environ.get(ENVIRONMENT)
    if chosen is None:
        folder = _output_folder(file, source_module)
        lock = {} if folder is None else read_lock(os.path.join(folder, LOCK_NAME))
        chosen = str(lock.get("on-stale", "error"))
    return chosen


def react(policy: str, error: ImportError) -> None:
    """Raises an error about a compiled module, or warns at the place that imports it."""
    if policy == "warn":
        import warnings

        warnings.warn(str(error), RuntimeWarning, stacklevel=4)
    elif policy != "ignore":
        raise error


def _output_folder(file: str, source_module: str) -> str | None:
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


def _problem(
    folder: str, file: str, source_module: str, mark: str
) -> tuple[str | None, dict[str, Any]]:
    """Why the module is stale, if it is, and the lock file's content."""
    lock: dict[str, Any] = {}
    for attempt in range(5):
        if attempt:
            time.sleep(0.1)  # a build may be between a module and the lock file
        lock = read_lock(os.path.join(folder, LOCK_NAME))
        problem: str | None = f"{LOCK_NAME} cannot be read"
        if lock.get("version") != LOCK_VERSION:
            continue
        try:
            data = _as_built(folder, file, lock["files"])
            if data is not None and mark.encode() not in data:
                # What runs is the text of before, and its source may be that of after.
                replaced = "a build has replaced them while this program was importing them"
                return _WithRemedy(f"{replaced}; start it again"), lock
            if data is not None or file.endswith(".pyc"):
                return _stale(folder, source_module, lock), lock
        except (KeyError, TypeError, ValueError, AttributeError):
            continue  # a merge has left something that is JSON all the same
        problem = "the file is not the one that was generated"
    return problem, lock


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


def _stale(folder: str, source_module: str, lock: dict[str, Any]) -> str | None:
    if lock["tool"] != VERSION:
        return f"arctic-codegen {lock['tool']} built them, and this is {VERSION}"
    module = lock["modules"].get(source_module)
    if module is None:
        return "the build did not know that module"
    python = "{}.{}".format(*sys.version_info[:2])
    if module.get("python", python) != python:
        return f"they are for Python {module['python']}, and this is {python}"
    if module.get("platform", sys.platform) != sys.platform:
        return f"they are for the platform {module['platform']}, and this is {sys.platform}"
    for name in module.get("absent", ()):
        if not _is_absent(name):
            return f"there was no module {name} when they were built, and there is one now"
    problem = _other_source(folder, source_module, module["reads"], lock["inputs"])
    if problem is not None:
        return problem
    sites = []
    for path, (digest, names) in module["reads"].items():
        full = _find(folder, path)
        if full is None:  # a wheel need not hold it
            continue
        if path.startswith(SITE):
            sites.append(full[: -len(path) + len(SITE) - 1])
        stamp = _stamp(full)
        if _digest(stamp) != lock["inputs"].get(path):
            problem = _change(stamp, path, digest, names.split())
            if problem is not None:
                return problem
    return _other_version(sites, lock["distributions"])


def _other_source(
    folder: str, source_module: str, reads: dict[str, list[str]], inputs: dict[str, str]
) -> str | None:
    """What to say where the search path has led to another file than the build was given.

    A copy with the same content does as well, for instance an installed one.
    """
    loaded = getattr(sys.modules.get(source_module), "__file__", None)
    if loaded is None or not loaded.endswith(".py") or not os.path.isfile(loaded):
        return None
    inside = "/" + source_module.replace(".", "/")
    ends = (f"{inside}.py", f"{inside}/__init__.py")
    files = (os.path.basename(ends[0]), "__init__.py")
    own = {}
    for path in reads:
        if path.endswith(files):
            # The output may stand inside the package: the path from there does not name it.
            full = _find(folder, path)
            if f"/{full or path.removeprefix(SITE)}".replace(os.sep, "/").endswith(ends):
                own[path] = full
    if not own or any(full and _is_same_file(full, loaded) for full in own.values()):
        return None
    stamp = _stamp(loaded)
    for path in own:
        digest, names = reads[path]
        if (
            _digest(stamp) == inputs.get(path)
            or _change(stamp, path, digest, names.split()) is None
        ):
            return None
    path, full = next(iter(own.items()))
    said = f"{source_module} was imported from {loaded}, and they are compiled from {full or path}"
    here, there = (_root(one, inside) for one in (full or "", loaded))
    if here is None or there is None:
        return _WithRemedy(f"{said}; have the search path lead to the latter")
    return _WithRemedy(
        f"{said}; put {here} before {there} on the search path, or build with the one that"
        " is imported as the source"
    )


def _is_same_file(one: str, other: str) -> bool:
    """Whether two paths of files that are there lead to one."""
    return one == other or os.path.realpath(one) == os.path.realpath(other)


def _root(file: str, inside: str) -> str | None:
    """The folder on the search path from which a file is imported."""
    for end in (f"{inside}.py", f"{inside}/__init__.py"):
        if file.replace(os.sep, "/").endswith(end):
            return file[: -len(end)]
    return None


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


def _change(stamp: _Stamp, path: str, digest: str, names: Sequence[str]) -> str | None:
    """What to say of a file whose bytes have changed; ``None`` where nothing read in it has."""
    shown = path.removeprefix(SITE)
    try:
        now = _second_digest(stamp, tuple(names))
    except ImportError as error:
        return (
            f"{shown} has changed, and whether that matters is not known without the compiler"
            f" ({error})"
        )
    return None if now == digest else f"{shown} has changed"


_locks: dict[_Stamp, dict[str, Any]] = {}
_digests: dict[_Stamp, str] = {}
_second_digests: dict[tuple[_Stamp, tuple[str, ...]], str] = {}
_versions: dict[str, dict[str, set[str]]] = {}


def _stamp(path: str) -> _Stamp:
    """A file as it is now, for what is remembered of it in this process."""
    status = os.stat(path)
    return (path, status.st_mtime_ns, status.st_size)


def read_lock(path: str) -> dict[str, Any]:
    try:
        stamp = _stamp(path)
        if stamp not in _locks:
            with open(path, "rb") as file:
                content = json.loads(file.read().decode("utf-8"))
            if not isinstance(content, dict):
                return {}
            _locks[stamp] = content
        return _locks[stamp]
    except (OSError, ValueError):  # gone, or damaged by a merge
        return {}


def _digest(stamp: _Stamp) -> str:
    if stamp not in _digests:
        with open(stamp[0], "rb") as file:
            _digests[stamp] = sha256(file.read()).hexdigest()
    return _digests[stamp]


def _second_digest(stamp: _Stamp, names: tuple[str, ...]) -> str:
    if (stamp, names) not in _second_digests:
        from arctic_codegen.build.lock import digest_of_file

        with open(stamp[0], "rb") as file:
            data = file.read()
        _second_digests[stamp, names] = digest_of_file(data, stamp[0], names)
    return _second_digests[stamp, names]


def _other_version(sites: Sequence[str], distributions: dict[str, str]) -> str | None:
    """A distribution that was read, and that is installed in another version here.

    Where two folders of the search path have it, the first one is what is imported.
    """
    ordered = sorted(dict.fromkeys(sites), key=_search_position)
    for name, version in distributions.items():
        found = (_installed(site).get(_normalized(name)) for site in ordered)
        here = next((versions for versions in found if versions is not None), {version})
        if version not in here:
            return f"they are for {name} {version}, and {', '.join(sorted(here))} is installed"
    return None


def _search_position(site: str) -> int:
    entries = [entry or os.getcwd() for entry in sys.path]
    return entries.index(site) if site in entries else len(entries)


def _installed(site: str) -> dict[str, set[str]]:
    if site not in _versions:
        installed: dict[str, set[str]] = {}
        for entry in os.listdir(site):
            if entry.endswith(".dist-info"):
                name, _, version = entry[: -len(".dist-info")].rpartition("-")
                installed.setdefault(_normalized(name), set()).add(version.partition("+")[0])
        _versions[site] = installed
    return _versions[site]


def _normalized(name: str) -> str:
    for separator in ".-":
        name = name.replace(separator, "_")
    return name.lower()


def _is_absent(name: str) -> bool:
    """Whether no module of that name can be found; nothing is imported."""
    from importlib.machinery import BuiltinImporter, FrozenImporter, PathFinder

    if name in sys.modules:
        return sys.modules[name] is None
    path: Sequence[str] | None = None
    parts = name.split(".")
    for index, part in enumerate(parts):
        # By its last part alone: for a dotted name the parent would have to be imported.
        spec = PathFinder.find_spec(part, path)
        if spec is None and path is None:
            spec = BuiltinImporter.find_spec(part) or FrozenImporter.find_spec(part)
        if spec is None:
            return True
        locations = spec.submodule_search_locations
        if locations is None and index + 1 < len(parts):
            return True
        path = list(getattr(locations, "_path", locations) or ())
    return False

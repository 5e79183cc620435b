"""Makes a compiled module find its source and siblings, whatever its module name is (R39).

ArcticTraining loads the file that a recipe's ``code:`` names through a link, under a different
module name, and without the project on the search path. The module is then imported under its real
name first, so that each compiled class exists once. At the end of the file, these classes replace
those of the duplicate module.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any

from arctic_codegen.runtime.arctic_training.classes import OUTPUT, registry_table
from arctic_codegen.runtime.staleness import compiled_modules, read_lock

_packages: dict[str, str] = {}
"""The package name of each output folder, by folder."""

_copies: dict[str, ModuleType] = {}
"""The original of each module that is being loaded under a foreign name, by that name."""

_open: list[tuple[str, dict[str, Any]]] = []
"""Compiled modules that are being loaded under their own names."""


def enter(namespace: dict[str, Any], package: str, source: str, roots: Sequence[str]) -> None:
    """Prepares the import of a compiled module's source; runs at the start of the module.

    ``package`` is the output folder's package, ``source`` the source module, and ``roots`` are the
    import roots, relative to the output folder.

    Raises ImportError if the module was loaded under the name of its source.
    """
    name, file = namespace["__name__"], namespace.get("__file__")
    if file is None or not os.path.isfile(file):  # in memory, or in a zip file
        return
    folder = _output_folder(file, source)
    namespace[OUTPUT] = folder
    places = [os.path.normpath(os.path.join(folder, root)) for root in roots]
    _place_roots(folder, places)
    _uncover(source.partition(".")[0], places)
    if name == source:
        raise ImportError(
            f"the compiled module {file} was imported as {name!r}, which is its source's name:"
            f" {os.path.dirname(file)} is on sys.path; remove it, and import"
            f" '{package}.{source}'",
            name=name,
            path=file,
        )
    above = name[: -len(source) - 1] if name.endswith(f".{source}") else None
    if (
        above is not None
        and above in sys.modules
        and _is_importable(above, folder)
        and _packages.setdefault(folder, above) == above
    ):
        _open.append((name, namespace))
        return
    canonical = importlib.import_module(f"{_package(folder, package)}.{source}")
    _copies[name] = canonical
    # Relative imports and pickling then work as in the original module.
    namespace["__spec__"] = canonical.__spec__
    namespace["__package__"] = canonical.__package__


def leave(namespace: dict[str, Any]) -> None:
    """Registers the classes of a compiled module, and of all sources that are loaded; runs at the
    end of the module."""
    name = namespace["__name__"]
    canonical = _copies.pop(name, None)
    if canonical is not None:
        _exchange(namespace, canonical)
        return
    still_open = [
        (other, there)
        for other, there in _open
        if there is not namespace and vars(sys.modules.get(other, object)) is there
    ]
    was_open = any(there is namespace for _, there in _open)
    _open[:] = still_open
    if was_open and not still_open:
        _import_siblings(namespace[OUTPUT])


def _exchange(namespace: dict[str, Any], canonical: ModuleType) -> None:
    for key, value in tuple(namespace.items()):
        if not isinstance(value, type) or "__arctic_source__" not in vars(value):
            continue
        kept = vars(canonical).get(key)
        if value.__module__ != namespace["__name__"] or not isinstance(kept, type):
            continue
        namespace[key] = kept
        table = registry_table(kept)
        registered = vars(kept).get("name")
        if table is not None and table.get(str(registered)) is value:
            table[str(registered)] = kept


def _import_siblings(folder: str) -> None:
    """Imports the compiled module of every registered class that has one and is not compiled yet.

    Trainers find classes by name in the registry, and must find the compiled ones. An import may
    load more sources, so this is repeated until none are left.
    """
    left = set(compiled_modules(read_lock(folder)))
    while wanted := left.intersection(_modules_of_sources()):
        module = min(wanted)
        left.remove(module)
        importlib.import_module(f"{_packages[folder]}.{module}")


def _modules_of_sources() -> set[str]:
    """The modules of the registered classes that are not compiled."""
    registry = sys.modules.get("arctic_training.registry")
    tables: dict[str, dict[str, type]] = getattr(
        getattr(registry, "RegistryMeta", None), "_registry", {}
    )
    registered = (cls for table in tables.values() for cls in table.values())
    return {cls.__module__ for cls in registered if "__arctic_source__" not in vars(cls)}


def _output_folder(file: str, source: str) -> str:
    """The output folder, given the path of one of its modules."""
    path = os.path.realpath(file)
    is_package = os.path.basename(path).partition(".")[0] == "__init__"
    for _ in range(source.count(".") + 1 + is_package):
        path = os.path.dirname(path)
    return path


def _place_roots(folder: str, roots: Sequence[str]) -> None:
    """Adds import roots to the end of the search path, so that they hide nothing.

    They are still put before entries inside the output folder, whose modules have the names of
    their sources.
    """
    inside = len(sys.path)
    for index, entry in enumerate(sys.path):
        path = os.path.realpath(entry or os.getcwd())
        if path == folder or path.startswith(folder + os.sep):
            inside = index
            break
    before = {os.path.realpath(entry or os.getcwd()) for entry in sys.path[:inside]}
    missing = [root for root in roots if os.path.realpath(root) not in before]
    sys.path[inside:inside] = missing


def _uncover(name: str, roots: Sequence[str]) -> None:
    """Puts an import root before an entry of the search path that has another module ``name``.

    Several projects may have a file of the same name, such as ArcticTraining's ``train.py``.
    """
    if name in sys.modules:
        return
    root = next((root for root in roots if _file_of(name, root)), None)
    if root is None:
        return
    for index, entry in enumerate(sys.path):
        found = _file_of(name, entry or os.getcwd())
        if found is not None:
            if found != _file_of(name, root):
                sys.path.insert(index, root)
            return


def _file_of(name: str, folder: str) -> str | None:
    for file in (os.path.join(folder, name, "__init__.py"), os.path.join(folder, f"{name}.py")):
        if os.path.isfile(file):
            return os.path.realpath(file)
    return None


def _package(folder: str, wanted: str) -> str:
    """The package name of the output folder: ``wanted`` if possible, else its last part, else a
    unique name."""
    if folder not in _packages:
        _packages[folder] = _find_package(folder, wanted)
    return _packages[folder]


def _find_package(folder: str, wanted: str) -> str:
    if _is_importable(wanted, folder):
        importlib.import_module(wanted)
        return wanted
    last = wanted.rpartition(".")[2]
    if os.path.basename(folder) == last and _places(last) is None:
        # Spawned child processes inherit the search path, but not loaded modules.
        _place_roots(folder, [os.path.dirname(folder)])
        if _is_importable(last, folder):
            importlib.import_module(last)
            return last
    name = last
    if _places(last) is not None:
        digest = hashlib.sha256(folder.encode("utf-8", "surrogateescape")).hexdigest()[:8]
        name = f"{last}_{digest}"
    spec = importlib.util.spec_from_file_location(
        name, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    if spec is None or spec.loader is None:
        raise ImportError(
            f"the output folder {folder} is not a package: run 'arctic-codegen build'"
        )
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return name


def _is_importable(name: str, folder: str) -> bool:
    """Whether a package of that name is found in the output folder."""
    return any(os.path.realpath(place) == folder for place in _places(name) or ())


def _places(name: str) -> Sequence[str] | None:
    """The folders of a package; empty for a plain module, ``None`` if nothing has the name."""
    try:
        spec = importlib.util.find_spec(name)
    except (ImportError, AttributeError, ValueError):
        return ()
    return None if spec is None else spec.submodule_search_locations or ()

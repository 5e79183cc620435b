"""Which installed distribution does a file belong to, and what is its version?

Only folders are listed and records read: ``importlib.metadata`` would read the records of all
installed distributions.
"""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from functools import cache


def distribution_of(site: str, path: str) -> tuple[str, str] | None:
    """Name and version of the distribution that installed ``path`` into the folder ``site``.

    ``path`` is relative to ``site``, with slashes. The version is the public one: a local label
    (``+cpu``, ``+cu128``) only distinguishes builds of the same sources.
    """
    likely = normalized(path.partition("/")[0].removesuffix(".py"))
    installed = _installed(site)
    for name in sorted(installed, key=lambda one: one != likely):
        if f"\n{path}," in _record(installed[name][0]):
            break
    else:
        name = likely
        if name not in installed or _record(installed[name][0]).strip():
            return None  # it is not installed, or lists its files without this one
    folder, version = installed[name]
    return name.replace("_", "-"), _stated(folder) or version


@cache
def _stated(folder: str) -> str:
    """The public version in the metadata; the folder's name may spell it differently."""
    found = re.search(r"^Version:\s*([^\s+]+)", _text(folder, "METADATA"), re.I | re.M)
    return "" if found is None else found[1]


def version_in(site: str, name: str) -> str | None:
    """The public version of a distribution with metadata in the folder ``site``."""
    found = _installed(site).get(normalized(name))
    return None if found is None else found[1]


def version_of(name: str) -> str:
    """The public version of an installed distribution, without loading it; empty if there is
    none."""
    versions = (version_in(folder or ".", name) for folder in sys.path)
    return next((version for version in versions if version is not None), "")


@cache
def with_metadata(site: str) -> Mapping[str, str]:
    """The distributions in a folder by normalized name, each with its metadata folder."""
    return {name: folder for name, (folder, _) in _installed(site).items()}


def requirements(folder: str) -> frozenset[str]:
    """The normalized names of the distributions that a distribution requires."""
    found = re.findall(r"^Requires-Dist:\s*([\w.-]+)", _text(folder, "METADATA"), re.I | re.M)
    return frozenset(map(normalized, found))


def modules_of(folder: str) -> frozenset[str]:
    """The top-level modules and packages that a distribution installs."""
    listed = _text(folder, "top_level.txt").split()
    return frozenset(listed or re.findall(r"^([A-Za-z_]\w*)(?=/|\.py,)", _record(folder), re.M))


def forget() -> None:
    """Clear all caches, since the installed packages may have changed."""
    _installed.cache_clear()
    _record.cache_clear()
    _stated.cache_clear()
    with_metadata.cache_clear()


def normalized(name: str) -> str:
    """The normalized form of a distribution's name, as in the name of its metadata folder."""
    return re.sub(r"[-_.]+", "_", name).lower()


@cache
def _installed(site: str) -> dict[str, tuple[str, str]]:
    found = {}
    try:
        entries = sorted(os.listdir(site))
    except OSError:
        return {}
    for entry in entries:
        match = re.fullmatch(r"(.+?)-([^-]+)\.dist-info", entry)
        if match is not None:
            version = match[2].partition("+")[0]
            found[normalized(match[1])] = os.path.join(site, entry), version
    return found


@cache
def _record(folder: str) -> str:
    text = _text(folder, "RECORD")
    return "\n" + text.replace('"', "") if text else ""


def _text(folder: str, name: str) -> str:
    try:
        with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""

"""The pinned development packages match what pyproject.toml allows."""

from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

try:
    import tomllib
except ImportError:  # Python 3.10
    import tomli as tomllib  # type: ignore[no-redef]

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
PYTHONS = ("3.10", "3.11", "3.12", "3.13")
NOT_LOCKED = {
    "torch",  # which build of it fits depends on the machine
    "arctic-codegen",
}


def locked(name: str, python: str) -> dict[str, str]:
    """The releases in a file that apply to a Python version, by name."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "sys_platform": "linux",
        "os_name": "posix",
        "platform_machine": "x86_64",
        "platform_python_implementation": "CPython",
    }
    found: dict[str, str] = {}
    for line in (ROOT / "requirements" / name).read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        requirement = Requirement(line)
        (pin,) = requirement.specifier
        assert pin.operator == "==", line
        if requirement.marker is None or requirement.marker.evaluate(environment):
            key = canonicalize_name(requirement.name)
            assert key not in found, f"{key} twice for Python {python}"
            found[key] = pin.version
    return found


def declared(python: str, *extras: str) -> list[Requirement]:
    texts = [*PROJECT["dependencies"], *(text for extra in extras for text in EXTRAS[extra])]
    found = map(Requirement, texts)
    environment = {"python_version": python, "extra": ""}
    return [
        each
        for each in found
        if canonicalize_name(each.name) not in NOT_LOCKED
        and (each.marker is None or each.marker.evaluate(environment))
    ]


@pytest.mark.parametrize("python", PYTHONS)
def test_every_dependency_is_locked_within_its_bounds(python):
    releases = locked("dev.txt", python)
    for requirement in declared(python, *EXTRAS):
        name = canonicalize_name(requirement.name)
        assert name in releases, f"{name}: run requirements/refresh.sh"
        assert releases[name] in requirement.specifier, f"{requirement}: {releases[name]}"


def test_the_oldest_releases_are_those_that_are_allowed():
    releases = locked("lowest.txt", "3.10")
    for requirement in declared("3.10", "check"):
        lowest = [each.version for each in requirement.specifier if each.operator == ">="]
        assert len(lowest) == 1, f"{requirement} has no lower bound"
        release = releases[canonicalize_name(requirement.name)]
        parts = release.split(".")
        assert ".".join(parts[: lowest[0].count(".") + 1]) == lowest[0]
        assert not any(map(int, parts[lowest[0].count(".") + 1 :])), requirement


def test_every_requirement_has_a_lower_bound():
    for python in PYTHONS:
        for requirement in declared(python, *EXTRAS):
            operators = {each.operator for each in requirement.specifier}
            assert ">=" in operators or "==" in operators, requirement

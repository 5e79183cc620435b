"""Loads and checks ``[tool.arctic-codegen]`` of the nearest ``pyproject.toml`` (R2)."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from arctic_codegen.config.reader import (
    DEFAULT_OUTPUT,
    TABLE,
    TABLE_HEADER,
    ConfigReader,
    default_roots,
)
from arctic_codegen.config.toml_places import parsed, read_start
from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.diagnostics.records import Finding, has_errors
from arctic_codegen.model.ownership import is_below
from arctic_codegen.model.settings import Settings


class Loaded(msgspec.Struct, frozen=True):
    """The settings, and the findings about their file.

    ``settings`` is ``None`` if there are errors.
    """

    settings: Settings | None
    findings: tuple[Finding, ...] = ()


def find_config(start: Path) -> Path | None:
    """The nearest ``pyproject.toml``, from ``start`` upwards, with a table for this tool.

    Like in ruff, files without the table are skipped. An invalid file that mentions the table is
    used, so that its error is reported.
    """
    for folder in (start, *start.parents):
        candidate = folder / "pyproject.toml"
        if not candidate.is_file():  # reading anything else might never end
            continue
        try:
            text = read_start(candidate).decode("utf-8", errors="replace")
        except OSError:
            continue
        if "arctic-codegen" not in text:
            continue
        try:
            table = parsed(text).get(TABLE[0], {}).get(TABLE[1])
        except ValueError:
            return candidate
        except AttributeError:
            continue
        if table is not None:
            return candidate
    return None


def load(
    working_folder: Path,
    *,
    config: Path | None = None,
    extra_sources: Sequence[str] = (),
    need_sources: bool = True,
    strict: bool = False,
    use_cache: bool = True,
) -> Loaded:
    """The settings for a run started in ``working_folder``.

    ``extra_sources`` come from the command line, and are relative to this folder. They are added to
    the configured ones, so that the output remains consistent as a whole.
    """
    if config is not None and not config.is_file():
        raise WrongUse(f"the configuration file '{config}' does not exist")
    path = config if config is not None else find_config(working_folder)
    extra = tuple(_from_command_line(source, working_folder) for source in extra_sources)
    if path is None:
        if need_sources and not extra:
            raise WrongUse(
                f"no pyproject.toml with {TABLE_HEADER} was found here or in a parent folder",
                "run `arctic-codegen init` to write one, or name what to build: "
                "`arctic-codegen build PATH`",
            )
        root = os.path.normpath(working_folder)
        roots = dict.fromkeys(default_roots(root))
        for source in extra:
            if (more := root_for(source, tuple(roots))) is not None:
                roots[more] = None
        settings: Settings | None = without_file(root, extra, tuple(roots))
        findings: tuple[Finding, ...] = ()
    else:
        reader = ConfigReader(Path(os.path.abspath(path)))
        settings = reader.settings(extra, need_sources)
        findings = tuple(reader.findings)
    if settings is None or has_errors(findings):
        return Loaded(None, findings)
    return Loaded(msgspec.structs.replace(settings, strict=strict, use_cache=use_cache), findings)


def at_revision(settings: Settings, read: Callable[[Path], bytes]) -> Settings:
    """The settings in the same file elsewhere (at a revision of a repository).

    If the file does not exist there, or has errors, the current settings are used.
    """
    if settings.config_file is None:
        return settings
    reader = ConfigReader(Path(settings.config_file), read)
    found = reader.settings((), True)
    return settings if found is None or has_errors(reader.findings) else found


def _from_command_line(source: str, working_folder: Path) -> str:
    """Resolve a path on the command line against the working folder; keep a module name."""
    path = working_folder / source
    is_path = os.sep in source or "/" in source or any(mark in source for mark in "*?[")
    if is_path or os.path.exists(path):
        return os.path.normpath(path)
    return source


def without_file(root: str, sources: tuple[str, ...], roots: Sequence[str]) -> Settings:
    """The settings of a folder without a configuration."""
    return Settings(
        root=root,
        sources=sources,
        output=os.path.join(root, DEFAULT_OUTPUT),
        src=tuple(roots),
        python_version=sys.version_info[:2],
        platform=sys.platform,
    )


def root_for(source: str, roots: Sequence[str]) -> str | None:
    """The import root that a path needs besides the default ones: the folder above the packages
    that contain it.

    Outside packages the default roots name a file, like the parts of a namespace
    package; only a file outside all of them makes its own folder a root.
    """
    if not os.path.exists(source):
        return None
    folder = source if os.path.isdir(source) else os.path.dirname(source)
    top = folder
    while os.path.isfile(os.path.join(top, "__init__.py")) and top != os.path.dirname(top):
        top = os.path.dirname(top)
    covered = any(is_below(f"{folder}{os.sep}", root) for root in roots)
    return top if top != folder or not covered else None

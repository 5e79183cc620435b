"""Writes edited sources atomically, and preserves their owner and permissions."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Callable, Mapping

from arctic_codegen.diagnostics.faults import WrongUse
from arctic_codegen.files.replacing import replace_file
from arctic_codegen.model.ownership import is_below, is_own
from arctic_codegen.model.settings import Settings


class Editable:
    """The files that an edit may change: the project's own, each under one name only, and only
    those that ``asked_for`` accepts.

    A link may point out of the project, or to a file that also has another path in the sources.
    """

    def __init__(self, settings: Settings, asked_for: Callable[[str], bool]) -> None:
        self._settings = settings
        self._asked_for = asked_for
        self._output = os.path.realpath(settings.output)
        self._roots = tuple(os.path.realpath(one) for one in (settings.root, *settings.src))
        self._names: dict[str, str] = {}

    def __contains__(self, path: str) -> bool:
        if not is_own(path, self._settings) or not self._asked_for(path):
            return False
        real = os.path.realpath(path)
        inside = any(is_below(real, root) for root in self._roots)
        if not inside or is_below(real, self._output):
            return False
        return self._names.setdefault(real, path) == path


def rewrite(files: Mapping[str, bytes], before: Mapping[str, bytes]) -> None:
    """Write these files, if each is unchanged since the edits were computed (``before``).

    Raises :class:`WrongUse` if one has changed or is read-only; then none is written.
    """
    found: dict[str, os.stat_result] = {}
    for path in sorted(files):
        real = os.path.realpath(path)  # a link stays a link
        try:
            found[real] = status = os.stat(real)
            # A rename would replace even a read-only file, and root may write any file.
            if not status.st_mode & 0o222 or not os.access(real, os.W_OK):
                raise WrongUse(f"cannot write '{path}': it is read-only; nothing was edited")
            with open(real, "rb") as file:
                if file.read() != before[path]:
                    raise WrongUse(
                        f"'{path}' has changed in the meantime; nothing was edited",
                        "run the command again",
                    )
        except OSError as error:
            raise _unwritable(path, error) from error
    for path, data in sorted(files.items()):
        real = os.path.realpath(path)
        try:
            replace_file(real, data)
            with contextlib.suppress(AttributeError, PermissionError):  # if the user may do so
                os.chown(real, found[real].st_uid, found[real].st_gid)
            os.chmod(real, stat.S_IMODE(found[real].st_mode))
        except OSError as error:
            raise _unwritable(path, error) from error


def _unwritable(path: str, error: OSError) -> WrongUse:
    return WrongUse(f"cannot write '{path}': {error.strerror or error}")

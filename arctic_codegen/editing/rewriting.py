"""Writes edited sources: whole or not at all, with the permissions that they had."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping

from arctic_codegen.faults import WrongUse
from arctic_codegen.replacing import replace_file


def rewrite(files: Mapping[str, bytes]) -> None:
    """Writes these files; raises :class:`WrongUse` for one that cannot be written."""
    for path, data in sorted(files.items()):
        real = os.path.realpath(path)  # a link goes on to be one
        try:
            mode = stat.S_IMODE(os.stat(real).st_mode)
            replace_file(real, data)
            os.chmod(real, mode)
        except OSError as error:
            raise WrongUse(f"cannot write '{path}': {error.strerror or error}") from error

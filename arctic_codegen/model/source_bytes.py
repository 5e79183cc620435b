"""What can be told from the bytes of a source file before it is decoded?"""

from __future__ import annotations

import re
import unicodedata

_CODING = re.compile(rb"coding[=:][ \t]*([-\w.]+)")
_KNOWN_CODINGS = (b"utf-8", b"utf8", b"ascii", b"us-ascii")


def is_readable(data: bytes) -> bool:
    """Whether what is ASCII in these bytes means what it says."""
    coding = _CODING.search(b"\n".join(data.split(b"\n", 2)[:2]))
    return coding is None or coding[1].lower() in _KNOWN_CODINGS


def in_normal_form(data: bytes) -> bytes | None:
    """A text of UTF-8 with its letters as Python reads them in identifiers (NFKC); ``None`` where
    it is none."""
    if data.isascii():
        return data
    try:
        return unicodedata.normalize("NFKC", data.decode("utf-8")).encode("utf-8")
    except UnicodeDecodeError:
        return None

"""What can be told from the bytes of a source file before it is decoded?"""

from __future__ import annotations

import re
import unicodedata

_CODING = re.compile(rb"coding[=:][ \t]*([-\w.]+)")
_KNOWN_CODINGS = (b"utf-8", b"utf8", b"ascii", b"us-ascii")


def is_readable(data: bytes) -> bool:
    """Whether ASCII bytes in this data represent ASCII characters."""
    coding = _CODING.search(b"\n".join(data.split(b"\n", 2)[:2]))
    return coding is None or coding[1].lower() in _KNOWN_CODINGS


def in_normal_form(data: bytes) -> bytes | None:
    """A UTF-8 text with identifiers in the normal form that Python uses (NFKC); ``None`` if it is
    not valid UTF-8."""
    if data.isascii():
        return data
    try:
        return unicodedata.normalize("NFKC", data.decode("utf-8")).encode("utf-8")
    except UnicodeDecodeError:
        return None

"""Which names can certainly not be in a file, judged by its bytes, so that it need not be parsed?

A package such as transformers collects the names of a thousand modules by star imports. To find
one name, all of them would have to be parsed; most do not even contain the word.
"""

from __future__ import annotations

import re

from arctic_codegen.model.source_bytes import in_normal_form, is_readable

_STAR = re.compile(rb"import[\s\\]*\*")
_PLAIN_STAR = re.compile(
    rb"^[ \t]*from[ \t]+(\.*)([A-Za-z0-9_.]*)[ \t]+import[ \t]+\*[ \t]*(?:\#[^\n]*)?\r?$",
    re.MULTILINE,
)
_ALL = re.compile(rb"__all__")
_PLAIN_ALL = re.compile(
    rb"""
    ^__all__ [ ]* = [ ]* [\[(]
    (?: \s | , | \#[^\n]*\n | "[^"\\\n]*" | '[^'\\\n]*' )*
    [\])] [ \t]* (?: \#[^\n]* )? \r? $
    """,
    re.MULTILINE | re.VERBOSE,
)


def stars_that_may_bring(data: bytes, name: str) -> tuple[tuple[int, str], ...] | None:
    """The modules through which alone a star import of a module with these bytes can bind ``name``,
    each with its number of leading dots; ``None`` if the module may bind it itself.

    This requires a plain ``__all__`` without the name, or that neither the name nor a computed
    ``__all__`` occurs.
    """
    if not name.isascii() or not is_readable(data):
        return None
    plain = list(_PLAIN_ALL.finditer(data))
    if len(plain) != len(_ALL.findall(data)):
        return None
    if len(plain) == 1 and not _in_text(data[: plain[0].start()]):
        quoted = (b'"%s"' % name.encode("ascii"), b"'%s'" % name.encode("ascii"))
        return None if any(word in plain[0][0] for word in quoted) else ()
    if not _is_missing(data, name):
        return None
    stars = _PLAIN_STAR.findall(data)
    if len(stars) != len(_STAR.findall(data)):
        return None
    return tuple((len(dots), module.decode("ascii")) for dots, module in stars)


def _in_text(before: bytes) -> bool:
    """Whether the following bytes may be inside a docstring."""
    return before.count(b'"""') % 2 == 1 or before.count(b"'''") % 2 == 1


def _is_missing(data: bytes, name: str) -> bool:
    word = name.encode("ascii")
    if word in data:
        return False
    text = in_normal_form(data)
    return text is not None and word not in text

"""Bytes to text, as Python's own tokenizer reads a source file (R4).

Newlines come out as ``\\n`` whatever they were, which is also what string literals see at run
time; lines and columns stay those of the original text.
"""

from __future__ import annotations

import codecs
import re

import msgspec

from arctic_codegen.diagnostics.messages import Message, message

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")
_LATIN = ("latin-1", "iso-8859-1", "iso-latin-1")
_NEWLINE = re.compile(rb"\r\n|\r|\n")


class BadText(msgspec.Struct, frozen=True):
    """Why bytes are no text, and where (line and column from 1)."""

    problem: Message
    line: int
    column: int


def decode(data: bytes) -> str | BadText:
    """The text of a source file, its newlines normalized and its BOM dropped."""
    encoding = encoding_of(data)
    if isinstance(encoding, BadText):
        return encoding
    bom = data.startswith(codecs.BOM_UTF8)
    body = data[len(codecs.BOM_UTF8) :] if bom else data
    try:
        text, _ = codecs.getdecoder(encoding)(body, "strict")
    except UnicodeDecodeError as error:
        return _undecodable(body, encoding, error)
    except (UnicodeError, ValueError) as error:
        return BadText(message("AC003", "file", encoding=encoding, reason=error), 1, 1)
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line, column = _line_and_column(text[: text.index("\0")])
        return BadText(message("AC001", "null-byte"), line, column)
    return text


def encoding_of(data: bytes) -> str | BadText:
    """The encoding that the BOM or a PEP 263 cookie states; UTF-8 otherwise."""
    bom = data.startswith(codecs.BOM_UTF8)
    head = data[len(codecs.BOM_UTF8) if bom else 0 :]
    for number, line in enumerate(_NEWLINE.split(head, 2)[:2], start=1):
        match = _COOKIE.match(line)
        if match is None:
            if not _BLANK.match(line):
                break
            continue
        name = match.group(1).decode("latin-1")
        column = match.start(1) + 1
        try:
            codec = codecs.lookup(_normal(name))
        except (LookupError, ValueError):
            codec = None
        # Codecs such as rot13 or hex are no text encodings; Python refuses them as well.
        if codec is None or not getattr(codec, "_is_text_encoding", True):
            return BadText(message("AC003", "unknown-encoding", encoding=name), number, column)
        if bom and codec.name != "utf-8":
            return BadText(message("AC003", "two-encodings", encoding=name), number, column)
        return codec.name
    return "utf-8"


def _normal(name: str) -> str:
    """A name as Python's tokenizer takes it: ``utf-8-unix`` and ``latin-1-dos`` are the codecs
    without what an editor put behind."""
    short = name[:12].lower().replace("_", "-")
    for family, codec in (("utf-8", "utf-8"), *((each, "iso-8859-1") for each in _LATIN)):
        if short == family or short.startswith(family + "-"):
            return codec
    return name


def _undecodable(body: bytes, encoding: str, error: UnicodeDecodeError) -> BadText:
    # A decoder may report offsets of its own buffer; the prefix is read leniently.
    try:
        before = body[: error.start].decode(encoding, "replace")
    except (LookupError, ValueError):  # some codecs are never lenient
        before = body[: error.start].decode("latin-1")
    line, column = _line_and_column(before.replace("\r\n", "\n").replace("\r", "\n"))
    byte = f"0x{body[error.start]:02x}" if error.start < len(body) else "the end"
    problem = message("AC003", "byte", byte=byte, encoding=encoding, reason=error.reason)
    return BadText(problem, line, column)


def _line_and_column(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

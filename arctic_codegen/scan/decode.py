"""Bytes to text, as Python's own tokenizer reads a source file (R4).

Newlines come out as ``\\n`` whatever they were, which is also what string literals see at run
time; lines and columns stay those of the original text.
"""

from __future__ import annotations

import codecs
import contextlib
import re
import tokenize

import msgspec

from arctic_codegen.diagnostics.messages import Message, message

_COOKIE = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_NEWLINE = re.compile(rb"\r\n|\r|\n")


class BadText(msgspec.Struct, frozen=True):
    """Why bytes are not text, or text is not Python, and where (line and column from 1)."""

    problem: Message
    line: int
    column: int


def decode(data: bytes) -> str | BadText:
    """The text of a source file, with normalized newlines and without a BOM."""
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
    """The encoding given by the BOM or a PEP 263 comment; otherwise UTF-8."""
    bom = data.startswith(codecs.BOM_UTF8)
    head = _NEWLINE.split(data, 2)[:2]
    with contextlib.suppress(SyntaxError):
        encoding, _ = tokenize.detect_encoding(iter([line + b"\n" for line in head]).__next__)
        # Codecs such as rot13 or hex are not text encodings; Python rejects them as well.
        if getattr(codecs.lookup(encoding), "_is_text_encoding", True):
            return encoding.removesuffix("-sig")
    for number, line in enumerate(head, start=1):
        match = _COOKIE.match(line.removeprefix(codecs.BOM_UTF8))
        if match is not None:
            problem = message(
                "AC003",
                "two-encodings" if bom else "unknown-encoding",
                encoding=match[1].decode("latin-1"),
            )
            return BadText(problem, number, match.start(1) + 1)
    return "utf-8"


def _undecodable(body: bytes, encoding: str, error: UnicodeDecodeError) -> BadText:
    # A decoder may report offsets into its own buffer, so the prefix is decoded leniently.
    try:
        before = body[: error.start].decode(encoding, "replace")
    except (LookupError, ValueError):  # some codecs do not support this
        before = body[: error.start].decode("latin-1")
    line, column = _line_and_column(before.replace("\r\n", "\n").replace("\r", "\n"))
    byte = f"0x{body[error.start]:02x}" if error.start < len(body) else "the end"
    problem = message("AC003", "byte", byte=byte, encoding=encoding, reason=error.reason)
    return BadText(problem, line, column)


def _line_and_column(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1

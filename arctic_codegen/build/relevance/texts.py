"""What do the bytes of a source file show before it is parsed?

Each answer may be wrong in one direction only: a word in a comment counts as a word in the file,
but a word that is not found is certainly absent.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from arctic_codegen.model.source_bytes import in_normal_form, is_readable

_SPACE = rb"(?:[ \t\f]|\\\r?\n)"
_NAME = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*"
_WORD = re.compile(_NAME)
_FROM_OR_IMPORT = re.compile(
    rb"\bfrom(?=[\s\\.])([\w\x80-\xff. \t\f\\\r\n]*?)\bimport\b(?=([^;]*))"
    rb"|\bimport%s(?=([^;]*))" % _SPACE
)
_DOTTED = re.compile(rb"(%s(?:[\s\\]*\.[\s\\]*%s)*)([\s\\]+as\b)?" % (_NAME, _NAME))
_BLANK = b" \t\f\\\r\n"
_COMMENT = re.compile(rb"#[^\n]*")
_CALLBACK = b"callback"
_LIST = b"callbacks"
_BOUND_LIST = re.compile(
    rb"(?:^|[;:,*]|\b(?:as|class|def|for|import))[\s\\(\[]*callbacks\b(?!\.)", re.MULTILINE
)
_METHOD = re.compile(rb"p(?:re|ost)_[\w\x80-\xff]+_callback\b")
_ESCAPES = (rb"\x", rb"\u", rb"\U", rb"\N", rb"\1")


def searchable(data: bytes) -> bytes | None:
    """Bytes that contain each ASCII name of the file literally.

    ``None`` for a file that has to be decoded first, or that is not valid Python.
    """
    if b"\0" in data or not is_readable(data):
        return None
    normal = in_normal_form(data)
    if normal is None or normal == data:
        return normal
    return normal + b"\n" + data


Mention = tuple[int, str, "frozenset[str] | None"]
"""A possible import statement: the number of leading dots, the module, and the names imported from
it (``*`` for all). These are empty for ``import a.b as c``, and ``None`` for ``import a.b``, which
binds the parent packages as well."""


def imports_mentioned(data: bytes) -> tuple[Mention, ...]:
    """All imports in a text, including those in strings and comments."""
    found: dict[Mention, None] = {}
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    for start, end in _lines_with_import(data):
        for match in _FROM_OR_IMPORT.finditer(data, start, end):
            module, names, several = match.groups()
            if several is None:
                dotted = module.translate(None, _BLANK)
                name = dotted.lstrip(b".")
                names = names.lstrip(_BLANK)
                if names[:1] == b"(":
                    names = _in_parentheses(data, match.start(2))
                imported = [b"*"] if names[:1] == b"*" else _WORD.findall(names)
                found[len(dotted) - len(name), _text(name), frozenset(map(_text, imported))] = None
                continue
            for part in several.split(b","):
                one = _DOTTED.match(part.lstrip(_BLANK))
                if one is not None:
                    module = _text(one[1].translate(None, _BLANK))
                    found[0, module, None if one[2] is None else frozenset()] = None
    return tuple(found)


def packages_mentioned(data: bytes) -> frozenset[str]:
    """The top-level packages in absolute imports."""
    mentions = imports_mentioned(data)
    return frozenset(module.partition(".")[0] for level, module, _ in mentions if not level)


def _in_parentheses(data: bytes, start: int) -> bytes:
    """The text up to the closing parenthesis, without comments."""
    end = data.find(b")", start)
    while end >= 0:
        text = _COMMENT.sub(b"", data[start : data.find(b"\n", end)])
        if b")" in text:
            return text[: text.index(b")")]
        end = data.find(b")", end + 1)
    return b""


def _text(name: bytes) -> str:
    return name.decode("utf-8", "replace")


def _lines_with_import(data: bytes) -> Iterator[tuple[int, int]]:
    """Start and end of each line with the word ``import``, including the lines that backslashes
    join to it."""
    position = data.find(b"import")
    while position >= 0:
        start = data.rfind(b"\n", 0, position) + 1
        while start > 1 and data[start - 2 : start - 1] == b"\\":
            start = data.rfind(b"\n", 0, start - 1) + 1
        end = data.find(b"\n", position)
        while end >= 0 and data[end - 1 : end] == b"\\":
            end = data.find(b"\n", end + 1)
        if end < 0:
            end = len(data)
        yield start, end
        position = data.find(b"import", end)


def may_declare_callbacks(data: bytes) -> bool:
    """Whether a class body may bind ``callbacks``, or a callback method."""
    if _LIST in data and _BOUND_LIST.search(data) is not None:
        return True
    return b"_callback" in data and _METHOD.search(data) is not None


def mentions_callbacks(data: bytes) -> bool:
    """Whether a text may contain ``callbacks``, or the name of a callback method."""
    if _CALLBACK in data:
        return True
    # A name in a string may contain escapes; it matters only if attributes are set by name.
    sets = b"setattr" in data or b"delattr" in data
    return sets and any(escape in data for escape in _ESCAPES)

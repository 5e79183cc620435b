"""What is known about a source file without scanning it? Details are computed on request."""

from __future__ import annotations

import re
from functools import cached_property

from arctic_codegen.build.relevance.class_header_names import HeaderNames, header_names, top_of
from arctic_codegen.build.relevance.texts import (
    imports_mentioned,
    may_declare_callbacks,
    mentions_callbacks,
    searchable,
)
from arctic_codegen.model.spelling import LIST_CHANGERS, absolute_module

_CHANGED = re.compile(
    rb"([\w\x80-\xff]+)[\s\\]*(?:\+=|\.[\s\\]*(?:%s)\b)" % "|".join(sorted(LIST_CHANGERS)).encode()
)


class Outline:
    """The properties of one file that determine whether it is relevant."""

    def __init__(self, name: str, package: str, path: str, data: bytes) -> None:
        """Relative imports start from ``package``."""
        self.name = name
        self.path = path
        self.data = data
        self._package = package
        text = searchable(data)
        self.is_readable = text is not None
        """False if the file would have to be decoded first: then nothing is known about it."""
        self.text = text or b""
        mentions = imports_mentioned(self.text)
        self.imports = tuple(
            (absolute_module(level, module, package) or "", names)
            for level, module, names in mentions
        )
        """Absolute module names, and the names imported from each: see
        :data:`~arctic_codegen.build.relevance.texts.Mention`."""
        self.packages = frozenset(top_of(module) for level, module, _ in mentions if not level)
        """The top-level packages in absolute imports."""

    @cached_property
    def header_names(self) -> HeaderNames | None:
        """The names in the syntax tree; ``None`` if Python cannot parse the file."""
        return header_names(self.data, self._package)

    @property
    def was_parsed(self) -> bool:
        """Whether the file is already known to be valid Python."""
        return self.__dict__.get("header_names") is not None

    @cached_property
    def mentions_callbacks(self) -> bool:
        """Whether the file may contain ``callbacks``, or the name of a callback method."""
        return mentions_callbacks(self.text)

    @property
    def may_have_ignores(self) -> bool:
        """Whether the file may contain an ignore comment."""
        return b"arctic-codegen" in self.text

    @cached_property
    def declares(self) -> bool:
        """Whether a class may bind ``callbacks``, or a callback method, in its body."""
        return self.may_declare and (self.header_names is None or self.header_names.declares)

    @cached_property
    def lists(self) -> frozenset[str]:
        """The names in values of ``callbacks``, and for imported ones also their original
        names."""
        if not self.may_declare or self.header_names is None:
            return frozenset()
        bound = self.header_names.bound
        used = {path[-1] for names, paths in bound if "callbacks" in names for path in paths}
        return frozenset(used).union(
            one.name for one in self.header_names.imports if one.bound in used and one.name
        )

    def changes(self, lists: frozenset[str]) -> bool:
        """Whether the file may change the list with one of these names, or a list of callbacks."""
        if b".callbacks" in self.text and b"callbacks" in self._changed:
            return True
        imported = {name for _, names in self.imports for name in names or ()}
        if not lists & imported and not any(b".%s" % name.encode() in self.text for name in lists):
            return False
        named = {name.encode() for name in lists}
        if self.header_names is not None:
            named |= {one.bound.encode() for one in self.header_names.imports if one.name in lists}
        return not named.isdisjoint(self._changed)

    @cached_property
    def _changed(self) -> frozenset[bytes]:
        """The names before ``+=``, or before a method call that changes a list."""
        return frozenset(_CHANGED.findall(self.text))

    @property
    def may_declare(self) -> bool:
        """Whether a class may do so, judged by the bytes only."""
        return may_declare_callbacks(self.text)


def package_of(module: str, is_package: bool) -> str:
    """The package from which relative imports of a module start."""
    return module if is_package else module.rpartition(".")[0]

"""One file of the sources, as the filter sees it: details are read only on request."""

from __future__ import annotations

import re
from functools import cached_property

from arctic_codegen.build.relevance.class_header_names import HeaderNames, header_names, top_of
from arctic_codegen.build.relevance.texts import (
    imports_mentioned,
    may_declare_callbacks,
    searchable,
    speaks_of_callbacks,
)
from arctic_codegen.model.spelling import LIST_CHANGERS, absolute_module

_CHANGED = re.compile(
    rb"([\w\x80-\xff]+)[\s\\]*(?:\+=|\.[\s\\]*(?:%s)\b)" % "|".join(sorted(LIST_CHANGERS)).encode()
)


class Outline:
    """What the bytes of one file say of it."""

    def __init__(self, name: str, package: str, path: str, data: bytes) -> None:
        """``package`` is the one that relative imports start from."""
        self.name = name
        self.path = path
        self.data = data
        self._package = package
        text = searchable(data)
        self.is_readable = text is not None
        """Nothing is known of a file that has to be decoded first."""
        self.text = text or b""
        mentions = imports_mentioned(self.text)
        self.imports = tuple(
            (absolute_module(level, module, package) or "", names)
            for level, module, names in mentions
        )
        """As :data:`arctic_codegen.build.relevance.texts.Mention`, the modules absolute."""
        self.packages = frozenset(top_of(module) for level, module, _ in mentions if not level)
        """The packages that absolute imports name."""

    @cached_property
    def header_names(self) -> HeaderNames | None:
        """What the syntax tree says of names; ``None`` where Python does not read the file."""
        return header_names(self.data, self._package)

    @property
    def was_parsed(self) -> bool:
        """Whether it is known to be valid Python."""
        return self.__dict__.get("header_names") is not None

    @cached_property
    def speaks_of_callbacks(self) -> bool:
        """Whether it can say ``callbacks``, or the name of a callback method."""
        return speaks_of_callbacks(self.text)

    @property
    def has_comment_for_us(self) -> bool:
        """Whether it may hold a comment that silences a finding."""
        return b"arctic-codegen" in self.text

    @cached_property
    def declares(self) -> bool:
        """Whether a class may bind ``callbacks``, or a callback method, in its body."""
        return self.may_declare and (self.header_names is None or self.header_names.declares)

    @cached_property
    def lists(self) -> frozenset[str]:
        """The names that the values of ``callbacks`` use, those of lists among them; each also
        as the module calls it that it is imported from."""
        if not self.may_declare or self.header_names is None:
            return frozenset()
        bound = self.header_names.bound
        used = {path[-1] for names, paths in bound if "callbacks" in names for path in paths}
        return frozenset(used).union(
            one.name for one in self.header_names.imports if one.bound in used and one.name
        )

    def changes(self, lists: frozenset[str]) -> bool:
        """Whether it may change the list of one of these names, or somebody's ``callbacks``."""
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
        """The last words of what a method is called on that changes lists, or ``+=`` is."""
        return frozenset(_CHANGED.findall(self.text))

    @property
    def may_declare(self) -> bool:
        """The same, as far as the bytes say."""
        return may_declare_callbacks(self.text)


def package_of(module: str, is_package: bool) -> str:
    """The package that a module's relative imports start from."""
    return module if is_package else module.rpartition(".")[0]

"""Evaluates the lists of callbacks of sources given as text."""

from __future__ import annotations

import textwrap

from arctic_codegen.resolve.class_list_changes import Changes
from arctic_codegen.resolve.entities import ClassEntity, Scope
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.values import Values
from tests.unit.resolve.hosts_support import SETTINGS, TextLoader


class Sources:
    """Modules by name, the first one ``m``."""

    def __init__(self, text, packages=(), settings=SETTINGS, **others):
        modules = {"m": text, **others} if isinstance(text, str) else text
        modules = {name: textwrap.dedent(body).lstrip("\n") for name, body in modules.items()}
        self.modules = tuple(modules)
        self.loader = TextLoader(modules, frozenset(packages))
        self.names = Names(self.loader, settings)
        self.values = Values(self.names, self.loader)
        self.settings = settings

    def cls(self, name, module="m"):
        first, *rest = name.split(".")
        entity = self.names.module_attribute(module, first)
        for part in rest:
            entity = self.names.own_attribute(entity, part)
        assert isinstance(entity, ClassEntity), entity
        return entity

    def own(self, name, module="m"):
        """The class's own list."""
        return self.values.own_entries(self.cls(name, module))

    def bound(self, name, module="m"):
        """The expression that a module-level name is bound to, and its place."""
        for stmt in self.loader.module(module).decls.body:
            if getattr(stmt, "targets", ()) and getattr(stmt.targets[0], "id", "") == name:
                return stmt.value, Scope(module, (), (stmt.span.line, stmt.span.column))
        raise AssertionError(name)

    def string(self, name, module="m"):
        return self.values.string(*self.bound(name, module))

    def callable(self, name, module="m"):
        return self.values.callable(*self.bound(name, module))

    def decorated(self, path, module="m"):
        first, *rest = path.split(".")
        entity = self.names.module_attribute(module, first)
        for part in rest:
            entity = self.names.own_attribute(entity, part)
        return self.values.decorated(entity)

    def changes(self, *hosts, modules=None):
        """The changes of these classes' lists, and the findings."""
        is_host = {}
        for host in hosts:
            module, _, name = host.rpartition(":")
            cls = self.cls(name, module or "m")
            is_host[cls.id] = cls
        found = Changes(self.names, self.values, self.loader, is_host)
        return found.of(modules or self.modules)


def short(evaluated):
    """``event name`` of each entry; there must be no finding."""
    assert not evaluated.findings, evaluated.findings
    assert len(evaluated.entries) == evaluated.length
    return [f"{one.event} {one.callable.name.partition('.')[2]}" for one in evaluated.entries]


def codes(findings):
    """Code, line and column of each finding."""
    return [(one.code, one.place.span.line, one.place.span.column) for one in findings]


def shape(value):
    """The parameters in source notation: ``self, *, n``."""
    parts, keyword = [], False
    for param in value.params:
        if param.kind == "keyword_only" and not keyword:
            parts.append("*")
        keyword = keyword or param.kind in ("keyword_only", "var_positional")
        stars = {"var_positional": "*", "var_keyword": "**"}.get(param.kind, "")
        parts.append(stars + param.name + ("=" if param.default is not None else ""))
    return ", ".join(parts)

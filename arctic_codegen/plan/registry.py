"""Plans the static registry: compiled classes by registered name, imported on demand (R33)."""

from __future__ import annotations

from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.model.plan import RegistryBranch, RegistryFunction, RegistryPlan
from arctic_codegen.plan.imports import RUNTIME, import_lines
from arctic_codegen.plan.layout import Layout
from arctic_codegen.plan.naming import UniqueNames, snake


def plan_registry(layout: Layout, hosts: dict[ClassId, HostClass]) -> RegistryPlan:
    """One function for each building block with registered classes."""
    kinds: dict[str, dict[str, HostClass]] = {}
    for cls in sorted(layout.classes):
        host = hosts[cls]
        if host.kind is not None and host.registered_name is not None:
            kinds.setdefault(host.kind, {}).setdefault(host.registered_name, host)
    functions = {kind: f"get_{snake(kind)}" for kind in sorted(kinds)}
    taken = {*functions.values(), *map(_table_name, kinds), "name", "registered", "TYPE_CHECKING"}
    writer = _Writer(layout, hosts, UniqueNames(taken))
    exported = sorted(functions.values())
    planned = tuple(writer.function(functions[kind], kind, kinds[kind]) for kind in sorted(kinds))
    return RegistryPlan(
        path="__init__.py",
        imports=writer.standard_lines(bool(planned)),
        typing_test=("if TYPE_CHECKING:",) if planned else (),
        typing_imports=import_lines(writer.imports),
        exported=f"__all__ = {exported!r}" if exported else "__all__: list[str] = []",
        tables=tuple(writer.table(kind, kinds[kind]) for kind in sorted(kinds)),
        functions=planned,
    )


def _table_name(kind: str) -> str:
    name = snake(kind).upper()
    return f"_{name[:-1]}IES" if name.endswith("Y") else f"_{name}S"


class _Writer:
    """Writes the parts of the registry, and collects its imports."""

    def __init__(self, layout: Layout, hosts: dict[ClassId, HostClass], names: UniqueNames) -> None:
        self.layout = layout
        self.hosts = hosts
        self.names = names
        self.imports: list[tuple[str, str, str]] = []
        self._aliases: dict[tuple[str, str], str] = {}
        self._anything = ""

    def standard_lines(self, any_function: bool) -> tuple[str, ...]:
        """The imports from the standard library."""
        if not any_function:
            return ()
        items = ["TYPE_CHECKING", "Literal", "overload"]
        lines = [("typing", name, name) for name in items]
        if self._anything:
            lines.append(("typing", "Any", self._anything))
        own = import_lines([(RUNTIME, "registered", "registered")])
        return (*import_lines(lines), "", *own)

    def table(self, kind: str, classes: dict[str, HostClass]) -> str:
        """The table of one kind: the location of each class, by registered name."""
        items = []
        for label in sorted(classes):
            slot = self.layout.modules[classes[label].id.module]
            place = f".{slot.module}:{slot.names[classes[label].id]}"
            items.append(f"\n    {label!r}: {place!r},")
        return f"{_table_name(kind)} = {{{''.join(items)}\n}}"

    def function(self, name: str, kind: str, classes: dict[str, HostClass]) -> RegistryFunction:
        """One ``get_...`` function, with its branches sorted by registered name."""
        branches = tuple(self._branch(label, classes[label]) for label in sorted(classes))
        roots = {self._root(host): None for host in classes.values()}
        return RegistryFunction(
            name=name,
            what=snake(kind).replace("_", " "),
            table=_table_name(kind),
            fallback=" | ".join(sorted(f"type[{root}]" for root in roots)),
            branches=branches,
        )

    def _branch(self, label: str, host: HostClass) -> RegistryBranch:
        slot = self.layout.modules[host.id.module]
        module, name = f".{slot.module}", slot.names[host.id]
        alias = self._alias(module, name, "_" + name.lstrip("_"))
        return RegistryBranch(
            literal=repr(label),
            type=f"type[{self._bare(host, alias)}]",
        )

    def _root(self, host: HostClass) -> str:
        """The type of a class of which only the kind is known: that of the building block."""
        root = self.hosts.get(host.root)
        first, dot, rest = host.root.name.partition(".")
        text = self._alias(host.root.module, first, first) + dot + rest
        return text if root is None else self._bare(root, text)

    def _alias(self, module: str, name: str, wanted: str) -> str:
        alias = self._aliases.get((module, name))
        if alias is None:
            alias = self._aliases[module, name] = self.names.pick(wanted)
            self.imports.append((module, name, alias))
        return alias

    def _bare(self, host: HostClass, text: str) -> str:
        """A generic class with ``Any`` for each parameter."""
        if not host.type_params:
            return text
        self._anything = self._anything or self.names.pick("Any")
        if any(param.usage not in ("", param.name) for param in host.type_params):
            return self._anything
        return f"{text}[{', '.join([self._anything] * len(host.type_params))}]"

"""Which file holds which compiled class (R27), by which name, and what clashes (AC602, AC607)?"""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from keyword import iskeyword

import msgspec

from arctic_codegen.diagnostics.messages import Message, message
from arctic_codegen.diagnostics.records import Finding, Place
from arctic_codegen.model.hosts import ClassId, HostClass
from arctic_codegen.model.settings import Settings, output_location, output_package

_RESERVED = frozenset(
    {"CON", "PRN", "AUX", "NUL", *(f"{port}{n}" for port in ("COM", "LPT") for n in range(1, 10))}
)


class ModuleSlot(msgspec.Struct, frozen=True):
    """One generated module: its classes in source order, and their names."""

    module: str
    path: str
    is_package: bool
    hosts: tuple[HostClass, ...]
    names: dict[ClassId, str]


class Layout(msgspec.Struct, frozen=True):
    """All generated modules by source module, and the module of each compiled class."""

    modules: dict[str, ModuleSlot]
    classes: dict[ClassId, str]
    """The name of each compiled class in its module."""
    packages: tuple[str, ...]
    """Packages without compiled classes, which need an ``__init__`` module."""
    findings: tuple[Finding, ...]

    def source_of(self, settings: Settings) -> Callable[[str, str], ClassId | None]:
        """A function that returns the source of a compiled class, by the module and name that
        scripts import: a name imported from the output folder refers to its source class (R12)."""
        package = output_package(settings)
        compiled = {
            (f"{package}.{cls.module}", name): cls
            for cls, name in self.classes.items()
            if package is not None
        }
        return lambda module, name: compiled.get((module, name))


def output_name(settings: Settings) -> str:
    """The import name of the output folder; a fixed name if its own is not valid."""
    name, _ = output_location(settings)
    return name if all(map(str.isidentifier, name.split("."))) else "arctic_codegen_output"


def output_roots(settings: Settings) -> Iterator[str]:
    """The import roots, relative to the output folder."""
    folder = settings.output.replace("\\", "/")
    for root in settings.roots:
        root = root.replace("\\", "/")
        if root[:1] == folder[:1]:  # there is no relative path to another drive
            yield posixpath.relpath(root, folder)


def lay_out(hosts: Iterable[HostClass]) -> Layout:
    """Assign each class that has to be compiled to a module."""
    by_module: dict[str, list[HostClass]] = {}
    for host in hosts:
        if host.compiled and host.requested:
            by_module.setdefault(host.id.module, []).append(host)
    modules = {module: _slot(module, by_module[module]) for module in sorted(by_module)}
    packages = {
        module.rsplit(".", count)[0]
        for module in modules
        for count in range(1, module.count(".") + 1)
    }
    return Layout(
        modules=modules,
        classes={cls: name for slot in modules.values() for cls, name in slot.names.items()},
        packages=tuple(sorted(packages - modules.keys())),
        findings=tuple(_clashing_modules(modules, packages)),
    )


def _slot(module: str, hosts: Sequence[HostClass]) -> ModuleSlot:
    ordered = tuple(sorted(hosts, key=lambda host: (host.place.span, host.id.name)))
    is_package = hosts[0].place.path.replace("\\", "/").endswith("/__init__.py")
    stem = module.replace(".", "/")
    return ModuleSlot(
        module=module,
        path=f"{stem}/__init__.py" if is_package else f"{stem}.py",
        is_package=is_package,
        hosts=ordered,
        names=_class_names(ordered),
    )


def _class_names(hosts: Sequence[HostClass]) -> dict[ClassId, str]:
    """The names of compiled classes. A nested class moves to module level: under its own name, or
    its dotted name with underscores if that is taken."""
    top = {host.id.name for host in hosts if "." not in host.id.name}
    last = Counter(host.id.name.rpartition(".")[2] for host in hosts)
    names: dict[ClassId, str] = {}
    for host in hosts:
        name = host.id.name.rpartition(".")[2]
        if "." in host.id.name and last[name] > 1:
            name = host.id.name.replace(".", "_")
            while name in top or name in names.values():
                name += "_"
        names[host.id] = name
    return names


def _clashing_modules(modules: dict[str, ModuleSlot], packages: set[str]) -> Iterator[Finding]:
    """Modules whose output cannot be written on every file system."""
    folded: dict[str, str] = {}
    for name in sorted({*modules, *packages}):
        first = folded.setdefault(name.casefold(), name)
        parent = name.rpartition(".")[0]
        if first == name or folded.get(parent.casefold(), parent) != parent:
            continue  # their parent folders clash already
        slot, other = _under(name, modules), _under(first, modules)
        yield _clash(message("AC602", "modules-case", module=name, other=first), slot, other)
    for name, slot in modules.items():
        if name in packages and not slot.is_package:
            inner = _under(f"{name}.", modules)
            both = message("AC602", "module-and-package", module=name, inner=inner.module)
            yield _clash(both, slot, inner)
        parts = name.split(".")
        reserved = next((part for part in parts if part.upper() in _RESERVED), None)
        if reserved is not None:
            yield message("AC607", "device", part=reserved, module=name).at(_place(slot))
        odd = next((part for part in parts if not part.isidentifier() or iskeyword(part)), None)
        if odd is not None:
            yield _clash(message("AC602", "not-importable", module=name, part=odd), slot)


def _under(name: str, modules: dict[str, ModuleSlot]) -> ModuleSlot:
    """The module with this name, or the first one in the package with this name."""
    return modules.get(name) or next(
        slot for module, slot in modules.items() if module.startswith(f"{name.rstrip('.')}.")
    )


def _clash(problem: Message, slot: ModuleSlot, other: ModuleSlot | None = None) -> Finding:
    if other is None:
        return problem.at(_place(slot))
    return problem.at(
        _place(slot), message("AC602", "class", module=other.module).note(_place(other))
    )


def _place(slot: ModuleSlot) -> Place:
    return slot.hosts[0].place

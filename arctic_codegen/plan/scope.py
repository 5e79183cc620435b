"""The state that the parts of one generated module share: names, imports and constants."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from arctic_codegen.frameworks.framework import Takeover
from arctic_codegen.frameworks.table import framework_named
from arctic_codegen.model.chosen_order import compiled_phase, semantics_of
from arctic_codegen.model.hosts import Callback, ClassId, Event, HostClass, Method
from arctic_codegen.model.output import UNMARKED
from arctic_codegen.model.parameters import Overload
from arctic_codegen.model.plan import LiftedFunction
from arctic_codegen.model.settings import Settings
from arctic_codegen.model.spelling import mangled
from arctic_codegen.model.text import Ref, Text
from arctic_codegen.plan.class_references import Links
from arctic_codegen.plan.imports import RUNTIME, Imports
from arctic_codegen.plan.layout import Layout, ModuleSlot, output_name, output_roots
from arctic_codegen.plan.naming import UniqueNames, identifiers


class Common:
    """The values that all generated modules of a build share, computed once."""

    def __init__(self, layout: Layout, hosts: dict[ClassId, HostClass], settings: Settings) -> None:
        self.layout = layout
        self.links = Links(layout)
        self.hosts = hosts
        self.settings = settings
        self.host_names = frozenset((cls.module, cls.name) for cls in hosts)
        self.plain: dict[str, set[str]] = {}
        """The host classes without type parameters, by module."""
        for cls, host in hosts.items():
            if not host.type_params:
                self.plain.setdefault(cls.module, set()).add(cls.name)
        self.source_of = layout.source_of(settings)


class ModuleScope:
    """The names, imports, constants and functions of one generated module."""

    def __init__(self, slot: ModuleSlot, common: Common) -> None:
        self.slot = slot
        self.layout = common.layout
        self.links = common.links
        self.hosts = common.hosts
        self.settings = common.settings
        classes = set(slot.names.values())
        bodies: set[str] = set()
        words: set[str] = set()
        params: set[str] = set()
        for host in slot.hosts:
            bodies.add("callbacks")
            takeover = takeover_of(host)
            if takeover is not None:
                bodies.update(("name", takeover.attribute))
            bodies.update(param.name for param in host.type_params if param.ref is None)
            bodies.update(attribute.name for attribute in host.attributes)
            for event in called_events(host, self.settings):
                bodies.add(event_attribute(event.method))
                params.update(_params(event.method))
                words.update(*map(identifiers, _texts(host, event)))
        self.names = UniqueNames({*classes, *bodies, *words, *params})
        # This name is picked first, so that it is the same in every generated module.
        self.source = self.names.pick("_source")
        self.imports = Imports(
            self.names,
            source=slot.module,
            source_alias=self.source,
            shadowed=classes | bodies,
            hosts=common.host_names,
            plain=common.plain.get(slot.module, ()),
            source_of=common.source_of,
        )
        self.constants: list[str] = []
        self.functions: list[LiftedFunction] = []
        self.deferred: list[str] = []
        self.declarers: dict[str, ClassId] = {}
        """For each preferred name of a callable, the class that first declared such a callable."""
        self._known: dict[Hashable, str] = {}

    def once(self, key: Hashable) -> str | None:
        """The name of the constant or function for this key, if it exists."""
        return self._known.get(key)

    def remember(self, key: Hashable, name: str) -> None:
        """Set the result of :meth:`once` for this key."""
        self._known[key] = name

    def constant(
        self, key: Hashable, wanted: tuple[str, ...], value: str, annotation: str = ""
    ) -> str:
        """The module-level constant for this key, created if necessary. Its name is the first of
        the wanted names that is free."""
        name = self._known.get(key)
        if name is None:
            name = self._known[key] = self.names.pick(*wanted)
            colon = f": {annotation}" if annotation else ""
            self.constants.append(f"{name}{colon} = {value}")
        return name

    def runtime(self, name: str) -> str:
        """A function of :mod:`arctic_codegen.runtime`, imported."""
        return self.imports.name(RUNTIME, name)

    def takeover(self, takeover: Takeover, name: str) -> str:
        """A function from the module that replaces a framework's runtime, imported."""
        return self.imports.name(takeover.module, name)

    @property
    def takeovers(self) -> tuple[Takeover, ...]:
        """The takeovers that classes of this module need."""
        found = map(takeover_of, self.slot.hosts)
        return tuple({one.module: one for one in found if one is not None}.values())

    @staticmethod
    def logs_order(host: HostClass, callback: Callback) -> bool:
        """Whether a callback is the framework's entry that logs the order of callbacks."""
        takeover = takeover_of(host)
        return takeover is not None and callback.reach == takeover.order_log

    def entrance(self) -> tuple[tuple[str, str], ...]:
        """The first lines of a module that may be loaded by its path: they make its source
        importable."""
        takeovers = self.takeovers
        if not takeovers:
            return ()
        checking = self.imports.typing("TYPE_CHECKING")
        package = output_name(self.settings)
        roots = tuple(output_roots(self.settings))
        arguments = (
            f'{self.imports.builtin("globals")}(), "{package}", "{self.slot.module}", {roots!r}'
        )
        return tuple(
            (f"if not {checking}:", f"{self.takeover(one, 'enter')}({arguments})")
            for one in takeovers
        )

    def source_method(self, host: HostClass, method: Method) -> str:
        """The method of the source class as an expression. A private one gets a constant, because
        type checkers do not know mangled names."""
        owner = self.imports.owner(host.id)
        attribute = event_attribute(method)
        if attribute == method.name and not self._is_private(method):
            return f"{owner}.{attribute}"
        wanted = f"{owner.replace('.', '_')}{attribute}"
        value = f'{self.imports.builtin("getattr")}({owner}, "{attribute}")'
        return self.constant(("method", host.id, attribute), (wanted,), value, self.any_callable())

    @staticmethod
    def _is_private(method: Method) -> bool:
        stripped = method.defined_in.name.rpartition(".")[2].lstrip("_")
        return bool(stripped) and method.name.startswith(f"_{stripped}__")

    def staleness_check(self) -> tuple[str, str]:
        """The statement that checks whether the output is stale, and its condition. It runs after
        the import of the source, and before names of the project's modules are used, which may
        no longer exist.

        The condition is needed because linters allow no other statement before an import.
        """
        checking = self.imports.typing("TYPE_CHECKING")
        call = f'{self.runtime("verify")}(__file__, {self.source}.__name__, "{UNMARKED}")'
        return f"if not {checking}:", call

    def proof_call(self) -> str:
        """The start of the call that compares the source's classes, as Python has created them,
        with what the build has read."""
        return f"{self.runtime('prove')}({self.imports.builtin('globals')}(), {self.source}"

    def module_name(self, module: str) -> str:
        """An expression for the name of a module, which requires that the module is imported."""
        if module == self.slot.module:
            return f'"{module}"'
        return f"{self.imports.name(module, '')}.__name__"

    def any(self) -> str:
        """The name of ``Any`` in the module."""
        return self.imports.typing("Any")

    def any_callable(self) -> str:
        """``Callable[..., Any]``"""
        return f"{self.imports.name('collections.abc', 'Callable')}[..., {self.any()}]"

    def has_defaults(self, cls: ClassId) -> bool:
        """Whether a type parameter of a class has a default."""
        host = self.hosts.get(cls)
        return host is not None and any(_has_default(one.declaration) for one in host.type_params)

    def bare(self, cls: ClassId, name: str) -> str:
        """The class ``name``; if it is generic, with ``Any`` for each type parameter."""
        host = self.hosts.get(cls)
        if host is None or not host.type_params:
            return name
        if any(
            param.usage != param.name or _is_spec(param.declaration) for param in host.type_params
        ):
            return self.any()
        return f"{name}[{', '.join([self.any()] * len(host.type_params))}]"


def _has_default(declaration: Text | None) -> bool:
    parts = declaration.parts if declaration is not None else ()
    return any(isinstance(part, str) and "=" in part for part in parts)


def _is_spec(declaration: Text | None) -> bool:
    first = declaration.parts[0] if declaration and declaration.parts else ""
    return isinstance(first, str) and first.startswith("*")


def takeover_of(host: HostClass) -> Takeover | None:
    """How a class replaces its source, if the framework has its own runtime."""
    return framework_named(host.framework).takeover


_SELF = frozenset({("typing", "Self"), ("typing_extensions", "Self")})


def mentions_self(text: Text | None) -> bool:
    """Whether a type contains ``Self``."""
    parts = text.parts if text is not None else ()
    return any(isinstance(part, Ref) and (part.module, part.name) in _SELF for part in parts)


_NEVER = frozenset(
    (module, name) for module in ("typing", "typing_extensions") for name in ("NoReturn", "Never")
)


def never_returns(method: Method) -> bool:
    """Whether a method is annotated with ``NoReturn`` or ``Never``."""
    match method.returns:
        case Text(parts=(Ref(module=module, name=name),)):
            return (module, name) in _NEVER
    return False


def varies_with_self(signature: Method | Overload) -> bool:
    """Whether a signature has ``Self`` in a position where pyright rejects any override in a
    subclass."""
    if any(mentions_self(param.annotation) for param in signature.params[1:]):
        return True
    return mentions_self(signature.returns) and len(getattr(signature.returns, "parts", ())) > 1


def event_attribute(method: Method) -> str:
    """The name of the class attribute of a method, with private names mangled."""
    return mangled(method.name, method.defined_in.name)


def chosen(
    host: HostClass, event: Event, settings: Settings
) -> tuple[tuple[Callback, ...], tuple[Callback, ...]]:
    """The pre and post callbacks of an event, in the configured order."""
    pre, post = (compiled_phase(host, event, phase, settings) for phase in ("pre", "post"))
    return pre, post


def chosen_entries(host: HostClass, settings: Settings) -> tuple[tuple[str, Callback], ...]:
    """The compiled entries of a class, with their event strings."""
    entries = host.entries
    if semantics_of(host, settings) == "runtime" and host.runtime_entries is not None:
        entries = host.runtime_entries
    return tuple(entry for entry in entries if not entry[1].left_out)


def is_as_declared(host: HostClass, settings: Settings, *, repeated: bool = True) -> bool:
    """Whether the compiled entries are those of the class bodies along the MRO, as ``closed``
    collects them: without entries that another class has declared before. If ``repeated`` is
    false, such entries count as well."""
    walked: list[tuple[str, tuple[str, ...]]] = []
    for one in host.contributions:
        if one.partial or one.assigned_by is not None or any(e.added_by for e in one.entries):
            return False
        before = set(walked) if repeated else ()
        own = [(entry.event, entry.identity) for entry in one.entries]
        walked += [key for key in own if key not in before]
    return walked == [(text, entry.identity) for text, entry in chosen_entries(host, settings)]


def called_events(host: HostClass, settings: Settings) -> Iterator[Event]:
    """The events of a class that have callbacks, ``__init__`` first."""
    for event in sorted(host.events, key=lambda event: event.method.name != "__init__"):
        if any(chosen(host, event, settings)) or takes_late(host, event, settings):
            yield event


def takes_late(host: HostClass, event: Event, settings: Settings) -> bool:
    """Whether callbacks may be added to an event after construction (R40)."""
    return (
        settings.late_callbacks and event.wrapped_as is not None and takeover_of(host) is not None
    )


def _params(method: Method) -> Iterator[str]:
    for params in (method.params, *(overload.params for overload in method.overloads)):
        for param in params:
            yield param.name
            yield mangled(param.name, method.defined_in.name)


def _texts(host: HostClass, event: Event) -> Iterator[Text | str | None]:
    method = event.method
    signatures: tuple[Method | Overload, ...] = (method, *method.overloads)
    for signature in signatures:
        yield signature.returns
        yield from (param.annotation for param in signature.params)
        yield from signature.type_params
    for callback in event.all_callbacks:
        yield from (take.annotation for take in callback.signature.takes)
        yield callback.signature.object_annotation
        yield callback.signature.returns
        if callback.lifted:
            yield callback.lifted.body
            yield from callback.lifted.params
        for wrapper in callback.wrappers:
            if wrapper.condition is not None and wrapper.condition.lifted is not None:
                yield wrapper.condition.lifted.body
                yield from wrapper.condition.lifted.params
    for _, keyword in host.keywords:
        yield keyword
    for param in host.type_params:
        yield param.declaration
    for attribute in host.attributes:
        yield attribute.annotation

"""Does a function call, itself or through others of the project, what every rank has to call?

Nothing is executed: calls are followed by the names that they are written with, as far as these
lead.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec

from arctic_codegen.diagnostics.records import Place, Span
from arctic_codegen.frameworks.table import FRAMEWORKS
from arctic_codegen.model.decls import (
    BodyCall,
    ClassDecl,
    FunctionDecl,
    Return,
)
from arctic_codegen.model.expr import Attr, Call, Expr, Name, Param, named
from arctic_codegen.resolve.binder.bindings import bound_names
from arctic_codegen.resolve.binder.blocks import flat, parts_of
from arctic_codegen.resolve.entities import (
    ClassEntity,
    Entity,
    FunctionEntity,
    ModuleEntity,
    Scope,
)
from arctic_codegen.resolve.hosts.arguments import is_asked_for
from arctic_codegen.resolve.hosts.objects import Objects
from arctic_codegen.resolve.names.identity import dotted_name
from arctic_codegen.resolve.names.names import Names
from arctic_codegen.resolve.values.records import CallableValue, Function

_WAITS = "waits until every rank has reached it"
_COMBINES = "combines a value from every rank"
_SPREADS = "sends to every rank, which each have to take part"
_GROUPS = "is set up by all ranks together"
_GRADIENTS = "reduces gradients over all ranks"
_UPDATES = "updates parameters that all ranks share"
_PARTS = "writes each rank's part, and waits for the others"
_READS = "has each rank read its part, and waits for the others"
_GATHERS = "gathers parameters from all ranks"
_TRAINS = "trains, which all ranks have to do together"
_EVALUATES = "evaluates, which all ranks have to do together"

_DISTRIBUTED = {
    _WAITS: "barrier monitored_barrier",
    _COMBINES: "all_reduce all_reduce_coalesced inference_all_reduce reduce reduce_scatter "
    "reduce_scatter_fn reduce_scatter_single reduce_scatter_tensor all_gather allgather_fn "
    "all_gather_coalesced all_gather_into_tensor all_gather_object all_gather_single all_to_all "
    "all_to_all_single gather gather_object",
    _SPREADS: "broadcast broadcast_object_list scatter scatter_object_list",
    _GROUPS: "init_process_group init_device_mesh init_distributed destroy_process_group new_group "
    "new_subgroups new_subgroups_by_enumeration split_group",
}
_TRAINER = {
    _TRAINS: "train epoch step",
    _GRADIENTS: "backward",
    _EVALUATES: "evaluate",
    _PARTS: "checkpoint",
}
_ENGINE = {_PARTS: "save", _READS: "load"}

_FUNCTIONS = {
    "torch.distributed torch.distributed.distributed_c10d torch.distributed.device_mesh "
    "torch.distributed.nn torch.distributed.nn.functional "
    "torch.distributed._functional_collectives deepspeed.comm deepspeed.comm.comm": _DISTRIBUTED,
    "torch.distributed.checkpoint torch.distributed.checkpoint.state_dict_saver "
    "torch.distributed.checkpoint.state_dict_loader": {
        _PARTS: "save async_save save_state_dict",
        _READS: "load load_state_dict",
    },
    "torch.distributed.checkpoint.state_dict": {
        _GATHERS: "get_model_state_dict get_optimizer_state_dict get_state_dict "
        "set_model_state_dict set_optimizer_state_dict set_state_dict"
    },
    " ".join(name for one in FRAMEWORKS for name in one.trainers): _TRAINER,
    " ".join(name for one in FRAMEWORKS for name in one.checkpoint_engines): _ENGINE,
    "deepspeed": {_GROUPS: "init_distributed initialize init_inference"},
    "deepspeed.zero deepspeed.runtime.zero.partition_parameters": {_GATHERS: "GatheredParameters"},
    "accelerate.utils accelerate.utils.operations": {
        _COMBINES: "gather gather_object pad_across_processes reduce",
        _SPREADS: "broadcast broadcast_object_list",
    },
    "accelerate.utils accelerate.utils.other": {_WAITS: "wait_for_everyone"},
}
_METHODS = {
    _PARTS: "save_checkpoint",
    _GATHERS: "save_16bit_model save_fp16_model summon_full_params",
    _READS: "load_checkpoint",
    _WAITS: "wait_for_everyone barrier monitored_barrier",
    _COMBINES: "gather_for_metrics all_reduce all_gather all_gather_object reduce_scatter",
    _SPREADS: "broadcast_object_list",
}
_OBJECT_METHODS = {
    "engine model_engine ds_engine deepspeed_engine model": {
        _GRADIENTS: "backward",
        _UPDATES: "step",
    },
    "engine checkpoint_engine": _ENGINE,
    "accelerator": {
        _GRADIENTS: "backward",
        _COMBINES: "gather reduce clip_grad_norm_",
        _PARTS: "save_state",
        _READS: "load_state",
    },
    "trainer": _TRAINER,
}


def _pairs(table: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Each owner and each name, with the reason."""
    for owners, names in table.items():
        for reason, listed in names.items():
            yield from (
                (owner, name, reason) for owner in owners.split() for name in listed.split()
            )


_READY_MADE = {
    "evaluations.EarlyStopping.post_evaluate": ("all_reduce", _COMBINES),
    "evaluations.BestCheckpoint.post_evaluate": ("save", _PARTS),
    "guards.NaNGuard.post_backward": ("all_reduce", _COMBINES),
    "guards.SpikeGuard.post_backward": ("all_reduce", _COMBINES),
    "observing.MemoryMonitor.post_step": ("all_reduce", _COMBINES),
    "generations.SampleGenerations.post_evaluate": ("generate", _GATHERS),
}
READY_MADE = {f"arctic_codegen.callbacks.{name}": call for name, call in _READY_MADE.items()}
"""Methods of ready-made callbacks that all ranks have to run, and what each calls."""

FUNCTIONS = {
    **{f"{owner}.{name}": reason for owner, name, reason in _pairs(_FUNCTIONS)},
    **{name: reason for name, (_, reason) in READY_MADE.items()},
}
"""Functions, classes and methods by dotted name."""

OBJECT_METHODS = {(owner, name): reason for owner, name, reason in _pairs(_OBJECT_METHODS)}
"""Methods by the name of their object and their own: what training code calls a DeepSpeed engine,
a checkpoint engine, an accelerator or a trainer."""

_OWNERS = frozenset(owner for owner, _ in OBJECT_METHODS)

METHODS = {name: reason for _, name, reason in _pairs({"any": _METHODS})}
"""Methods by name, of any of these objects."""

_GROUP_AT = {
    0: "barrier monitored_barrier destroy_process_group",
    2: "all_reduce all_reduce_coalesced all_gather all_gather_coalesced all_gather_object "
    "all_gather_into_tensor all_to_all broadcast broadcast_object_list save_state_dict",
    3: "reduce reduce_scatter reduce_scatter_tensor gather gather_object scatter "
    "scatter_object_list",
    4: "all_to_all_single",
}
GROUP_AT = {name: at for at, names in _GROUP_AT.items() for name in names.split()}
"""Where the functions of ``torch.distributed`` take a group of ranks by position."""

_DEEPEST = 100


class FollowedCall(msgspec.Struct, frozen=True):
    """One call on the way: as written, and where."""

    name: str
    place: Place


class Reached(msgspec.Struct, frozen=True):
    """The way to a collective, whose call is the last step, and what that does."""

    steps: tuple[FollowedCall, ...]
    reason: str


class FunctionBody(msgspec.Struct, frozen=True):
    """A function or lambda whose calls are followed.

    ``scope`` is that in which its names are read. ``cls`` is the class of the object that it takes
    as ``object``, where that is known; ``defined_in`` the class whose body has it.
    """

    span: Span
    calls: tuple[BodyCall, ...]
    params: tuple[Param, ...]
    scope: Scope
    path: str
    object: str
    cls: ClassEntity | None
    defined_in: ClassEntity | None = None
    supers: tuple[str, ...] = ()
    """The methods that it calls through ``super()``."""
    bound_to: ClassEntity | None = None
    """The class of the object that it is bound to, which its first parameter is."""


def body_of(
    value: CallableValue, cls: ClassEntity, defined_in: ClassEntity | None
) -> FunctionBody | None:
    """The body of a callback of ``cls``, which takes an object of that class."""
    params, path = value.params or (), value.place.path
    first = params[0].name if params else ""
    if value.definition is not None:
        body = _body_of(value.definition, value.scope, path, first, cls, defined_in)
        receiver = value.receiver if isinstance(value, Function) else None
        return body if receiver is None else msgspec.structs.replace(body, bound_to=receiver.owner)
    if value.lambda_body is None:
        return None
    calls = tuple(calls_in(value.lambda_body, first))
    return FunctionBody(value.lambda_body.span, calls, params, value.scope.late, path, first, cls)


def _body_of(
    decl: FunctionDecl,
    scope: Scope,
    path: str,
    object: str,
    cls: ClassEntity | None,
    defined_in: ClassEntity | None,
) -> FunctionBody:
    supers = tuple(call.method for call in decl.super_calls if call.owner is None)
    inside = scope.inside(decl)
    return FunctionBody(
        decl.span, decl.calls, decl.params, inside, path, object, cls, defined_in, supers
    )


Apart = Callable[[BodyCall, FunctionBody], bool]
"""Says of a call in a body whether it is left out."""


def _no_call(_call: BodyCall, _body: FunctionBody) -> bool:
    return False


class Collectives:
    """Follows calls."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._objects = Objects(names)

    def reached(self, body: FunctionBody, apart: Apart = _no_call) -> Iterator[Reached]:
        """One way for each call in ``body`` that leads to a collective, in source order. Calls
        that are ``apart`` are none, wherever they stand."""
        known = self.ready_made(body)
        if known is not None:
            yield known
        for call in body.calls:
            found = self._follow(call, body, apart, set(), 0)
            if found is not None and not self._is_asked_for(call, body, called=False):
                yield found

    def ready_made(self, body: FunctionBody) -> Reached | None:
        """What a method of a ready-made callback calls."""
        frame = body.scope.frames[-1] if body.scope.frames else None
        known = READY_MADE.get(f"{body.scope.module}.{getattr(frame, 'qualname', '')}")
        if known is None:
            return None
        return Reached((FollowedCall(known[0], Place(body.path, body.span)),), known[1])

    def _follow(
        self,
        call: BodyCall,
        body: FunctionBody,
        apart: Apart,
        seen: set[tuple[str, str, str]],
        depth: int,
    ) -> Reached | None:
        step = FollowedCall(call.name.removeprefix("?"), Place(body.path, call.span))
        found = self.meaning(call, body)
        if found is None or depth > _DEEPEST or apart(call, body):
            return None
        if isinstance(found, str):
            return Reached((step,), found)
        frame = body.scope.frames[-1] if body.scope.frames else None
        if isinstance(frame, FunctionDecl) and any(one is frame for one in found.scope.frames):
            return None  # what a nested function calls is among the calls of the outer one
        cls = "" if found.cls is None else f"{found.object} {found.cls.id}"
        key = (found.scope.module, str(found.span), cls)
        if key in seen:
            return None
        seen.add(key)
        for inner in found.calls:
            way = self._follow(inner, found, apart, seen, depth + 1)
            if way is not None and not self._is_asked_for(inner, found, called=True):
                return Reached((step, *way.steps), way.reason)
        return None

    def _is_asked_for(self, call: BodyCall, body: FunctionBody, *, called: bool) -> bool:
        """Whether a test of a parameter decides on a call; what a callback takes is no such
        parameter, unless it has a default."""
        frame = body.scope.frames[-1] if body.scope.frames else None
        own = {body.object, body.params[0].name if body.bound_to and body.params else ""}
        names = {one.name for one in body.params if called or one.default is not None} - own
        if not names or not isinstance(frame, FunctionDecl):
            return False
        node = self._names.trees.function(body.scope.module, frame.span, frame.name, frame.qualname)
        return node is not None and is_asked_for(node, names, call.span.line)

    def gives_back(self, name: str, body: FunctionBody) -> bool:
        """Whether what a body calls is a function of the project that returns what it is given."""
        found = self.meaning(BodyCall(name, body.span), body)
        frame = found.scope.frames[-1] if isinstance(found, FunctionBody) else None
        if not isinstance(frame, FunctionDecl):
            return False
        statements = list(flat(frame.body))
        params = {param.name for param in frame.params}
        params -= {name for stmt in statements for name in bound_names(stmt)}
        returned = [stmt.value for stmt in statements if isinstance(stmt, Return)]
        return bool(returned) and all(isinstance(v, Name) and v.id in params for v in returned)

    def meaning(self, call: BodyCall, body: FunctionBody) -> FunctionBody | str | None:
        """What a call leads to: what a collective does, in words, a function of the project to go
        on with, or nothing that is known."""
        parts = call.name.split(".")
        if call.name.startswith("?"):
            return self._inherited(parts[-1], body) if call.name.count(".") == 1 else None
        entity, owner, bound = self._entity(parts, body)
        if isinstance(entity, str):
            return FUNCTIONS.get(entity)
        if isinstance(entity, ClassEntity):
            owner, bound = entity, True
            entity = self._names.class_attribute(entity, "__init__")
        if not isinstance(entity, FunctionEntity):
            return _by_name(parts, body)
        known = FUNCTIONS.get(dotted_name(entity) or "")
        if known is not None:
            return known
        if entity.decl.is_stub and owner not in (None, body.cls):
            return _by_name(parts, body)  # a protocol's, which others fill in
        found = self.body(entity, owner)
        if found is None:
            return None
        if bound:
            found = msgspec.structs.replace(found, bound_to=owner)
        return self.handed(call.given, found, body) or found

    def handed(self, given: str, found: FunctionBody, body: FunctionBody) -> FunctionBody | None:
        """A function that a call in ``body`` hands the object on to, if one of its parameters is
        known to take it."""
        taken = _filled(found.params[1:] if found.bound_to else found.params, given)
        frame = found.scope.frames[-1] if found.scope.frames else None
        if taken is None or not isinstance(frame, FunctionDecl) or frame.decorators:
            return None
        return msgspec.structs.replace(found, object=taken, cls=body.cls)

    def body(self, entity: FunctionEntity, cls: ClassEntity | None) -> FunctionBody | None:
        if self._names.source(entity.module).installed:
            return None
        self._names.queries.body_read(entity.module, entity.decl.qualname)
        frame = entity.scope.frames[-1] if entity.scope.frames else None
        defined_in = None
        if cls is not None and isinstance(frame, ClassDecl):
            classes = self._names.mro(cls).classes
            defined_in = next((one for one in classes if one.decl is frame), None)
        params, path = entity.decl.params, entity.place.path
        first = params[0].name if params and cls is not None else ""
        return _body_of(entity.decl, entity.scope, path, first, cls, defined_in)

    def _inherited(self, name: str, body: FunctionBody) -> FunctionBody | None:
        """The method that ``super().name()`` reaches."""
        own = body.bound_to or body.cls
        if own is None or name not in body.supers:
            return None
        classes = iter(self._names.mro(own).classes)
        for cls in classes:
            if body.defined_in is not None and cls.id == body.defined_in.id:
                break
        for base in classes:
            found = self._names.own_attribute(base, name)
            if isinstance(found, FunctionEntity):
                return self.body(found, own)
        return None

    def _entity(
        self, parts: Sequence[str], body: FunctionBody
    ) -> tuple[Entity | str | None, ClassEntity | None, bool]:
        """What a dotted name means, the class if it is a method of one, and whether it is bound to
        an object of that; or the dotted name of something that is not the project's."""
        names, scope, span = self._names, body.scope, body.span
        params = self._objects.params(body.params, scope)
        if body.object in params and body.cls is not None:
            params[body.object] = body.cls
        if body.bound_to is not None:
            params[body.params[0].name] = body.bound_to
        imported = None if parts[0] in params else self._names.imported(parts[0], scope)
        if imported is not None:
            top = imported.partition(".")[0]
            if names.sources.skim(top) is not None or self._is_foreign(top):
                return ".".join((imported, *parts[1:])), None, False
        owner = self._objects.class_of(parts[:-1], params, scope) if len(parts) > 1 else None
        if owner is not None:
            return names.class_attribute(owner, parts[-1]), owner, True
        if parts[0] in params:
            return None, None, False
        if len(parts) > 1:
            base = names.lookup(named(".".join(parts[:-1]), span), scope)
            if isinstance(base, ModuleEntity) and f"{base.name}.{parts[-1]}" in FUNCTIONS:
                return f"{base.name}.{parts[-1]}", None, False
            owner = base if isinstance(base, ClassEntity) else None
        return names.lookup(named(".".join(parts), span), scope), owner, False

    def _is_foreign(self, module: str) -> bool:
        found = self._names.source(module)
        return found.installed or found.kind in ("missing", "opaque")


def _filled(params: Sequence[Param], given: str) -> str | None:
    """The parameter that a position or a keyword fills."""
    if given.isdigit():
        by_position = [one.name for one in params if one.kind in ("positional_only", "normal")]
        return by_position[int(given)] if int(given) < len(by_position) else None
    named = (one.name for one in params if one.kind in ("normal", "keyword_only"))
    return given if given in named else None


def _by_name(parts: list[str], body: FunctionBody) -> str | None:
    """What a method does whose object is called as an engine, an accelerator or a trainer is: a
    name of the function, or an attribute of the object or of its trainer."""
    at = 2 if parts[:2] == [body.object, "trainer"] else 1
    of_object = parts[0] in (body.object, "trainer") and len(parts) == at + 2
    if len(parts) != 2 and not of_object:
        return None
    owner, name = parts[-2].lstrip("_"), parts[-1]
    return OBJECT_METHODS.get((owner, name)) or (METHODS.get(name) if owner in _OWNERS else None)


def calls_in(expr: Expr | None, object: str = "") -> Iterator[BodyCall]:
    """The calls in an expression, as the scanner writes down those of a function."""
    for part in parts_of(expr):
        if isinstance(part, Call) and (name := called_name(part)):
            handed = [
                arg.keyword or str(at)
                for at, arg in enumerate(part.args)
                if isinstance(arg.value, Name) and arg.value.id == object and not arg.star
            ]
            yield BodyCall(name, part.span, "".join(handed[:1]))


def called_name(call: Call) -> str:
    """The dotted name of what is called; ``?`` is what has none."""
    func = call.func
    parts: list[str] = []
    while isinstance(func, Attr):
        parts.append(func.attr)
        func = func.value
    if isinstance(func, Name):
        parts.append(func.id)
    elif parts:
        parts.append("?")
    return ".".join(reversed(parts))

"""Which functions and methods must every rank call, and what does each do?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from arctic_codegen.frameworks.table import FRAMEWORKS

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
    "transformers.trainer.Trainer": {_TRAINS: "train", _EVALUATES: "evaluate predict"},
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
    "fabric": {_GRADIENTS: "backward", _SPREADS: "broadcast", **_ENGINE},
    "strategy": {_COMBINES: "reduce", _SPREADS: "broadcast"},
}


def _pairs(table: Mapping[str, Mapping[str, str]]) -> Iterator[tuple[str, str, str]]:
    """Each owner and name, with the reason."""
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
"""Methods of ready-made callbacks that all ranks must run, and the call that each makes."""

FUNCTIONS = {
    **{f"{owner}.{name}": reason for owner, name, reason in _pairs(_FUNCTIONS)},
    **{name: reason for name, (_, reason) in READY_MADE.items()},
}
"""Functions, classes and methods by dotted name."""

OBJECT_METHODS = {(owner, name): reason for owner, name, reason in _pairs(_OBJECT_METHODS)}
"""Methods by the name of their object and their own name: typical names in training code of a
DeepSpeed engine, a checkpoint engine, an accelerator, a trainer, or Lightning's Fabric."""

OWNERS = frozenset(owner for owner, _ in OBJECT_METHODS)

METHODS = {name: reason for _, name, reason in _pairs({"any": _METHODS})}
"""Methods by name, for any of these objects."""

_GROUP_AT = {
    0: "barrier monitored_barrier destroy_process_group",
    2: "all_reduce all_reduce_coalesced all_gather all_gather_coalesced all_gather_object "
    "all_gather_into_tensor all_to_all broadcast broadcast_object_list save_state_dict",
    3: "reduce reduce_scatter reduce_scatter_tensor gather gather_object scatter "
    "scatter_object_list",
    4: "all_to_all_single",
}
GROUP_AT = {name: at for at, names in _GROUP_AT.items() for name in names.split()}
"""The position of the group parameter in functions of ``torch.distributed``."""

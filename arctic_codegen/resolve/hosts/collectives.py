"""What every rank has to call for any of them to get on, each with what it does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

_WAITS = "waits until every rank has come to it"
_COMBINES = "combines what every rank gives"
_SPREADS = "hands out to every rank, each of which has to take its part"
_GROUPS = "is set up by all ranks together"
_GRADIENTS = "reduces gradients over all ranks"
_UPDATES = "updates parameters that all ranks share"
_PARTS = "writes each rank's part, and waits for the others"
_READS = "has each rank read its part, and waits for the others"
_GATHERS = "gathers parameters from all ranks"
_TRAINS = "trains, in which all ranks take part"
_EVALUATES = "evaluates, in which all ranks take part"

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
    "arctic_training.trainer.trainer.Trainer arctic_codegen.blocks.trainer.Trainer": _TRAINER,
    "arctic_training.checkpoint.ds_engine.DSCheckpointEngine "
    "arctic_training.checkpoint.hf_engine.HFCheckpointEngine "
    "arctic_codegen.blocks.checkpoint.DSCheckpointEngine "
    "arctic_codegen.blocks.export.HFCheckpointEngine": _ENGINE,
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


FUNCTIONS = {f"{owner}.{name}": reason for owner, name, reason in _pairs(_FUNCTIONS)}
"""Functions, classes and methods by dotted name."""

METHODS = {name: reason for _, name, reason in _pairs({"any": _METHODS})}
"""Methods by name, whatever object has them: no other kind of object has one of that name."""

OBJECT_METHODS = {(owner, name): reason for owner, name, reason in _pairs(_OBJECT_METHODS)}
"""Methods by the name of their object and their own: what training code calls a DeepSpeed engine,
a checkpoint engine, an accelerator or a trainer."""

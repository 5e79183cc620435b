"""What every rank has to call for any of them to get on, each with what it does."""

from __future__ import annotations

from collections.abc import Iterator

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
    "barrier": _WAITS,
    "monitored_barrier": _WAITS,
    "all_reduce": _COMBINES,
    "all_reduce_coalesced": _COMBINES,
    "inference_all_reduce": _COMBINES,
    "reduce": _COMBINES,
    "reduce_scatter": _COMBINES,
    "reduce_scatter_fn": _COMBINES,
    "reduce_scatter_single": _COMBINES,
    "reduce_scatter_tensor": _COMBINES,
    "all_gather": _COMBINES,
    "allgather_fn": _COMBINES,
    "all_gather_coalesced": _COMBINES,
    "all_gather_into_tensor": _COMBINES,
    "all_gather_object": _COMBINES,
    "all_gather_single": _COMBINES,
    "all_to_all": _COMBINES,
    "all_to_all_single": _COMBINES,
    "gather": _COMBINES,
    "gather_object": _COMBINES,
    "broadcast": _SPREADS,
    "broadcast_object_list": _SPREADS,
    "scatter": _SPREADS,
    "scatter_object_list": _SPREADS,
    "init_process_group": _GROUPS,
    "init_device_mesh": _GROUPS,
    "init_distributed": _GROUPS,
    "destroy_process_group": _GROUPS,
    "new_group": _GROUPS,
    "new_subgroups": _GROUPS,
    "new_subgroups_by_enumeration": _GROUPS,
    "split_group": _GROUPS,
}
_DISTRIBUTED_MODULES = (
    "torch.distributed",
    "torch.distributed.distributed_c10d",
    "torch.distributed.device_mesh",
    "torch.distributed.nn",
    "torch.distributed.nn.functional",
    "torch.distributed._functional_collectives",
    "deepspeed.comm",
    "deepspeed.comm.comm",
)
_CHECKPOINTS = {
    "save": _PARTS,
    "async_save": _PARTS,
    "save_state_dict": _PARTS,
    "load": _READS,
    "load_state_dict": _READS,
}
_CHECKPOINT_MODULES = (
    "torch.distributed.checkpoint",
    "torch.distributed.checkpoint.state_dict_saver",
    "torch.distributed.checkpoint.state_dict_loader",
)
_STATE_DICTS = (
    "get_model_state_dict",
    "get_optimizer_state_dict",
    "get_state_dict",
    "set_model_state_dict",
    "set_optimizer_state_dict",
    "set_state_dict",
)
_TRAINER = {
    "train": _TRAINS,
    "epoch": _TRAINS,
    "step": _TRAINS,
    "backward": _GRADIENTS,
    "evaluate": _EVALUATES,
    "checkpoint": _PARTS,
}


def _functions() -> Iterator[tuple[str, str]]:
    for module in _DISTRIBUTED_MODULES:
        yield from ((f"{module}.{name}", reason) for name, reason in _DISTRIBUTED.items())
    for module in _CHECKPOINT_MODULES:
        yield from ((f"{module}.{name}", reason) for name, reason in _CHECKPOINTS.items())
    for name in _STATE_DICTS:
        yield f"torch.distributed.checkpoint.state_dict.{name}", _GATHERS
    for trainer in ("arctic_training.trainer.trainer", "arctic_codegen.blocks.trainer"):
        yield from ((f"{trainer}.Trainer.{name}", reason) for name, reason in _TRAINER.items())
    for engine in (
        "arctic_training.checkpoint.ds_engine.DSCheckpointEngine",
        "arctic_training.checkpoint.hf_engine.HFCheckpointEngine",
        "arctic_codegen.blocks.checkpoint.DSCheckpointEngine",
        "arctic_codegen.blocks.export.HFCheckpointEngine",
    ):
        yield f"{engine}.save", _PARTS
        yield f"{engine}.load", _READS
    for path in ("deepspeed", "deepspeed.comm", "deepspeed.comm.comm"):
        yield f"{path}.init_distributed", _GROUPS
    for name in ("initialize", "init_inference"):
        yield f"deepspeed.{name}", _GROUPS
    for path in ("deepspeed.zero", "deepspeed.runtime.zero.partition_parameters"):
        yield f"{path}.GatheredParameters", _GATHERS
    for path in ("accelerate.utils", "accelerate.utils.operations"):
        for name in ("gather", "gather_object", "pad_across_processes", "reduce"):
            yield f"{path}.{name}", _COMBINES
        for name in ("broadcast", "broadcast_object_list"):
            yield f"{path}.{name}", _SPREADS
    for path in ("accelerate.utils", "accelerate.utils.other"):
        yield f"{path}.wait_for_everyone", _WAITS


FUNCTIONS: dict[str, str] = dict(_functions())
"""Functions, classes and methods by dotted name."""

METHODS: dict[str, str] = {
    "save_checkpoint": _PARTS,
    "save_16bit_model": _GATHERS,
    "save_fp16_model": _GATHERS,
    "load_checkpoint": _READS,
    "wait_for_everyone": _WAITS,
    "gather_for_metrics": _COMBINES,
    "barrier": _WAITS,
    "monitored_barrier": _WAITS,
    "all_reduce": _COMBINES,
    "all_gather": _COMBINES,
    "all_gather_object": _COMBINES,
    "broadcast_object_list": _SPREADS,
    "reduce_scatter": _COMBINES,
    "summon_full_params": _GATHERS,
}
"""Methods by name, whatever object has them: no other kind of object has one of that name."""

_ENGINE = {"backward": _GRADIENTS, "step": _UPDATES}
_ACCELERATOR = {
    "backward": _GRADIENTS,
    "gather": _COMBINES,
    "reduce": _COMBINES,
    "save_state": _PARTS,
    "load_state": _READS,
    "clip_grad_norm_": _COMBINES,
}

OBJECT_METHODS: dict[tuple[str, str], str] = {
    **{
        (engine, name): reason
        for engine in ("engine", "model_engine", "ds_engine", "deepspeed_engine", "model")
        for name, reason in _ENGINE.items()
    },
    **{
        (engine, name): reason
        for engine in ("engine", "checkpoint_engine")
        for name, reason in (("save", _PARTS), ("load", _READS))
    },
    **{("accelerator", name): reason for name, reason in _ACCELERATOR.items()},
    **{("trainer", name): reason for name, reason in _TRAINER.items()},
}
"""Methods by the name of their object and their own: what training code calls a DeepSpeed engine,
a checkpoint engine, an accelerator or a trainer."""

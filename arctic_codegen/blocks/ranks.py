"""Connects the ranks of a run, and exchanges values between them."""

from __future__ import annotations

import datetime
import math
import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import deepspeed
import torch
import torch.distributed as dist
from deepspeed.accelerator import get_accelerator
from torch._C._distributed_c10d import HashStore, PrefixStore
from torch.distributed.rendezvous import rendezvous

from arctic_codegen.blocks._errors import TrainingError
from arctic_codegen.callbacks.training import reduced

T = TypeVar("T")

MASTER_LINE = 'export MASTER_ADDR=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)'
"""The line of a job script that names the machine of rank 0."""

SHARED_MEMORY = "deepspeed_shm_comm"
"""DeepSpeed's operator for ranks on one CPU; without it they use PyTorch's communication."""


def connect() -> None:
    """Connects this process with the other ranks, according to the environment.

    ``torchrun``, the ``deepspeed`` launcher and ``srun`` set the variables; without them the
    process is the only rank.

    Raises :class:`TrainingError` as :func:`take_slurm` does.
    """
    take_slurm()
    accelerator = get_accelerator()
    if not dist.is_initialized():
        backend = accelerator.communication_backend_name()
        if "RANK" in os.environ and "WORLD_SIZE" in os.environ:
            store, rank, size = next(rendezvous("env://"))
            # If torchrun has restarted the ranks, its store may still have their old addresses.
            store = PrefixStore(f"attempt_{attempt()}", store)
            dist.init_process_group(backend, store=store, rank=rank, world_size=size)
        else:
            dist.init_process_group(backend, store=HashStore(), rank=0, world_size=1)
    os.environ.setdefault("LOCAL_RANK", "0")
    if accelerator.device_name() != "cpu":
        accelerator.set_device(local_rank())
    else:
        # Compiling it takes minutes and a compiler, fails if several ranks do so at once, and ranks
        # that wait in it for a failed rank wait forever.
        deepspeed.ops.__compatible_ops__[SHARED_MEMORY] = False
    deepspeed.init_distributed(auto_mpi_discovery=False, verbose=False)


def take_slurm() -> None:
    """Copies the variables of Slurm's ``srun`` to those that ``torchrun`` would set.

    Raises :class:`TrainingError` if the address of rank 0 is missing.
    """
    environment = os.environ
    if "RANK" in environment or "SLURM_PROCID" not in environment:
        return
    size = environment.get("SLURM_STEP_NUM_TASKS") or environment.get("SLURM_NTASKS") or "1"
    if int(size) < 2:
        return
    if not environment.get("MASTER_ADDR"):
        raise TrainingError(
            f"this is one of {size} tasks of Slurm, but MASTER_ADDR is not set: add"
            f" '{MASTER_LINE}' to the job script, before srun"
        )
    environment["RANK"] = environment["SLURM_PROCID"]
    environment["WORLD_SIZE"] = size
    # With --gpus-per-task each task sees only its own device.
    sees_one = environment.get("CUDA_VISIBLE_DEVICES", "").count(",") == 0
    has_own = "CUDA_VISIBLE_DEVICES" in environment and sees_one
    local = "0" if has_own else environment.get("SLURM_LOCALID", "0")
    environment.setdefault("LOCAL_RANK", local)
    # The same port on all ranks, and a different one for each job on a node.
    job = int(environment.get("SLURM_JOB_ID", "0")) + int(environment.get("SLURM_STEP_ID", "0"))
    environment.setdefault("MASTER_PORT", str(15000 + job % 10000))


def set_timeout(seconds: int) -> None:
    """Makes collective calls of all groups fail after that many seconds."""
    for group in dist.distributed_c10d._world.pg_map:
        dist.distributed_c10d._set_pg_timeout(datetime.timedelta(seconds=seconds), group)


_on_cpus: tuple[dist.ProcessGroup | None, dist.ProcessGroup] | None = None
"""The default group, and the group that :func:`cpu_group` has created for it."""


def cpu_group() -> dist.ProcessGroup | None:
    """A group of all ranks on their CPUs; ``None`` for a single rank. A collective call."""
    global _on_cpus
    if dist.get_world_size() == 1:
        return None
    everyone = dist.group.WORLD
    if _on_cpus is None or _on_cpus[0] is not everyone:
        _on_cpus = everyone, dist.new_group(backend="gloo")
    return _on_cpus[1]


def disconnect() -> None:
    """Disconnects this process from the other ranks, once it has nothing left to send them."""
    if dist.is_initialized():
        deepspeed.comm.destroy_process_group()


def attempt() -> str:
    """How often ``torchrun`` has restarted the ranks."""
    return os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")


def local_rank() -> int:
    """The rank of this process on its machine."""
    return int(os.environ.get("LOCAL_RANK", "0"))


def device() -> torch.device:
    """The device of this rank."""
    return torch.device(get_accelerator().device_name(local_rank()))


def mean(value: torch.Tensor, count: torch.Tensor | float) -> float:
    """The mean over all ranks: ``value`` of ``count`` on this one. A collective call."""
    total, number = reduced([float(value), float(count)], device())
    return total / number if number else math.nan


def largest(value: int) -> int:
    """The largest value of all ranks. A collective call."""
    return int(reduced([value], device(), "MAX")[0])


def gathered(value: T) -> list[T]:
    """The values of all ranks, by rank. A collective call."""
    values: list[Any] = [None] * dist.get_world_size()
    dist.all_gather_object(values, value)
    return values


def together(work: Callable[[], T]) -> T:
    """Runs work on all ranks, and returns the result of this one. A collective call.

    If it raises :class:`TrainingError` on any rank, the first of these errors is raised on all.
    """
    error: TrainingError | None = None
    try:
        result = work()
    except TrainingError as raised:
        error = raised
    for problem in gathered(error):
        if problem is not None:
            raise problem from error
    return result


def check_output(cls: type) -> None:
    """Compares the output folder of a compiled class on all ranks. A collective call."""
    source = vars(cls).get("__arctic_source__")
    file = getattr(sys.modules.get(cls.__module__), "__file__", None)
    if source is None or file is None:
        return
    from arctic_codegen.runtime.same_output import check_same_output
    from arctic_codegen.runtime.staleness import output_folder

    folder = output_folder(file, source.__module__)
    if folder is not None:
        check_same_output(folder)

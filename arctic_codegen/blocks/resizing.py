"""Resumes a run with a different number of ranks, micro batch or accumulation.

Their product, the number of samples per step, must stay the same. If ZeRO has partitioned the state
for other ranks, DeepSpeed's own program converts it to a universal checkpoint, which is loaded and
removed.
"""

from __future__ import annotations

import itertools
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.distributed as dist
from transformers import set_seed

from arctic_codegen.blocks import manifest, ranks, whole
from arctic_codegen.blocks._errors import CheckpointError
from arctic_codegen.blocks.config import TrainerConfig
from arctic_codegen.blocks.metrics import logger
from arctic_codegen.blocks.random_state import RandomState
from arctic_codegen.blocks.run import Run

CONVERT = ("-m", "deepspeed.checkpoint.ds_to_universal", "--inject_missing_state")
"""DeepSpeed's program; stages 1 and 2 lack a state that it requires."""
ADAM = {"exp_avg", "exp_avg_sq"}
"""The parts of an optimizer's state that it converts, with the step count; it drops all others."""
OF_OPTIMIZER = "optimizer_state_dict"
SECONDS = 0.2
"""The interval at which other ranks check whether the conversion has finished."""


@dataclass(frozen=True)
class Layout:
    """Which rank takes which samples of a step."""

    ranks: int
    micro: int
    accumulated: int

    @classmethod
    def of(cls, recipe: Mapping[str, Any], number: int) -> Layout:
        """The layout for the values of a recipe on that number of ranks."""
        return cls(number, recipe["micro_batch_size"], recipe["gradient_accumulation_steps"])

    @property
    def at_once(self) -> int:
        """The number of samples in a batch of all ranks."""
        return self.ranks * self.micro

    @property
    def of_step(self) -> int:
        """The number of samples in a step."""
        return self.at_once * self.accumulated


def layout(run: Run) -> Layout:
    """The layout of this run."""
    return Layout.of(vars(run.config), run.world_size)


def saved_layout(written: Mapping[str, Any]) -> Layout:
    """The layout of the run that wrote a manifest."""
    return Layout.of(written["recipe"], written["ranks"])


def check_newest(config: TrainerConfig, world_size: int) -> None:
    """Checks the checkpoint from which a run would resume, before anything is loaded.

    Raises the errors of :func:`place_in`.
    """
    found: dict[int, Path] = {}
    for section in config.checkpoint:
        if section.enabled and section.auto_resume:
            found = {**whole.steps(section.output_dir), **found}
    if found:
        folder = found[max(found)]
        try:
            written = manifest.read(folder)
        except CheckpointError:
            return  # loading it reports the error
        place_in(written, config, world_size, folder)


def place_in(
    written: Mapping[str, Any], config: TrainerConfig, world_size: int, folder: Path
) -> dict[str, Any]:
    """The position in the data in a checkpoint's manifest, for that number of ranks.

    Raises :class:`RecipeError` if the number of samples per step differs, with the values that fit,
    or if the position is not at the start of a batch.
    """
    place: dict[str, Any] = written["place"]
    before, now = saved_layout(written), Layout.of(vars(config), world_size)
    if now.of_step != before.of_step:
        is_other = (before.ranks, before.micro) == (now.ranks, now.micro)
        field = "gradient_accumulation_steps" if is_other else "micro_batch_size"
        raise config.wrong((field,), _what_fits(before.of_step, now, folder))
    samples = place["batch"] * before.at_once
    batch, rest = divmod(samples, now.at_once)
    if rest:
        raise config.wrong(
            ("micro_batch_size",),
            f"{folder} is {samples} samples into an epoch, which is not a multiple of the batch "
            f"size {now.at_once}: set a smaller one",
        )
    return {**place, "batch": batch}


def _what_fits(samples: int, now: Layout, folder: Path) -> str:
    """The message about a layout, with those that give a step that number of samples."""
    number = "1 rank" if now.ranks == 1 else f"{now.ranks} ranks"
    each, rest = divmod(samples, now.ranks)
    if rest:
        fit = ", ".join(str(one) for one in _divisors(samples))
        fix = f"{samples} samples can be split over these numbers of ranks: {fit}"
    else:
        pairs = [f"{one} x {each // one}" for one in _divisors(each)]
        fix = f"micro_batch_size x gradient_accumulation_steps that fit are {', '.join(pairs)}"
    return (
        f"with {number} a step has {now.of_step} samples, and {folder} was made with {samples}:"
        f" {fix}"
    )


def _divisors(number: int) -> list[int]:
    return [one for one in range(1, number + 1) if number % one == 0]


def own_state_of_other_ranks(run: Run, folder: Path, before: Layout, step: int) -> dict[str, Any]:
    """The state from which a rank continues: its own, or that of rank 0 for a new rank.

    The random numbers of a new rank are seeded with seed, rank and step. Rank 0 takes over the
    metrics of all ranks that are not logged yet.
    """
    saved = [torch.load(folder / of_rank(one), weights_only=True) for one in range(before.ranks)]
    rank, now = run.global_rank, layout(run)
    own: dict[str, Any] = {**saved[rank if rank < before.ranks else 0]}
    if rank >= before.ranks:
        kept = RandomState.now()
        set_seed((run.config.seed + rank * 1_000_003 + step * 7_919) % 2**32)
        own["random"] = RandomState.now().values
        kept.restore()
    of_all = saved if rank == 0 else []
    scale = before.micro / now.micro
    own["metrics"] = {
        name: scale * sum(one["metrics"][name] for one in of_all) for name in own["metrics"]
    }
    own["agreement"] = {
        name: any(one["agreement"][name] for one in saved) for name in own["agreement"]
    }
    return own


def of_rank(rank: int) -> str:
    """The name of the file with a rank's own state in a checkpoint."""
    return f"rank_{rank}.pt"


@contextmanager
def universal(run: Run, folder: Path) -> Iterator[Path]:
    """Converts a checkpoint to a universal one, which exists while it is being loaded.

    Raises :class:`CheckpointError` on all ranks if it cannot be created.
    """
    made = folder.with_name(f"universal_{folder.name}")
    problem = _told(run, made, lambda: _convert(folder, made))
    if problem:
        raise CheckpointError(f"{folder} cannot be resumed on another number of ranks: {problem}")
    try:
        yield made / folder.name
    finally:
        ranks.gathered(None)  # all of them have read it
        if run.global_rank == 0:
            shutil.rmtree(made)


_number = itertools.count()


def _told(run: Run, made: Path, work: Callable[[], str | None]) -> str | None:
    """The error message of ``work`` on rank 0, if any.

    The other ranks wait for it without a collective call, which could time out.
    """
    if run.world_size == 1:
        return work()
    store = dist.distributed_c10d._get_default_store()
    key = f"{next(_number)} {made}"
    if run.global_rank == 0:
        store.set(key, work() or "")
    while not store.check([key]):
        time.sleep(SECONDS)
    problem = store.get(key).decode() or None
    ranks.gathered(None)  # rank 0 may have the store: it stays until all ranks have read it
    return problem


def _convert(folder: Path, made: Path) -> str | None:
    """Creates the universal checkpoint; returns an error message if this fails."""
    written = whole.unfinished(made)
    kept = _kept_by_optimizer(folder)
    if kept - {"step"} != ADAM:
        state = ", ".join(sorted(kept)) or "empty"
        return f"DeepSpeed converts only the state of Adam, but that of this optimizer is {state}"
    try:
        for old in (*made.parent.glob("universal_*"), written):  # left by killed runs
            shutil.rmtree(old, ignore_errors=True)
        written.mkdir()
        paths = "--input_folder", str(folder), "--output_folder", str(written / folder.name)
        logger.info("converting %s for another number of ranks", folder)
        done = subprocess.run([sys.executable, *CONVERT, *paths], capture_output=True, text=True)
        if done.returncode:
            return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
        whole.finish(made)
    except OSError as error:
        return str(error)
    return None


def _kept_by_optimizer(folder: Path) -> set[str]:
    """The names of the state that an optimizer has for each parameter."""
    file = min(folder.glob("*_optim_states.pt"))
    saved = torch.load(file, map_location="cpu", mmap=True, weights_only=False)[OF_OPTIMIZER]
    inner = saved.get("base_optimizer_state") or saved[OF_OPTIMIZER]  # stages 1 and 2, or 3
    return {name for state in inner["state"].values() for name in state}


def load_universal(run: Run, folder: Path) -> Any:
    """Loads the checkpoint of another number of ranks; returns the result of DeepSpeed.

    Raises :class:`CheckpointError` like :func:`universal`.
    """
    engine = run.model
    with universal(run, folder) as made:
        engine._config.load_universal_checkpoint = True
        try:
            found, _ = engine.load_checkpoint(str(made.parent), tag=made.name)
        finally:
            engine._config.load_universal_checkpoint = False
        _load_buffers(run.model_unwrapped, made)
        if run.config.zero_stage == 3:
            _load_settings(run.optimizer, made)
    return found


def _load_buffers(model: torch.nn.Module, folder: Path) -> None:
    """Loads the buffers of a model, which DeepSpeed omits."""
    file = min(folder.glob("*model_states.pt"))
    saved = torch.load(file, map_location="cpu", mmap=True, weights_only=False)["module"]
    for name, buffer in model.named_buffers():
        if name in saved:
            buffer.copy_(saved[name])


def _load_settings(optimizer: torch.optim.Optimizer, folder: Path) -> None:
    """Restores the settings of each group, and a separate step counter for each parameter.

    DeepSpeed's stage 3 gives each group the settings of the first one, and all parameters one
    shared counter, which each of them then increments.
    """
    file = folder / "zero/optimizer_state.pt"
    saved = torch.load(file, map_location="cpu", mmap=True, weights_only=False)["param_groups"]
    for group, settings in zip(optimizer.param_groups, saved, strict=True):
        group.update({name: value for name, value in settings.items() if name != "params"})
    for state in optimizer.state.values():
        if torch.is_tensor(state.get("step")):
            state["step"] = state["step"].clone()

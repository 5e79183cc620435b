"""The checkpoint engine."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

import torch

from arctic_codegen import CallbackMixin

State = dict[str, Any]
FORMAT = 1


class CheckpointEngine(CallbackMixin, ABC):
    """Writes and reads what a run has to remember."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @abstractmethod
    def save(self, name: str, state: State) -> Path:
        """Writes a state, and tells where."""

    @abstractmethod
    def load(self, name: str) -> State:
        """Reads the state of that name."""


class TorchCheckpoint(CheckpointEngine):
    """One file for each checkpoint, in PyTorch's own format."""

    name = "torch"

    def save(self, name: str, state: State) -> Path:
        path = self.folder / f"{name}.pt"
        torch.save(state, path)
        return path

    def load(self, name: str) -> State:
        state: State = torch.load(self.folder / f"{name}.pt", weights_only=True)
        return state

    def pre_save_callback(self, state: State) -> State:
        """Makes the folder, and marks the state with the version of its format."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return {**state, "format": FORMAT}

    def post_load_callback(self, state: State) -> State:
        """Refuses a state of another version."""
        if state.pop("format", None) != FORMAT:
            raise ValueError("this checkpoint was written in another format")
        return state

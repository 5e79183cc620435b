"""The state of callback objects, which is saved with checkpoints and restored on resume (R60).

A callback object has state if its class has ``state_dict()`` and ``load_state_dict()``. Nothing is
looked up during training: only saving and resuming iterate over the lists of the classes.
"""

from __future__ import annotations

import logging
import os
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from types import MethodType
from typing import Any

from arctic_codegen.runtime.closed_list import event_key
from arctic_codegen.runtime.errors import CallbackStateError, first_line
from arctic_codegen.runtime.every_counts import counts_of, restore_counts
from arctic_codegen.runtime.source_lists import own_entries
from arctic_codegen.runtime.wrapping import name_of, unwrapped

PLAIN = (type(None), bool, int, float, complex, str, bytes)
MANY = (list, tuple, set, OrderedDict, dict)
"""Types in a state, besides tensors: those that ``torch.load`` reads without running code."""


class CallbackState:
    """The state of all callback objects of a run, and its counts of ``every``.

    ``objects`` are the trainer and the parts that it holds, by name; ``classes`` are the classes of
    the other parts.
    """

    def __init__(self, objects: Mapping[str, object], classes: Iterable[type] = ()) -> None:
        self._objects = objects
        self._classes = list(dict.fromkeys([*map(type, objects.values()), *classes]))

    def now(self) -> dict[str, Any]:
        """The current state, in the form that :meth:`save` writes.

        Raises :class:`~arctic_codegen.runtime.errors.CallbackStateError` if a state contains a
        value that could not be restored.
        """
        states = {key: one.state_dict() for key, one in _first_places(self._places()).items()}
        counts = {name: counts_of(one) for name, one in self._objects.items()}
        for key, state in states.items():
            _check(state, key)
        return {"states": states, "counts": counts}

    @staticmethod
    def save(state: dict[str, Any], folder: Path, rank: int, world_size: int) -> None:
        """Writes this rank's file into a checkpoint's folder, if there is anything to write."""
        file = folder / file_of(rank)
        if not state["states"] and not any(state["counts"].values()):
            file.unlink(missing_ok=True)
            return
        import torch

        folder.mkdir(parents=True, exist_ok=True)
        written = file.with_name(f"{file.name}.tmp")
        torch.save({"world_size": world_size, **state}, written)
        os.replace(written, file)

    @staticmethod
    def differing(folder: Path, world_size: int) -> list[str]:
        """The keys of the callback objects whose saved state differs between the ranks."""
        nothing: dict[str, Any] = {"states": {}, "counts": {}}
        saved = [_read(folder / file_of(rank), "cpu") or nothing for rank in range(world_size)]
        return [
            key if part == "states" else f"every() of the {key}"
            for part in nothing
            for key in dict.fromkeys(key for one in saved for key in one[part])
            if not all(_same(one[part].get(key), saved[0][part].get(key)) for one in saved)
        ]

    def load(self, folder: Path, rank: int, world_size: int, device: object) -> None:
        """Restores the state that this rank saved, or rank 0 if the number of ranks has changed.

        The attributes of the objects must have been restored before. State that exists only in the
        checkpoint or only in the program is logged as a warning.

        Raises :class:`~arctic_codegen.runtime.errors.CallbackStateError` if the file cannot be
        read.
        """
        places = self._places()
        saved = _read(folder / file_of(rank), device)
        if saved is None or saved["world_size"] != world_size:
            saved = _read(folder / file_of(0), device)
        states = {} if saved is None else saved["states"]
        restored = set()
        for key, state in states.items():
            if key in places:
                places[key].load_state_dict(state)
                restored.add(id(places[key]))
        if rank == 0:
            missing = [key for key, one in _first_places(places).items() if id(one) not in restored]
            _warn(missing, f"{folder} has no state of %s: it starts from scratch")
            lost = [key for key in states if key not in places]
            _warn(lost, f"{folder} has the state of %s, which is not a callback of this program")
        for name, one in self._objects.items():
            restore_counts(one, {} if saved is None else saved["counts"].get(name, {}))

    def _places(self) -> dict[str, Any]:
        """The callback objects with state, by key. An object may have several keys."""
        found: dict[str, Any] = {}
        for cls in self._declaring():
            numbers: Counter[tuple[object, str]] = Counter()
            for event, fn in own_entries(cls):
                one = _object_of(fn, self._objects.get("trainer"))
                if one is None:
                    continue
                place = f"{cls.__module__}:{cls.__qualname__} {event_key(event)}"
                given = getattr(one, "state_key", None)
                if given is None:
                    name = name_of(unwrapped(fn))
                    numbers[event_key(event), name] += 1
                    number = numbers[event_key(event), name]
                    key = f"{place} {name}" + (f"#{number}" if number > 1 else "")
                else:
                    key = f"{place} {given}"
                if found.setdefault(key, one) is not one:
                    raise CallbackStateError(
                        f"two callback objects would save their state under the same key, {key}: "
                        "give"
                        " each its own state_key"
                    )
        return found

    def _declaring(self) -> Iterator[type]:
        """The source classes in the MROs, root first, each once."""
        seen: set[int] = set()
        for cls in self._classes:
            for one in reversed(cls.__mro__):
                if id(one) not in seen and "__arctic_source__" not in vars(one):
                    seen.add(id(one))
                    yield one


def file_of(rank: int) -> str:
    """The name of the file that a rank writes into a checkpoint's folder."""
    return f"callbacks_rank_{rank}.pt"


def _object_of(fn: Any, trainer: object) -> Any:
    """The object with state behind a callback, if there is one.

    A ready-made callback has one for each trainer.
    """
    one = unwrapped(fn)
    while isinstance(one, partial):
        one = one.func
    if type(one) is MethodType:
        one = one.__self__
    if callable(getattr(type(one), "state_of", None)):
        one = one.state_of(trainer)
    kind = type(one)
    has_state = callable(getattr(kind, "state_dict", None)) and callable(
        getattr(kind, "load_state_dict", None)
    )
    return one if has_state and not isinstance(one, type) else None


def _first_places(places: Mapping[str, Any]) -> dict[str, Any]:
    """Each object once, by its first key."""
    seen: set[int] = set()
    found = {}
    for key, one in places.items():
        if id(one) not in seen:
            seen.add(id(one))
            found[key] = one
    return found


def _check(value: Any, key: str) -> None:
    """Raises an error if a state contains a value that a checkpoint cannot restore."""
    kind = type(value)
    if kind in PLAIN or _is_tensor(value):
        return
    if kind not in MANY:
        raise CallbackStateError(
            f"the state of {key} holds a {kind.__module__}.{kind.__qualname__}: state_dict() must "
            "return numbers, text, tensors, and lists, tuples, sets and dicts of these"
        )
    if isinstance(value, dict):
        for name in value:
            _check(name, key)
    for one in value.values() if isinstance(value, dict) else value:
        _check(one, key)


def _same(one: Any, other: Any) -> bool:
    """Whether two states are equal, NaN included."""
    import torch

    if type(one) is not type(other):
        return False
    if isinstance(one, torch.Tensor):
        return one.dtype == other.dtype and torch.equal(one, other)
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_same(one[name], other[name]) for name in one)
    if isinstance(one, (list, tuple)):
        return len(one) == len(other) and all(map(_same, one, other))
    return bool(one == other or (one != one and other != other))


def _is_tensor(value: Any) -> bool:
    import torch

    return isinstance(value, (torch.Tensor, torch.Size, torch.dtype, torch.device))


def _read(file: Path, device: object) -> Any:
    """The contents of a file, with tensors on this rank's device; ``None`` if it is missing."""
    if not file.is_file():
        return None
    import torch
    from torch.serialization import default_restore_location

    def here(storage: Any, location: str) -> Any:
        return None if location == "cpu" else move(storage, str(device))

    move: Any = default_restore_location
    try:
        return torch.load(file, map_location=here, weights_only=True)
    except Exception as error:
        reason = first_line(error)
        raise CallbackStateError(f"{file} cannot be loaded: {reason}") from error


def _warn(keys: list[str], text: str) -> None:
    for key in keys:
        logging.getLogger("arctic_codegen").warning(text, key)

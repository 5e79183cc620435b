"""The base of ready-made callbacks: options of the object, and one state per trainer."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import field, fields
from typing import Any, Generic, SupportsFloat, TypeVar
from weakref import WeakKeyDictionary

from arctic_codegen.callbacks.callback import Callback

S = TypeVar("S")
T = TypeVar("T")

_states: WeakKeyDictionary[object, dict[object, Any]] = WeakKeyDictionary()


def states_of(trainer: object) -> list[Any]:
    """The states of all callbacks of a trainer."""
    return list(_states.get(trainer, {}).values())


def option(
    default: T,
    *,
    at_least: float | None = None,
    above: float | None = None,
    one_of: tuple[object, ...] = (),
) -> T:
    """A dataclass field for an option of a callback, with limits that a build checks statically."""
    limits = {"at_least": at_least, "above": above, "one_of": one_of}
    return field(default=default, metadata=limits)


def check_options(callback: Any) -> None:
    """Raises :class:`ValueError` if an option is out of range.

    This runs when the object is created, that is, when the trainer's module is imported.
    """
    for one in fields(callback):
        value, limits = getattr(callback, one.name), one.metadata
        wanted = None
        is_number = isinstance(value, SupportsFloat)
        if limits.get("at_least") is not None and not (is_number and value >= limits["at_least"]):
            wanted = f"{limits['at_least']} or more"
        elif limits.get("above") is not None and not (is_number and value > limits["above"]):
            wanted = f"more than {limits['above']}"
        elif limits.get("one_of") and value not in limits["one_of"]:
            wanted = " or ".join(map(repr, limits["one_of"]))
        if wanted is not None:
            raise ValueError(f"{type(callback).__name__}({one.name}={value!r}): use {wanted}")


class ReadyMade(Callback, Generic[S]):
    """A callback with a separate state for each trainer that uses the object.

    A state that is a :class:`State` is saved with each checkpoint (R60).
    """

    def __post_init__(self) -> None:
        """Raises :class:`ValueError` if an option is out of range."""
        check_options(self)

    @abstractmethod
    def new_state(self) -> S:
        """The initial state for a trainer."""

    def state_of(self, trainer: object) -> S:
        """The state of a trainer."""
        states = _states.setdefault(trainer, {})
        if self not in states:
            states[self] = self.new_state()
        state: S = states[self]
        return state


class State:
    """The state of a callback in a checkpoint: all attributes whose names do not begin with
    ``_``."""

    def state_dict(self) -> dict[str, Any]:
        """The attributes."""
        return {name: value for name, value in vars(self).items() if name[0] != "_"}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Restores the attributes."""
        vars(self).update(state)

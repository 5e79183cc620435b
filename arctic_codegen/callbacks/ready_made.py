"""What ready-made callbacks share: options in the object, and a state for each trainer."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from arctic_codegen.callbacks.callback import Callback

S = TypeVar("S")

_states: WeakKeyDictionary[object, dict[object, Any]] = WeakKeyDictionary()


def check_option(callback: object, name: str, holds: bool, wanted: str) -> None:
    """Raises :class:`ValueError` where an option is wrong: when the object is made, which is when
    the trainer's module is imported."""
    if not holds:
        given = f"{type(callback).__name__}({name}={getattr(callback, name)!r})"
        raise ValueError(f"{given}: {wanted}")


class ReadyMade(Callback, Generic[S]):
    """A callback whose state belongs to a trainer: trainers that share the object do not share it.

    A state that is a :class:`State` is saved with each checkpoint (R60).
    """

    @abstractmethod
    def new_state(self) -> S:
        """The state of a trainer that has not begun."""

    def state_of(self, trainer: object) -> S:
        """The state of a trainer."""
        states = _states.setdefault(trainer, {})
        if self not in states:
            states[self] = self.new_state()
        state: S = states[self]
        return state


class State:
    """What a checkpoint keeps of a callback: all attributes whose names do not begin with ``_``."""

    def state_dict(self) -> dict[str, Any]:
        """The attributes."""
        return {name: value for name, value in vars(self).items() if name[0] != "_"}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Takes the attributes over."""
        vars(self).update(state)

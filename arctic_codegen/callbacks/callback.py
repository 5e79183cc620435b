"""An object that has callbacks for several events (R66)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

_METHOD = re.compile("(pre|post)_(.+)")


class Callback:
    """A base for objects with callbacks for several events.

    Each method named ``pre_EVENT`` or ``post_EVENT`` is a callback of that event. After ``self`` it
    takes the trainer (or factory), and what any callback of the event may take::

        class Timer(Callback):
            def pre_step(self, trainer: Trainer) -> None: ...
            def post_step(self, trainer: Trainer) -> None: ...

        class MyTrainer(Trainer):
            callbacks = [*Timer(), ("post-loss", clip)]
    """

    def __iter__(self) -> Iterator[tuple[str, Callable[..., Any]]]:
        """Pairs of an event and its method: base classes first, each class in source order.

        An overriding method takes the position of the one that it overrides. Attributes that are
        not callable, such as ``None``, are skipped.
        """
        names = {
            name: match
            for cls in reversed(type(self).__mro__)
            for name in vars(cls)
            if (match := _METHOD.fullmatch(name))
        }
        for name, match in names.items():
            method = getattr(self, name)
            if callable(method):
                yield f"{match[1]}-{match[2].replace('_', '-')}", method

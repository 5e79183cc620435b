"""Random projects on ArcticTraining's mixin, and a replacement of it for the reference."""

from __future__ import annotations

import dataclasses
import inspect
import random
import re
import sys
import types

from tests.property.projects import EVENT_NAMES, RandomProject, generate

MIXIN = "arctic_training.callback.mixin"


def on_arctic_training(seed: int) -> RandomProject:
    """The project of that seed on the other mixin, with some of its methods wrapped by it."""
    project = generate(seed)
    pick = random.Random(seed)
    files = {
        path: _moved(text, pick) if "CallbackMixin" in text else text
        for path, text in project.files.items()
    }
    return dataclasses.replace(project, files=files)


def _moved(text: str, pick: random.Random) -> str:
    text = text.replace("arctic_codegen.CallbackMixin", f"{MIXIN}.CallbackMixin")
    text = re.sub(r"^import arctic_codegen$", f"import {MIXIN}", text, flags=re.MULTILINE)
    text = re.sub(
        r"^from arctic_codegen import CallbackMixin$",
        f"from {MIXIN} import CallbackMixin, callback_wrapper",
        text,
        flags=re.MULTILINE,
    )
    if "callback_wrapper" not in text:
        return text

    def wrapped(match: re.Match[str]) -> str:
        name = match[2]
        decorator = f'    @callback_wrapper("{name}")\n' if pick.random() < 0.6 else ""
        return f"{decorator}{match[0]}"

    events = "|".join(EVENT_NAMES)
    return re.sub(rf"^    ((?:async )?def ({events})\(self)", wrapped, text, flags=re.MULTILINE)


def install() -> None:
    """Replace ``arctic_training`` by a stub without a runtime."""
    from tests.property.reference import CallbackMixin

    def wrapper(name):
        def mark(function):
            function.is_wrapped = True
            return function

        return mark

    class Mixin(CallbackMixin):
        @wrapper("init")
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)

        def __init_subclass__(cls):
            super().__init_subclass__()
            for base in cls.__bases__:  # it adds wrapped methods of bases to the class itself
                for name, function in inspect.getmembers(base, inspect.isfunction):
                    if hasattr(function, "is_wrapped"):
                        setattr(cls, name, wrapper(name)(getattr(cls, name)))

    Mixin.__name__ = "CallbackMixin"
    Mixin.__init__.__qualname__ = "CallbackMixin.__init__"
    for name in ("arctic_training", "arctic_training.callback", MIXIN):
        sys.modules[name] = types.ModuleType(name)
    sys.modules["arctic_training"].callback = sys.modules["arctic_training.callback"]
    sys.modules["arctic_training.callback"].mixin = sys.modules[MIXIN]
    sys.modules[MIXIN].CallbackMixin = Mixin
    sys.modules[MIXIN].callback_wrapper = wrapper

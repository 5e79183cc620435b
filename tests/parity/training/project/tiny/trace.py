"""Records what happens in a run, one line per event, in order."""

import atexit
import hashlib
import os

import datasets
import torch
from arctic_training.registry import RegistryMeta


def path(kind):
    """A file in the folder of this run; each rank has its own."""
    return os.path.join(os.environ["RUN_FOLDER"], f"{kind}.{os.environ['RANK']}")


def note(line):
    with open(path("trace"), "a", encoding="utf-8") as trace:
        trace.write(line + "\n")


def digest(data):
    return hashlib.sha256(data).hexdigest()[:12]


def show(value):
    """A value as one word that shows a difference of a single bit."""
    if isinstance(value, torch.Tensor):
        if value.ndim == 0:
            return value.item().hex() if value.is_floating_point() else str(value.item())
        return digest(value.detach().contiguous().view(torch.uint8).numpy().tobytes())
    if isinstance(value, torch.nn.Module):
        return digest("".join(show(one) for one in value.state_dict().values()).encode())
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {show(one)}" for key, one in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(show(one) for one in value) + "]"
    if isinstance(value, datasets.Dataset):
        return f"{len(value)} rows {digest(repr(value[:]).encode())}"
    if isinstance(value, (str, int, float)):
        return repr(value)
    return type(value).__name__


def entered(event):
    """A pre callback that records that the event began."""

    def entered_event(self):
        note(f"{type(self).__name__}: {event} begins")

    return entered_event


def ended(event):
    """A post callback of a method that returns nothing."""

    def ended_event(self):
        note(f"{type(self).__name__}: {event} ends")

    return ended_event


def returned(event):
    """A post callback that records what the method returned."""

    def returned_event(self, value):
        note(f"{type(self).__name__}: {event} returns {show(value)}")
        return value

    return returned_event


@atexit.register
def write_classes():
    """Record the classes in ArcticTraining's registry at the end of the run."""
    with open(path("classes"), "w", encoding="utf-8") as classes:
        for kind, named in RegistryMeta._registry.items():
            for name, cls in named.items():
                classes.write(f"{kind} {name} {cls.__module__}.{cls.__qualname__}\n")

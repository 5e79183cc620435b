"""The cost of calling one callback in other frameworks, each as its documentation describes.

Times, in one process, a compiled class with two callbacks around a step, Hugging Face's Trainer
callbacks, PyTorch Lightning, Composer, Ignite and pluggy. Those that are not installed are skipped
and listed as such; `make bench` installs some of them into a separate folder. Prints one line of
JSON.
"""

from __future__ import annotations

import json
import platform
import sys
import tempfile
import time
from collections.abc import Callable
from importlib import import_module, metadata
from pathlib import Path
from typing import Any

from event_cost import compiled_modules  # type: ignore[import-not-found]

PEERS_FOLDER = Path(sys.prefix) / "peers"
sys.path.append(str(PEERS_FOLDER))  # after everything that is installed

Call = Callable[[], object]
ROUNDS, CALLS = 31, 2000


def transformers() -> Call:
    """A ``TrainerCallback``, called by the Trainer's handler."""
    callbacks = import_module("transformers.trainer_callback")
    arguments = import_module("transformers").TrainingArguments

    class Log(callbacks.TrainerCallback):  # type: ignore[misc,name-defined]
        def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
            pass

    handler = callbacks.CallbackHandler([Log()], None, None, None, None)
    args = arguments(output_dir=tempfile.gettempdir(), report_to=[], use_cpu=True)
    state, control = callbacks.TrainerState(), callbacks.TrainerControl()
    return lambda: handler.on_step_begin(args, state, control)


def pytorch_lightning() -> Call:
    """A ``Callback`` of a ``Trainer``, called as its loops do."""
    lightning = import_module("pytorch_lightning")
    calling = import_module("pytorch_lightning.trainer.call")

    class Log(lightning.Callback):  # type: ignore[misc,name-defined]
        def on_train_batch_start(self, *_: Any) -> None:
            pass

    trainer = lightning.Trainer(
        callbacks=[Log()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        accelerator="cpu",
    )
    trainer.strategy.connect(lightning.LightningModule())
    call = calling._call_callback_hooks
    return lambda: call(trainer, "on_train_batch_start", 1, 0)


def ignite() -> Call:
    """A handler of an ``Engine``'s event."""
    engines = import_module("ignite.engine")
    engine = engines.Engine(lambda engine, batch: batch)
    engine.add_event_handler(engines.Events.ITERATION_STARTED, lambda engine: None)
    return lambda: engine.fire_event(engines.Events.ITERATION_STARTED)


def composer() -> Call:
    """A ``Callback`` of a ``Trainer``, run by its engine."""
    core = import_module("composer.core")
    trainer = import_module("composer").Trainer

    class Log(core.Callback):  # type: ignore[misc,name-defined]
        def batch_start(self, state: Any, logger: Any) -> None:
            pass

    engine = trainer(callbacks=[Log()]).engine
    return lambda: engine.run_event(core.Event.BATCH_START)


def pluggy() -> Call:
    """A hook with one implementation."""
    library = import_module("pluggy")
    specification, implementation = library.HookspecMarker("p"), library.HookimplMarker("p")

    class Specification:
        @specification  # type: ignore[untyped-decorator,unused-ignore]
        def step(self, batch: int) -> None:
            pass

    class Plugin:
        @implementation  # type: ignore[untyped-decorator,unused-ignore]
        def step(self, batch: int) -> None:
            pass

    manager = library.PluginManager("p")
    manager.add_hookspecs(Specification)
    manager.register(Plugin())
    return lambda: manager.hook.step(batch=1)


PEERS: dict[str, Callable[[], Call]] = {
    "transformers": transformers,
    "pytorch-lightning": pytorch_lightning,
    "mosaicml": composer,
    "pytorch-ignite": ignite,
    "pluggy": pluggy,
}


def seconds(call: Call) -> float:
    """The time of ``CALLS`` calls."""
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return time.perf_counter() - started


def main() -> int:
    """Measures and prints the result."""
    with tempfile.TemporaryDirectory() as folder:
        compiled, hand = compiled_modules(Path(folder))
    with_one, without = compiled.Trainer1(1), hand.Trainer(1)

    def event() -> object:
        return with_one.step(1)

    def bare() -> object:
        return without.step(1)

    result: dict[str, Any] = {
        "what": "one callback around a step, nanoseconds more than the step",
        "python": platform.python_version(),
        "peers": {},
        "skipped": {},
    }
    # Our step has two callbacks, one before and one after it.
    taken = [min(seconds(call) for _ in range(ROUNDS)) for call in (event, bare)]
    result["compiled"] = round((taken[0] - taken[1]) / CALLS * 1e9)
    for name, make in PEERS.items():
        try:
            version = metadata.version(name)
        except metadata.PackageNotFoundError:
            result["skipped"][name] = "not installed"
            continue
        try:
            call = make()
            call()
        except Exception as error:
            result["skipped"][name] = f"{type(error).__name__}: {error}"[:80]
            continue
        best = min(seconds(call) for _ in range(ROUNDS))
        result["peers"][f"{name} {version}"] = round(best / CALLS * 1e9)
    print(json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What it costs other frameworks to call one callback, each as its documentation says.

Timed in one process, beside a compiled class that has two callbacks around a step: Hugging Face's
Trainer callbacks, PyTorch Lightning, Composer, Ignite, pluggy. Those that are not installed are
skipped, and that is said; `make bench` puts some of them into a folder of their own. Prints one
line of JSON.
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
sys.path.append(str(PEERS_FOLDER))  # behind everything that is installed

Call = Callable[[], object]
ROUNDS, CALLS = 31, 2000


def transformers() -> Call:
    """``TrainerCallback``, called by the handler that the Trainer has."""
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
    """A ``Callback`` of a ``Trainer``, run by the engine that it has."""
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
    """The time of many calls."""
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return time.perf_counter() - started


def main() -> int:
    """Measures and prints."""
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
    # Two callbacks stand around our step, before and after it.
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

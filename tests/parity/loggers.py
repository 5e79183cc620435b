"""Reads the logs of loggers with their own libraries: values by name and step."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Values = dict[str, dict[int, Any]]


def of_tensorboard(folder: Path) -> Values:
    """The numbers in TensorBoard's event files; for texts only the names."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    board = EventAccumulator(str(folder))
    board.Reload()
    numbers = {
        name: {event.step: event.value for event in board.Scalars(name)}
        for name in board.Tags()["scalars"]
    }
    texts = {name.removesuffix("/text_summary"): {} for name in board.Tags()["tensors"]}
    return {**numbers, **texts}


def of_mlflow(uri: str) -> Values:
    """The numbers of the only run, which has ended."""
    from mlflow.tracking import MlflowClient

    client = MlflowClient(uri)
    (run,) = client.search_runs([client.get_experiment_by_name("tests").experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.params["micro_batch_size"]
    return {
        name: {
            point.step: point.value for point in client.get_metric_history(run.info.run_id, name)
        }
        for name in run.data.metrics
    }


def of_wandb(folder: Path) -> Values:
    """The values of the only run; each start has written a file."""
    from wandb.proto.wandb_internal_pb2 import Record

    files = sorted(folder.glob("offline-run-*/run-*.wandb"))
    assert len({file.name for file in files}) == 1, "one run"
    found: Values = {}
    for file in files:
        for data in _records(file.read_bytes()):
            items = Record.FromString(data).history.item
            line = {
                one.key or "/".join(one.nested_key): json.loads(one.value_json) for one in items
            }
            for name in [*line] if "_step" in line else []:
                found.setdefault(name, {})[line["_step"]] = line[name]
    return found


def _records(data: bytes) -> Iterator[bytes]:
    """The records of a file in LevelDB's log format, after its own header."""
    place, block, whole, last = 7, 32768, (1, 4), b""
    while place + 7 <= len(data):
        left = block - place % block
        if left < 7:
            place += left
            continue
        _, length, kind = struct.unpack_from("<IHB", data, place)
        last += data[place + 7 : place + 7 + length]
        place += 7 + length
        if kind in whole:
            yield last
            last = b""

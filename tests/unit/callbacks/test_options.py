"""R66: invalid options are rejected when the object is created."""

from __future__ import annotations

import re
from typing import Any

import pytest

from arctic_codegen import callbacks


@pytest.mark.parametrize(
    "name, options, message",
    [
        ("EarlyStopping", {"mode": "minimum"}, "EarlyStopping(mode='minimum'): use 'min' or 'max'"),
        ("EarlyStopping", {"patience": 0}, "EarlyStopping(patience=0): use 1 or more"),
        ("EarlyStopping", {"patience": "3"}, "EarlyStopping(patience='3'): use 1 or more"),
        ("EarlyStopping", {"min_delta": -1.0}, "EarlyStopping(min_delta=-1.0): use 0 or more"),
        ("BestCheckpoint", {"mode": "best"}, "BestCheckpoint(mode='best'): use 'min' or 'max'"),
        ("NaNGuard", {"action": "abort"}, "NaNGuard(action='abort'): use 'stop' or 'warn'"),
        ("SpikeGuard", {"window": 0}, "SpikeGuard(window=0): use 1 or more"),
        ("SpikeGuard", {"factor": 1.0}, "SpikeGuard(factor=1.0): use more than 1"),
        ("Throughput", {"window_size": 0}, "Throughput(window_size=0): use 1 or more"),
        (
            "SampleGenerations",
            {"prompts": "Once"},
            "SampleGenerations(prompts='Once'): use a list of strings",
        ),
    ],
)
def test_R66_a_wrong_option_is_an_error_where_the_object_is_made(
    name: str, options: dict[str, Any], message: str
) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        getattr(callbacks, name)(**options)

"""Preparing 30 MB of text for training: a BPE is trained on it, and it is turned into samples.

    python benchmarks/large_text.py [--rounds N] [--check]

The text consists of the sources of Python's standard library, repeated. Each round is a separate
process with an empty cache. Memory is the peak above that of importing the blocks.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
import sysconfig
import tempfile
from pathlib import Path

from measuring import finish, options, python  # type: ignore[import-not-found]
from starting import output_of  # type: ignore[import-not-found]

SIZE = 30_000_000
SECONDS = 20.0
MEGABYTES = 500.0

_MEASURED = """
import json, resource, time
from types import SimpleNamespace
import torch
from arctic_codegen.blocks import BPETokenizerFactory, CausalTrainer, TextDataFactory, make_config

def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6

values = {
    "model": {"hf_config": {"model_type": "llama"}},
    "data": {"sources": ["text.txt"], "cache_dir": "cache"},
}
config = make_config(CausalTrainer, values)
run = SimpleNamespace(config=config, world_size=1, global_rank=0, device=torch.device("cpu"))
imported, began, used = peak(), time.perf_counter(), time.process_time()
factory = TextDataFactory(run)
run.texts = factory.texts
run.tokenizer = BPETokenizerFactory(run)()
del run.texts
loader, _ = factory()
seconds, processor = time.perf_counter() - began, time.process_time() - used
print(json.dumps([seconds, processor, peak() - imported, len(loader.dataset)]))
"""


def write_text(path: Path) -> None:
    """Writes the text."""
    library = Path(sysconfig.get_path("stdlib"))
    sources = [one for one in sorted(library.rglob("*.py")) if "site-packages" not in one.parts]
    left = SIZE
    with path.open("wb") as file:
        for source in itertools.cycle(sources):
            text = source.read_bytes()
            try:
                text.decode()
            except UnicodeDecodeError:
                continue
            left -= file.write(text)
            if left <= 0:
                return


def main() -> int:
    """Measures and prints the result."""
    arguments = options(__doc__, 3)
    os.environ.setdefault("DS_ACCELERATOR", "cpu")
    found = []
    for _ in range(arguments.rounds):
        with tempfile.TemporaryDirectory() as name:
            write_text(Path(name, "text.txt"))
            told = output_of(python(_MEASURED), Path(name))
            found.append(json.loads(told.splitlines()[-1]))
    seconds, processor, memory, samples = min(found)
    result = {
        "what": "a tokenizer and samples of 30 MB of text / limit",
        "ratio": round(seconds / SECONDS, 3),
        "memory_ratio": round(memory / MEGABYTES, 3),
        "bound": 1.0,
        "ours_s": round(seconds, 2),
        "theirs_s": SECONDS,
        "processor_s": round(processor, 2),
        "peak_mb": round(memory),
        "samples": samples,
    }
    held = seconds <= SECONDS and memory <= MEGABYTES
    return int(finish(result, held, arguments))


if __name__ == "__main__":
    sys.exit(main())

"""Generates text: ``python examples/language_model/sample.py [FOLDER] [TEXT ...]``.

The folder is one that the checkpoint engine ``huggingface`` wrote. Nothing else of the training is
needed.
"""

from __future__ import annotations

import sys
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

EXPORTS = Path(__file__).parent / "runs" / "model"
STARTS = ("The ", "If the ", "A class ")


def latest(exports: Path) -> Path:
    """The folder of the last step that a run has exported."""
    folders = [one for one in exports.glob("global_step_*") if one.is_dir()]
    if not folders:
        sys.exit(f"there is no model in {exports}: train one first")
    return max(folders, key=lambda one: int(one.name.rpartition("_")[2]))


def main(arguments: list[str]) -> None:
    """Prints what the model makes of each text."""
    folder = Path(arguments[0]) if arguments else latest(EXPORTS)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True).eval()
    torch.manual_seed(1)
    for start in arguments[1:] or STARTS:
        given = tokenizer(start, return_tensors="pt")
        written = model.generate(
            given["input_ids"],
            attention_mask=given["attention_mask"],
            pad_token_id=tokenizer.eos_token_id,
            max_new_tokens=48,
            do_sample=True,
            temperature=0.5,
        )
        print("  | " + " ".join(tokenizer.decode(written[0]).split()))


if __name__ == "__main__":
    main(sys.argv[1:])

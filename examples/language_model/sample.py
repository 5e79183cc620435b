"""Asks the model questions: ``python examples/language_model/sample.py [FOLDER] [QUESTION ...]``.

The folder is one that the checkpoint engine ``huggingface`` has written. Nothing else of the
training is needed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from transformers import AutoModelForCausalLM, AutoTokenizer

EXPORTS = Path(__file__).parent / "runs" / "model"
QUESTIONS = (
    "What does json.loads do?",
    "What does logging.Logger.warning do?",
    "What does urllib.parse.quote do?",
)


def latest(exports: Path) -> Path:
    """The folder of the last step that a run has exported."""
    folders = [one for one in exports.glob("global_step_*") if one.is_dir()]
    if not folders:
        sys.exit(f"there is no model in {exports}: train one first")
    return max(folders, key=lambda one: int(one.name.rpartition("_")[2]))


def main(arguments: list[str]) -> None:
    """Prints each question with the model's answer."""
    folder = Path(arguments[0]) if arguments else latest(EXPORTS)
    tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    model = AutoModelForCausalLM.from_pretrained(folder, local_files_only=True).eval()
    for question in arguments[1:] or QUESTIONS:
        asked = tokenizer.apply_chat_template(
            [{"role": "user", "content": question}],
            add_generation_prompt=True,
            return_dict=True,
            return_tensors="pt",
        )
        written = model.generate(
            **asked, pad_token_id=tokenizer.pad_token_id, max_new_tokens=48, do_sample=False
        )
        new = written[0, asked["input_ids"].shape[1] :]
        print(f"  | {question} {tokenizer.decode(new, skip_special_tokens=True).strip()}")


if __name__ == "__main__":
    main(sys.argv[1:])

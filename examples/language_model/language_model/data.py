"""The data factory: questions about Python's library, answered by its docstrings."""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path

from datasets import Dataset

from arctic_codegen import rank_zero
from arctic_codegen.blocks import DataFactory, SFTDataConfig, SFTDataFactory

Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class HelpConfig(SFTDataConfig):
    """Additional fields of the recipe."""

    packages: list[str] = ["json"]
    """The packages of Python's standard library that the questions are about."""
    shortest: int = 20
    """The minimum length of an answer in characters; shorter ones are left out."""


def documented(body: Sequence[ast.stmt], outer: str) -> Iterator[tuple[str, str]]:
    """The public classes and functions of a module, and the start of their docstrings."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            name = f"{outer}.{node.name}"
            about = ast.get_docstring(node)
            if about:
                yield name, about.partition("\n\n")[0]
            if isinstance(node, ast.ClassDef):
                yield from documented(node.body, name)


def questions(package: str) -> Iterator[list[dict[str, str]]]:
    """Conversations about a package. Its sources are read, but not executed."""
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        for path in sorted(Path(folder).glob("*.py")):
            module = package if path.stem == "__init__" else f"{package}.{path.stem}"
            for name, answer in documented(ast.parse(path.read_bytes()).body, module):
                asked = {"role": "user", "content": f"What does {name} do?"}
                yield [asked, {"role": "assistant", "content": answer}]


def on_one_line(self: DataFactory, dataset: Dataset) -> Dataset:
    """Joins the lines of all messages."""
    joined = [
        [{**one, "content": " ".join(one["content"].split())} for one in messages]
        for messages in dataset["messages"]
    ]
    return Dataset.from_dict({"messages": joined})


@rank_zero
def tell_samples(self: DataFactory, split: tuple[Dataset, Dataset]) -> tuple[Dataset, Dataset]:
    """Prints the size of the data, on one rank."""
    train, held_out = split
    packed = sum(positions.count(0) for positions in train["position_ids"])
    print(
        f"data    {packed:,} questions in {len(train)} samples to train on,"
        f" {len(held_out)} samples held out"
    )
    return split


class HelpData(SFTDataFactory):
    """Questions about packages of Python's standard library."""

    name = "help"
    config: HelpConfig
    callbacks = [
        ("post-load", on_one_line),
        ("post-split-data", tell_samples),
    ]

    def load(self, data_sources: Sequence[Path]) -> Dataset:
        asked = [one for package in self.config.packages for one in questions(package)]
        return Dataset.from_dict({"messages": asked})

    def pre_process_callback(self, dataset: Dataset) -> Dataset:
        """Leaves out answers that are too short."""
        shortest = self.config.shortest
        kept = [one for one in dataset["messages"] if len(one[-1]["content"]) >= shortest]
        return Dataset.from_dict({"messages": kept})

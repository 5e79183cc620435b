"""What writing the bodies of callbacks into the methods would win, and for which it could be done.

    python benchmarks/inlining.py [--rounds N]

Each event is called in two forms: with its callbacks called, as they are compiled, and with their
bodies written out. The bodies count calls in an attribute, or do nothing at all, which is the most
that can be won; the event does nothing either. What is won is then compared with a training step
of the smallest model in `examples/`, for one sample: no step of a training takes less.

Then the callbacks of the example, of ArcticTraining and of the documentation's projects are looked
at: a body can stand in a method where it returns at its end alone, is no closure, generator or
coroutine, does not call itself, and uses no ``super()``, ``global`` or ``locals()``. What else
could stand in the way (names that are bound twice, or hidden by others) is not looked for, so that
the share is an upper bound.

A line of JSON is printed for each. There are no bounds: ADR 17 says what follows.
"""

from __future__ import annotations

import ast
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from calling import Pair, finish, in_turns, options, row  # type: ignore[import-not-found]
from starting import output_of  # type: ignore[import-not-found]

COUNTS = (1, 4, 16)
BODIES = {"counting": ("self.seen += 1",), "doing nothing": ()}
ROOT = Path(__file__).resolve().parent.parent
PAGE = ("page_functions", "page_inheritance", "page_adding", "page_append", "page_building_blocks")


def module(count: int, body: tuple[str, ...], *, written_out: bool) -> str:
    """A trainer with so many callbacks on each side of its step, in one of the two forms."""
    lines = ["class Source:", "    seen = 0", "    def step(self, batch):", "        return batch"]
    for phase, value in (("pre", "batch"), ("post", "value")):
        for i in range(count):
            lines.append(f"def {phase}_{i}(self, {value}):")
            lines += [f"    {statement}" for statement in body]
            lines.append(f"    return {value}")
    lines += ["class Trainer(Source):", "    def step(self, batch):"]
    for i in range(count):
        calls = [f"batch = pre_{i}(self, batch)"]
        lines += [f"        {statement}" for statement in (body if written_out else calls)]
    lines.append("        value = Source.step(self, batch)")
    for i in range(count):
        calls = [f"value = post_{i}(self, value)"]
        lines += [f"        {statement}" for statement in (body if written_out else calls)]
    return "\n".join([*lines, "        return value", ""])


def trainers(count: int, body: tuple[str, ...]) -> tuple[Any, Any]:
    """An object of each form: bodies written out, and calls."""
    made = []
    for written_out in (True, False):
        space: dict[str, Any] = {}
        exec(compile(module(count, body, written_out=written_out), "<trainers>", "exec"), space)
        made.append(space["Trainer"]())
    return made[0], made[1]


def training_step() -> Any:
    """A step of the example's model: forward, backward, and the optimizer's."""
    import torch
    import yaml
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(0)
    torch.set_num_threads(1)
    recipe = yaml.safe_load((ROOT / "examples/language_model/recipe.yaml").read_text())
    shape = dict(recipe["model"]["hf_config"])
    shape.pop("model_type")
    vocabulary = recipe["tokenizer"]["vocab_size"]
    model = LlamaForCausalLM(LlamaConfig(vocab_size=vocabulary, **shape))  # type: ignore[no-untyped-call,unused-ignore]
    optimizer = torch.optim.AdamW(model.parameters())

    def step(batch: Any) -> Any:
        loss = model(input_ids=batch, labels=batch).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        return loss

    # The smallest batch there is: one sample, so that calls weigh as much as they ever do.
    return step, torch.randint(0, vocabulary, (1, recipe["data"]["max_length"]))


def projects(folder: Path) -> dict[str, tuple[Path, str]]:
    """Where ``list`` is run, and with which sources."""
    found = {"example": (ROOT / "examples/language_model", "language_model")}
    found["ArcticTraining"] = (folder, "arctic_training")
    for case in PAGE:
        found[case] = (ROOT / "tests/cases" / case / "project", "my_project")
    return {name: place for name, place in found.items() if place[0].is_dir()}


def callbacks(root: Path, sources: str, folder: Path) -> set[tuple[str, int]]:
    """The callbacks of a project: files and lines."""
    config = folder / "pyproject.toml"
    config.write_text(
        f"""
[tool.arctic-codegen]
sources = [{json.dumps(sources)}]
src = [{json.dumps(str(root))}]
semantics = "documented"
"""
    )
    command = [sys.executable, "-m", "arctic_codegen", "list", "--format", "json", "--no-cache"]
    listed = json.loads(output_of(command, folder))
    return {
        (str(folder / callback["path"]), callback["line"])
        for one in listed["classes"]
        for event in one["events"]
        for callback in event["callbacks"]
    }


def can_be_written_out(path: str, line: int) -> bool:
    """Whether the body of the function or lambda on a line could stand in another."""
    tree = ast.parse(Path(path).read_text(encoding="utf-8"))
    inside: set[ast.AST] = set()
    chosen: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | None = None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            inside.update(one for one in ast.walk(node) if one is not node)
            if node.lineno == line and chosen is None:
                chosen = node
    if chosen is None or chosen in inside or isinstance(chosen, ast.AsyncFunctionDef):
        return False  # made by another function: it may close over its variables
    if isinstance(chosen, ast.Lambda):
        return True
    returns = [node for node in ast.walk(chosen) if isinstance(node, ast.Return)]
    if any(node is not chosen.body[-1] for node in returns):
        return False
    names = {node.id for node in ast.walk(chosen) if isinstance(node, ast.Name)}
    if names & {"super", "locals", "globals", "__class__", chosen.name}:
        return False
    other = (ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.Await)
    return not any(isinstance(node, other) for node in ast.walk(chosen))


def main() -> int:
    """Measures, counts, and prints."""
    arguments = options(__doc__, 1001)
    rows = []
    step, batch = training_step()
    for count in COUNTS:
        for kind, body in BODIES.items():
            ours, theirs = trainers(count, body)
            found = in_turns(ours.step, theirs.step, arguments.rounds, 500)
            what = f"event doing nothing, {count} on each side {kind}: bodies / calls"
            rows.append(row(what, found, None))
    ours, theirs = trainers(max(COUNTS), BODIES["counting"])
    found = in_turns(ours.step, theirs.step, arguments.rounds, 500)
    taken = in_turns(step, step, max(arguments.rounds // 50, 3), 10, batch)
    won = Pair(found.theirs - found.ours, min(taken))
    what = (
        f"what bodies save at {max(COUNTS)} callbacks on each side / a training step of one sample"
    )
    rows.append(row(what, won, None))
    total, possible = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for root, sources in projects(Path(folder)).values():
            places = callbacks(root, sources, Path(folder))
            total += len(places)
            possible += sum(can_be_written_out(*place) for place in places)
    rows.append(
        {
            "what": "callbacks whose bodies could be written out / all",
            "ratio": round(possible / total, 3),
            "bound": None,
            "counts": [possible, total],
        }
    )
    return int(finish(rows, arguments))


if __name__ == "__main__":
    sys.exit(main())

"""R45: the runtime order matches that of the installed arctic-training, on random classes."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import textwrap

import pytest

from tests.unit.resolve.hosts_support import resolved

pytest.importorskip("arctic_training")

EVENTS = ("load", "process", "split", "create_dataloader", "create-dataloader", "init")
METHODS = ("load", "process", "split", "init")


def module_text(seed: int) -> str:
    """A module of data factories, with lists, methods and later changes."""
    pick = random.Random(seed)
    lines = ["from arctic_training.data.factory import DataFactory"]
    lines += [f"def f{index}(self): ..." for index in range(4)]
    lines += [
        "class Plain:",
        f"    callbacks = [{entry(pick)}]" if pick.random() < 0.5 else "    x = 1",
    ]
    shadows: dict[str, type] = {"DataFactory": type("DataFactory", (), {})}
    shadows["Plain"] = type("Plain", (), {})
    made: list[str] = []
    for index in range(6):
        name = f"C{seed}_{index}"
        bases = pick.sample(made, min(len(made), pick.choice([0, 1, 1, 1, 2]))) or ["DataFactory"]
        bases.sort(key=lambda base: made.index(base) if base in made else -1, reverse=True)
        if pick.random() < 0.15:
            bases.append("Plain")  # the registry follows first bases, so it cannot be first
        try:
            shadows[name] = type(name, tuple(shadows[base] for base in bases), {})
        except TypeError:
            bases = bases[:1]
            shadows[name] = type(name, (shadows[bases[0]],), {})
        lines += [f"class {name}({', '.join(bases)}):", f"    name = {name!r}"]
        if pick.random() < 0.5:
            listed = ", ".join(entry(pick) for _ in range(pick.randrange(4)))
            lines.append(f"    callbacks = [{listed}]")
        for phase in ("pre", "post"):
            for method in METHODS:
                chance = pick.random()
                if chance < 0.2:
                    lines.append(f"    def {phase}_{method}_callback(self): ...")
                elif chance < 0.25:
                    lines.append(f"    {phase}_{method}_callback = None")
        made.append(name)
        if pick.random() < 0.3:
            owner = pick.choice(made)
            if any(f"class {owner}(" in a and "callbacks" in "".join(b) for a, b in bodies(lines)):
                lines.append(f"{owner}.callbacks.append({entry(pick)})")
    return "\n".join(lines) + "\n"


def entry(pick: random.Random) -> str:
    # The runtime recognizes only this event with an underscore.
    event = pick.choice([event for event in EVENTS if event != "create-dataloader"])
    return f'("{pick.choice(["pre", "post"])}-{event}", f{pick.randrange(4)})'


def bodies(lines: list[str]) -> list[tuple[str, list[str]]]:
    found: list[tuple[str, list[str]]] = []
    for line in lines:
        if line.startswith("class "):
            found.append((line, []))
        elif line.startswith("    ") and found:
            found[-1][1].append(line)
    return found


ASK = """
import json, sys
sys.path.insert(0, sys.argv[1])
found = {}
for module in sys.argv[2:]:
    loaded = __import__(module)
    for name, cls in sorted(vars(loaded).items()):
        if name.startswith("C"):
            found[name] = [
                (event.replace("_", "-"), f"{fn.__module__}.{fn.__qualname__}")
                for event, fn in cls._get_all_callbacks()
                if not fn.__module__.startswith("arctic_training")
            ]
print("ASKED" + json.dumps(found))
"""


@pytest.mark.long
def test_R45_the_runtime_order_of_random_classes(tmp_path):
    seeds = range(40)
    texts = {f"at{seed}": module_text(seed) for seed in seeds}
    for name, text in texts.items():
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
    asked = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(ASK), str(tmp_path), *texts],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert asked.returncode == 0, asked.stderr[-2000:]
    wanted = json.loads(asked.stdout.rpartition("ASKED")[2])
    got = resolved(texts)
    assert [one for one in got.findings if one.code not in ("AC405", "AC218", "AC219")] == []
    compared = 0
    for host in got.resolution.hosts:
        if not host.requested:
            continue
        for event in host.events:
            for phase, callbacks in (("pre", event.runtime_pre), ("post", event.runtime_post)):
                assert callbacks is not None
                label = f"{phase}-{event.label}"
                seen = [one.name for one in callbacks if one.declared_in.name != "CallbackMixin"]
                expected = [name for found, name in wanted[host.id.name] if found == label]
                assert seen == expected, f"{host.id} {label}\n{texts[host.id.module]}"
                compared += len(seen)
    assert compared > 500

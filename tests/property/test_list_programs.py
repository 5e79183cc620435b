"""R48: lists of random programs are compiled as Python creates them, or lead to an error."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from tests.harness import Project
from tests.property.lists import ListProgram

RUN = """
import importlib, json, sys
found = {}
for name in sys.argv[1:]:
    try:
        compiled = importlib.import_module(f"generated.app.{name}")
    except ImportError as error:
        found[name] = type(error).__name__
        continue
    source = importlib.import_module(f"app.{name}")
    results = {}
    for cls in [one for one in vars(compiled).values() if hasattr(one, "__arctic_source__")]:
        walked, keys = [], set()
        for owner in reversed(cls.__arctic_source__.__mro__):
            own = vars(owner).get("callbacks", [])
            own = own if getattr(own, "own", True) else []
            here = {(event, id(fn)) for event, fn in own}
            walked += [(event, fn) for event, fn in own if (event, id(fn)) not in keys]
            keys |= here
        logs = []
        for run in ("compiled", "reference"):
            source.LOG.clear()
            made = cls()
            for method in ("step", "done"):
                if run == "compiled":
                    getattr(made, method)()
                else:
                    [fn(made) for event, fn in walked if event == f"pre-{method}"]
                    getattr(cls.__arctic_source__, method)(made)
                    [fn(made) for event, fn in walked if event == f"post-{method}"]
            logs.append(list(source.LOG))
        results[cls.__name__] = logs
    found[name] = results
print(json.dumps(found))
"""


def compare(seeds, folder):
    """Build the programs without findings, and run them. Returns the number of classes compared, of
    programs that the import rejected, and of those that the build rejected."""
    files = {f"app/m{seed}.py": ListProgram(seed).text for seed in seeds}
    project = Project(folder, {"app/__init__.py": "", **files})
    ran = project.build()
    refused = {line.path for line in ran.findings if line.severity == "error"}
    for path in refused:
        (folder / path).unlink()
    project.built()
    kept = [path.stem for path in sorted((folder / "app").glob("m*.py"))]
    done = subprocess.run(
        [sys.executable, "-c", RUN, *kept],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    proved = differing = 0
    for name, results in found.items():
        if isinstance(results, str):
            assert results == "CallbacksDifferError", (name, results)
            differing += 1
            continue
        for cls, (compiled, reference) in results.items():
            assert compiled == reference, (name, cls, (folder / f"app/{name}.py").read_text())
            proved += 1
    return proved, differing, len(refused)


def test_R48_lists_are_compiled_as_python_makes_them_or_not_at_all(tmp_path):
    proved, differing, refused = compare(range(60), tmp_path)
    assert proved > 20
    assert differing
    assert refused < 45


@pytest.mark.long
@pytest.mark.parametrize("first", range(1000, 2000, 250))
def test_R48_many_more_lists(first, tmp_path):
    proved, _, _ = compare(range(first, first + 250), tmp_path)
    assert proved > 80

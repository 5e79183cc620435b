"""The structure of the project: who may import whom, and how long files may be."""

from __future__ import annotations

import ast
import graphlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "arctic_codegen"
LONGEST = 400


def imported(path: Path) -> set[str]:
    """Top-level names of everything that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            found.add((node.module or "").partition(".")[0])
    return found


def importers(name: str) -> set[str]:
    return {
        path.relative_to(PACKAGE).parts[0]
        for path in PACKAGE.rglob("*.py")
        if name in imported(path)
    }


def test_imports_go_one_way():
    done = subprocess.run(
        [Path(sys.executable).parent / "lint-imports", "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_root_of_the_package_has_its_public_faces_alone():
    there = {path.name for path in PACKAGE.iterdir() if path.is_file()}
    faces = {"__init__.py", "__main__.py", "api.py", "testing.py", "py.typed"}
    assert there == {*faces, "_version.py"}


def test_the_building_blocks_know_each_other_in_one_direction():
    """There is no import cycle, not even only for type checkers."""
    uses = {
        f"arctic_codegen.blocks.{path.stem}": modules(path)
        for path in (PACKAGE / "blocks").glob("*.py")
    }
    graph = {name: used & set(uses) for name, used in uses.items()}
    assert sum(map(len, graph.values())) > 40
    order = list(graphlib.TopologicalSorter(graph).static_order())
    assert order.index("arctic_codegen.blocks.run") < order.index("arctic_codegen.blocks._part")


def test_building_blocks_and_build_side_do_without_each_other():
    """Checked in the text of each file, whatever the linter's contracts list."""
    light = {"", "_version", "runtime", "files"}
    for path in PACKAGE.rglob("*.py"):
        used = {name.removeprefix("arctic_codegen").lstrip(".") for name in modules(path)}
        if path.is_relative_to(PACKAGE / "blocks"):
            rooms = {name.partition(".")[0] for name in used}
            assert rooms <= light | {"blocks", "callbacks"}, path
        else:
            assert not any(name.startswith("blocks") for name in used), path


def modules(path: Path) -> set[str]:
    """The modules of the package that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {node.module or "", *(f"{node.module}.{one.name}" for one in node.names)}
    return {
        name
        for name in found
        if (PACKAGE.parent / name.replace(".", "/")).with_suffix(".py").is_file()
        or (PACKAGE.parent / name.replace(".", "/")).is_dir()
        if name.partition(".")[0] == "arctic_codegen"
    }


def test_only_scan_parses_and_only_emit_fills_templates():
    assert importers("libcst") == {"scan"}
    assert importers("jinja2") == {"emit", "blocks"}  # whose chat templates are chosen by the user
    assert importers("yaml") == {"files"}


def test_R1_nothing_imports_or_executes_what_it_reads():
    """There is no `exec`, `eval`, `runpy` or import by name on the build side."""
    allowed = {
        "cli/group.py",  # commands, each imported when it is called
        "emit/ruff_command.py",  # ruff, to find its executable
        "testing.py",  # compiles and loads a class in memory, in the process that created it
        "commands/import_worker.py",  # a separate process, for `check --import`
        "config/toml_places.py",  # tomllib, or tomli on Python 3.10
    }
    for path in PACKAGE.rglob("*.py"):
        name = path.relative_to(PACKAGE).as_posix()
        if name in allowed or name.startswith(("runtime/", "blocks/", "trace/")):
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {
            node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
        }
        names = called & {"exec", "eval", "__import__", "import_module", "exec_module", "run_path"}
        assert not names, f"{name} calls {names}"
        assert "runpy" not in imported(path), name
        assert "arctic_training" not in imported(path), name


def test_files_stay_short():
    lengths = {
        path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8").count("\n")
        for folder in ("arctic_codegen", "benchmarks", "examples")
        for path in (ROOT / folder).rglob("*.py")
        if not {"generated", "runs"} & {*path.parts}  # DeepSpeed leaves a script with a checkpoint
    }
    long = {name: lines for name, lines in lengths.items() if lines > LONGEST}
    print("longer than", LONGEST, "lines:", long)
    assert len(long) <= len(lengths) // 20, f"files should mostly have one idea: {long}"
    assert max(lengths.values()) <= 2 * LONGEST, long


def test_the_first_line_of_a_file_says_what_it_answers():
    """One sentence, on one line: readers scan only these lines."""
    for path in PACKAGE.rglob("*.py"):
        first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")
        assert first[0].endswith((".", "?")), path
        assert first[1:2] in ([], [""]), path

"""Traced runs of compiled classes, through the command line (R63)."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.harness import Project

TRAINER = """
    from __future__ import annotations

    import time

    from arctic_codegen import CallbackMixin, every, optional, rank_zero

    def slow(self: Trainer, batch: int) -> int:
        time.sleep(0.02)
        return batch

    def fail(self: Trainer, total: float) -> float:
        raise ValueError("no disk")

    class Trainer(CallbackMixin):
        seen: list[float] = []
        callbacks = [
            ("pre-step", slow),
            ("pre-step", lambda self, batch: batch + 1),
            ("post-run", optional(rank_zero(fail))),
            ("post-tick", every(3, lambda self: None)),
        ]

        def __init__(self, size: float = 1.5) -> None:
            self.size = size

        def tick(self) -> None:
            self.seen = [*self.seen, 0.1 * len(self.seen)]

        def step(self, batch: int) -> float:
            return batch * self.size

        def run(self) -> float:
            total = 0.0
            for number in range(3):
                total += self.step(number)
                self.tick()
            return total

        def post_step_callback(self, result: float) -> float:
            return result / 3

        def post_init_callback(self) -> None:
            self.size *= 1.1
    """
MAIN = """
    from generated.app.trainers import Trainer

    trainer = Trainer()
    print(repr(trainer.run()), trainer.seen, type(trainer).__name__)
    """
TRACE = (sys.executable, "-m", "arctic_codegen.trace")


@pytest.fixture
def traced(tmp_path):
    return Project(
        tmp_path, {"app/__init__.py": "", "app/trainers.py": TRAINER, "main.py": MAIN}
    ).built()


def events_of(path):
    """A trace as other programs read it: the array is complete."""
    return json.loads(path.read_text())


def calls(events):
    return [event for event in events if event["ph"] == "X"]


def test_R63_a_traced_run_gives_the_values_of_an_untraced_one(traced):
    plain = traced.run(sys.executable, "main.py")
    assert traced.run(*TRACE, "main.py") == plain
    found = calls(events_of(traced.root / "trace.json"))
    counted = Counter((event["args"]["event"], event["cat"], event["name"]) for event in found)
    assert counted == {
        ("__init__", "event", "generated.app.trainers.Trainer.__init__"): 1,
        ("__init__", "method", "app.trainers.Trainer.__init__"): 1,
        ("__init__", "post", "app.trainers.Trainer.post_init_callback"): 1,
        ("run", "event", "generated.app.trainers.Trainer.run"): 1,
        ("run", "method", "app.trainers.Trainer.run"): 1,
        ("run", "post", "app.trainers.fail"): 1,
        ("step", "event", "generated.app.trainers.Trainer.step"): 3,
        ("step", "pre", "app.trainers.slow"): 3,
        ("step", "pre", "app.trainers.Trainer.<lambda>"): 3,
        ("step", "method", "app.trainers.Trainer.step"): 3,
        ("step", "post", "app.trainers.Trainer.post_step_callback"): 3,
        ("tick", "event", "generated.app.trainers.Trainer.tick"): 3,
        ("tick", "method", "app.trainers.Trainer.tick"): 3,
        ("tick", "post", "app.trainers.Trainer.<lambda>"): 1,
    }


def test_R63_events_have_the_fields_of_the_format_and_nest(traced):
    traced.run(*TRACE, "-o", "out/t.json", "main.py")
    found = calls(events_of(traced.root / "out" / "t.json"))
    for event in found:
        assert min(event["ts"], event["dur"] + 1) > 0, event
        assert isinstance(event["pid"], int)
        assert event["tid"] == 0
    slow = [event["dur"] for event in found if event["name"] == "app.trainers.slow"]
    assert all(20_000 <= dur < 2_000_000 for dur in slow), "microseconds"
    for one in found:
        for other in found:
            begins, ends = one["ts"], one["ts"] + one["dur"]
            other_ends = other["ts"] + other["dur"]
            apart = other["ts"] >= ends or other_ends <= begins
            inside = begins <= other["ts"] and other_ends <= ends
            around = other["ts"] <= begins and ends <= other_ends
            assert apart or inside or around, (one, other)


def test_R63_the_table_says_what_each_call_costs(traced):
    done = subprocess.run(
        [*TRACE, "main.py"], cwd=traced.root, capture_output=True, text=True, check=True
    )
    lines = done.stderr.splitlines()
    start = lines.index("Times on the CPU; work queued on a GPU is not waited for.")
    table = [line.split() for line in lines[start + 1 :]]
    assert table[0][:5] == ["calls", "total", "mean", "max", "share"]
    assert table[1][-1] == "Trainer.run"
    step = next(n for n, row in enumerate(table) if row[-1] == "Trainer.step")
    dearest = table[step + 1]
    assert dearest[-2:] == ["pre", "app.trainers.slow"]
    assert dearest[0] == "3"
    assert float(dearest[7].rstrip("%")) > 90
    again = traced.cli("trace", "table", "trace.json")
    assert again.stdout.splitlines() == lines[start:-1]


def test_R63_nothing_on_disk_changes_and_tracebacks_stay(traced):
    before = {path: path.read_bytes() for path in (traced.root / "generated").rglob("*.py")}
    failing = (
        "from generated.app.trainers import Trainer\n"
        "trainer = Trainer()\n"
        "trainer.size = None\n"
        "trainer.step(1)\n"
    )
    traced.write({"failing.py": failing})
    plain = traced.run(sys.executable, "failing.py", ok=False)
    told = traced.run(*TRACE, "failing.py", ok=False)
    frames = plain[plain.index('  File "') :].splitlines()[1:]
    assert "\n".join(frames) in told
    assert "generated/app/trainers.py" in told
    assert before == {path: path.read_bytes() for path in (traced.root / "generated").rglob("*.py")}
    assert traced.cli("build", "--check").code == 0


def test_R63_an_untraced_run_imports_nothing_of_it(traced):
    told = traced.python(
        """
        import sys, generated.app.trainers as trainers
        print([name for name in sys.modules if name.startswith("arctic_codegen.trace")])
        print([name for name in vars(trainers) if name.startswith("_arctic")])
        """
    )
    assert told.split() == ["[]", "[]"]


def test_R63_single_events_are_limited_and_totals_are_not(traced):
    traced.run(*TRACE, "--max-events", "4", "main.py")
    events = events_of(traced.root / "trace.json")
    assert len(calls(events)) == 4
    totals = events[-1]["args"]["sites"]
    assert {(one["name"], one["calls"]) for one in totals} >= {
        ("app.trainers.slow", 3),
        ("generated.app.trainers.Trainer.tick", 3),
    }


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_R63_no_run_fails_because_its_trace_cannot_be_written(traced, monkeypatch):
    plain = traced.run(sys.executable, "main.py")
    monkeypatch.setenv("ARCTIC_CODEGEN_TRACE", "/dev/full")
    done = subprocess.run(
        [sys.executable, "main.py"], cwd=traced.root, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout) == (0, plain)
    assert done.stderr.count("warning: /dev/full cannot be written: No space left on device\n") == 1
    assert "Exception ignored" not in done.stderr
    assert "app.trainers.slow" in done.stderr, "the table"


def test_R63_a_killed_run_leaves_a_trace_that_can_be_read(traced):
    traced.write(
        {
            "endless.py": """
            import time
            from generated.app.trainers import Trainer
            trainer = Trainer()
            for _ in range(10_000):
                trainer.step(1)
            """
        }
    )
    running = subprocess.Popen([*TRACE, "endless.py"], cwd=traced.root)
    path = traced.root / "trace.json"
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and not (path.exists() and path.stat().st_size > 500):
        time.sleep(0.1)
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert not path.read_text().rstrip().endswith("]")
    told = traced.cli("trace", "table", "trace.json").stdout
    assert "app.trainers.slow" in told


def test_R63_forked_and_spawned_workers_have_files_of_their_own(traced):
    traced.write(
        {
            "workers.py": """
            import multiprocessing
            from generated.app.trainers import Trainer

            def work(number):
                return Trainer().step(number)

            if __name__ == "__main__":
                trainer = Trainer()
                for number in range(5):
                    trainer.tick()
                for kind in ("fork", "spawn"):
                    worker = multiprocessing.get_context(kind).Process(target=work, args=(1,))
                    worker.start()
                    worker.join()
                    assert worker.exitcode == 0
            """
        }
    )
    traced.run(*TRACE, "workers.py")
    found = {}
    for path in sorted(traced.root.glob("trace*.json")):
        found[path.name] = Counter(event["args"]["event"] for event in calls(events_of(path)))
    own = found.pop("trace.json")
    assert own["tick"] == 11
    assert not own["step"]
    assert len(found) == 2
    for name, counted in found.items():
        assert name.startswith("trace.rank0.worker")
        assert counted == {"__init__": 3, "step": 5}, "nothing of its parent"


def test_R63_ranks_write_files_that_are_merged_on_one_clock(traced):
    for rank in "01":
        traced.run(*TRACE, "-o", "t.json", "main.py", env={"RANK": rank})
    assert traced.cli("trace", "merge", "t.json", "t.rank1.json", "-o", "all.json").code == 0
    events = events_of(traced.root / "all.json")
    names = [e["args"]["name"] for e in events if e["name"] == "process_name"]
    assert names == ["rank 0", "rank 1"]
    first, second = ([e for e in calls(events) if e["pid"] == pid] for pid in (0, 1))
    assert min(e["ts"] for e in first) == 0
    assert max(e["ts"] + e["dur"] for e in first) < min(e["ts"] for e in second), "run in turn"
    assert {e["name"] for e in first} - {e["name"] for e in second} == {"app.trainers.fail"}


def test_R63_tasks_that_take_turns_do_not_share_a_line(tmp_path):
    p = Project(
        tmp_path,
        {
            "app/trainers.py": """
            import asyncio
            from arctic_codegen import CallbackMixin

            class Trainer(CallbackMixin):
                async def step(self, batch: int) -> int:
                    await asyncio.sleep(0.01)
                    return batch

                async def post_step_callback(self, result: int) -> int:
                    return result + 1
            """,
            "main.py": """
            import asyncio
            from generated.app.trainers import Trainer

            async def main() -> None:
                print(await asyncio.gather(*(Trainer().step(n) for n in range(3))))

            asyncio.run(main())
            """,
        },
    ).built()
    assert p.run(*TRACE, "main.py") == "[1, 2, 3]\n"
    found = calls(events_of(p.root / "trace.json"))
    assert len({event["tid"] for event in found if event["cat"] == "event"}) == 3


def test_R63_modules_and_their_options_are_passed_on(traced):
    traced.write(
        {
            "train.py": """
            import sys
            from generated.app.trainers import Trainer
            print(__name__, sys.argv[1:])
            Trainer()
            sys.exit(3)
            """
        }
    )
    done = subprocess.run(
        [*TRACE, "-o", "t.json", "-m", "train", "-o", "x", "--nvtx"],
        cwd=traced.root,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 3
    assert done.stdout == "__main__ ['-o', 'x', '--nvtx']\n"
    assert (traced.root / "t.json").exists()


def test_R63_classes_compiled_in_memory_are_traced(traced):
    traced.write(
        {
            "memory.py": """
            from app.trainers import Trainer
            from arctic_codegen.testing import compiled

            compiled(Trainer)().step(1)
            """
        }
    )
    traced.run(*TRACE, "memory.py")
    found = calls(events_of(traced.root / "trace.json"))
    assert "app.trainers.slow" in {event["name"] for event in found}


def test_R63_ranges_of_the_torch_profiler(traced):
    traced.write(
        {
            "profiled.py": """
            from torch.profiler import ProfilerActivity, profile
            from generated.app.trainers import Trainer

            with profile(activities=[ProfilerActivity.CPU]) as found:
                Trainer().step(1)
            print(sorted(one.key for one in found.key_averages() if "app." in one.key))
            """
        }
    )
    told = traced.run(*TRACE, "--torch-profiler", "profiled.py")
    for name in ("app.trainers.slow", "app.trainers.Trainer.step"):
        assert repr(name) in told


def test_R63_classes_of_one_name_are_kept_apart_and_a_module_loaded_twice_adds_up(tmp_path):
    text = """
    import time
    from arctic_codegen import CallbackMixin

    def slow(t: object) -> None:
        time.sleep(0.01)

    class Same(CallbackMixin):
        callbacks = [("post-step", slow)]

        def step(self) -> None: ...
    """
    main = """
    import importlib
    import generated.app.a as a, generated.app.b as b
    a.Same().step()
    importlib.reload(a).Same().step()
    b.Same().step()
    """
    files = {"app/__init__.py": "", "app/a.py": text, "app/b.py": text, "main.py": main}
    p = Project(tmp_path, files).built()
    p.run(*TRACE, "main.py")
    rows = [line.split() for line in p.cli("trace", "table", "trace.json").stdout.splitlines()[2:]]
    assert [(row[0], row[-1]) for row in rows if row[-2] != "method"] == [
        ("2", "generated.app.a.Same.step"),
        ("2", "app.a.slow"),
        ("1", "generated.app.b.Same.step"),
        ("1", "app.b.slow"),
    ]
    shares = [float(row[7].rstrip("%")) for row in rows if row[-1].endswith(".slow")]
    assert all(80 < share <= 100 for share in shares)


def test_R63_the_program_is_main_as_python_makes_it(traced):
    program = """
    import atexit, os, pickle, sys
    from dataclasses import dataclass
    from pathlib import Path
    from generated.app.trainers import Trainer

    @dataclass
    class Config:
        size: int

    def at_end() -> None:
        print(pickle.loads(pickle.dumps(Config(3))), sys.modules["__main__"].Config is Config)

    atexit.register(at_end)
    os.chdir("/")
    print(Path(__file__).exists(), sys.argv[1:], __package__, __spec__ is None)
    Trainer()
    """
    traced.write({"program.py": program, "tools/__init__.py": "", "tools/__main__.py": program})
    for command in (["program.py"], ["-m", "tools"]):
        plain = traced.run(sys.executable, *command, "x")
        assert traced.run(*TRACE, *command, "x") == plain


def test_wrong_use_is_said(traced):
    assert "No module named nothere" in traced.run(*TRACE, "-m", "nothere", ok=False)
    assert "is not a trace" in traced.cli("trace", "table", "main.py").stderr
    assert "cannot read 'gone.json'" in traced.cli("trace", "table", "gone.json").stderr
    traced.run(*TRACE, "main.py")
    same = traced.cli("trace", "merge", "trace.json", "-o", "trace.json")
    assert same.code == 2
    assert "one of the traces to merge" in same.stderr
    assert "No such file or directory" in traced.run(*TRACE, "gone.py", ok=False)


def test_R57_R58_R63_callbacks_are_timed_wherever_they_stand(tmp_path):
    source = """
    from arctic_codegen import CallbackMixin, always, every, on_error, when

    def log(self) -> None: ...

    class T(CallbackMixin):
        number = 0
        callbacks = [
            ("post-step", every(2, log, by="number")),
            ("post-step", when("number", lambda self: None)),
            ("post-step", on_error(lambda self, error: None)),
            ("post-step", always(log)),
        ]

        def step(self) -> None:
            self.number += 1
            if self.number > 3:
                raise ValueError
    """
    main = """
    from generated.app.main import T

    made = T()
    try:
        while True:
            made.step()
    except ValueError:
        print(made.number)
    """
    p = Project(tmp_path, {"app/__init__.py": "", "app/main.py": source, "main.py": main}).built()
    assert p.run(*TRACE, "main.py") == "4\n"
    found = calls(events_of(p.root / "trace.json"))
    counted = Counter((event["cat"], event["name"]) for event in found)
    assert counted == {
        ("event", "generated.app.main.T.step"): 4,
        ("method", "app.main.T.step"): 4,
        ("post", "app.main.log"): 1 + 4,
        ("post", "app.main.T.<lambda>"): 3 + 1,
    }

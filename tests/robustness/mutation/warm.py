"""A process that has collected the tests and loaded the tool, and forks for each mutant.

``python -m tests.robustness.mutation.warm SOCKET STORE`` runs every test once, records in a file
which lines of the mutated modules each test reaches, and then answers requests. For each request it
finds what has changed in the modules, forks, applies the change to the loaded code, and runs the
tests that reach it until one fails: first those that recently killed mutants, then tests of each
file in turn, those that kill many mutants more often and quick ones first. A change that takes
effect at import is tested in a fresh process.
"""

from __future__ import annotations

import ast
import contextlib
import difflib
import gc
import importlib
import json
import os
import re
import resource
import select
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import types
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import msgspec
import pytest

from tests.robustness.mutation import forked
from tests.robustness.mutation.transplant import transplant

ROOT = Path(__file__).parents[3]
CONFIG = Path(__file__).with_name("cosmic-ray.toml")
TESTS = Path(__file__).with_name("tests.txt")
COLD = r"\.(blocks|runtime\.arctic_training|typecheck|recipes|__\w+__)(\.|$)"
"""Modules that no build loads: some of them load PyTorch."""
SECONDS = "ARCTIC_CODEGEN_MUTATION_SECONDS"
"""The limit for the tests of one mutant together, in seconds of processor time without it."""
MEMORY = 8 << 30
Reached = dict[str, set[int]]
"""Line numbers by path."""


def targets() -> list[str]:
    """The modules that are mutated, as paths from the root."""
    config = msgspec.toml.decode(CONFIG.read_text())
    return [str(path) for path in config["cosmic-ray"]["module-path"]]


def arguments() -> list[str]:
    """The arguments for pytest."""
    return shlex.split(TESTS.read_text(), comments=True)


class Statements:
    """The lines of a module, grouped by statement."""

    def __init__(self, text: str) -> None:
        self._first: dict[int, int] = {}
        self.functions: set[int] = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self.functions.update(range(node.body[0].lineno, (node.end_lineno or 0) + 1))
            if isinstance(node, ast.stmt):
                body = getattr(node, "body", None)
                end = body[0].lineno - 1 if body else node.end_lineno or node.lineno
                for line in range(node.lineno, end + 1):
                    self._first[line] = max(node.lineno, self._first.get(line, 0))

    def whole(self, lines: Iterable[int]) -> set[int]:
        """All lines of the statements that contain some of these lines."""
        firsts = {self._first.get(line) for line in lines} - {None}
        return {line for line, first in self._first.items() if first in firsts} | set(lines)


def changed_lines(was: str, now: str) -> set[int]:
    """The lines of ``was`` that are not in ``now``."""
    matcher = difflib.SequenceMatcher(None, was.splitlines(), now.splitlines(), autojunk=False)
    return {
        line
        for tag, start, end, _, _ in matcher.get_opcodes()
        if tag != "equal"
        for line in range(start + 1, max(end, start + 1) + 1)
    }


class Tracer:
    """Records which lines of some files run in this process and in the tool's forks."""

    def __init__(self, paths: Sequence[str], folder: Path) -> None:
        self._names = {str(ROOT / path): path for path in paths}
        self._folder = folder
        self._lines: Reached = {path: set() for path in paths}

    def __call__(self, frame: types.FrameType, event: str, arg: object) -> object:
        path = self._names.get(frame.f_code.co_filename)
        if path is None:
            return None
        self._lines[path].add(frame.f_lineno)
        return self

    def keep(self) -> None:
        """At the end of a fork: store its lines in a file."""
        handle, _ = tempfile.mkstemp(dir=self._folder)
        with open(handle, "w") as file:
            json.dump({path: sorted(lines) for path, lines in self._lines.items()}, file)

    def take(self) -> Reached:
        """The lines reached since the last call."""
        found, self._lines = self._lines, {path: set() for path in self._lines}
        for file in self._folder.iterdir():
            for path, lines in json.loads(file.read_text()).items():
                found[path].update(lines)
            file.unlink()
        return found


class Warm:
    """The pytest plugin that replaces its loop over the tests."""

    def __init__(self, listener: socket.socket, place: Path, store: Path) -> None:
        self._store = store
        self._listener = listener
        self._place = str(place)
        self._folder = place.parent
        self._paths = targets()
        self._was = {path: (ROOT / path).read_text(encoding="utf-8") for path in self._paths}
        self._statements = {path: Statements(text) for path, text in self._was.items()}
        self._seconds: dict[str, float] = {}
        self._reached: dict[str, Reached] = {}
        self._killers: dict[str, deque[str]] = {path: deque(maxlen=20) for path in self._paths}
        self._kills: Counter[str] = Counter()
        self._failed: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed:
            self._failed.append(f"{report.nodeid}\n{report.longreprtext}")

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        for path in sorted((ROOT / "arctic_codegen").rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
            if not re.search(COLD, name):
                importlib.import_module(name)
        reporter = session.config.pluginmanager.getplugin("terminalreporter")
        session.config.pluginmanager.unregister(reporter)  # only this plugin reports tests
        gc.collect()
        gc.freeze()
        if not self._record(session.items):
            return True
        # Modules must not be changed before they are loaded and their lines are recorded.
        self._listener.bind(self._place)
        self._listener.listen()
        print(f"{len(session.items)} tests pass without a mutant", flush=True)
        verdicts: Counter[str] = Counter()
        starter = os.getppid()
        self._listener.settimeout(5)
        while os.getppid() == starter:  # a killed shell ends nothing
            try:
                asked, _ = self._listener.accept()
            except TimeoutError:
                continue
            with asked:
                verdict, told = self._try(session.items, asked)
                with contextlib.suppress(OSError):
                    asked.sendall(f"{verdict}\n{told}".encode())
            verdicts[verdict] += 1
            if not sum(verdicts.values()) % 25:
                print(", ".join(f"{n} {what}" for what, n in sorted(verdicts.items())), flush=True)
        return True

    def _record(self, items: Sequence[pytest.Item]) -> bool:
        """Run every test in a fork, and record its duration and the lines that it reaches.

        Returns whether all tests pass without a mutant. Results that are already known for this
        tree are reused.
        """
        if self._store.exists():
            for line in self._store.read_text().splitlines():
                with contextlib.suppress(ValueError):  # an incomplete line
                    self._note(*json.loads(line))
        lines = self._folder / "lines"
        lines.mkdir()
        tracer = Tracer(self._paths, lines)
        for item in items:
            if item.nodeid in self._seconds:
                continue
            child = os.fork()
            if child == 0:
                with _ending(1):
                    forked.install(tracer.keep)
                    sys.settrace(tracer)  # type: ignore[arg-type]
                    self._run(item)
                    sys.settrace(None)
                    tracer.keep()
                    print("\n".join(self._failed))
                    _end(int(bool(self._failed)))
            _, status, used = os.wait4(child, 0)
            if status:
                print(f"without a mutant, {item.nodeid} does not pass", flush=True)
                return False
            reached = {path: sorted(at) for path, at in tracer.take().items()}
            told = (item.nodeid, used.ru_utime + used.ru_stime, reached)
            with self._store.open("a") as store:
                store.write(json.dumps(told) + "\n")
            self._note(*told)
            self._clear()
        return True

    def _note(self, name: str, seconds: float, reached: dict[str, list[int]]) -> None:
        self._seconds[name] = seconds
        self._reached[name] = {path: set(lines) for path, lines in reached.items()}

    def _clear(self) -> None:
        for folder in (self._folder / "base").glob("*"):
            shutil.rmtree(folder, ignore_errors=True)

    def _run(self, item: pytest.Item) -> None:
        """Set up a test separately: tests do not share fixtures."""
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)

    def _try(self, items: Sequence[pytest.Item], asked: socket.socket) -> tuple[str, str]:
        """The verdict on the current files, and its explanation."""
        changed = {}
        for path, was in self._was.items():
            now = (ROOT / path).read_text(encoding="utf-8")
            if now != was:
                changed[path] = now
                try:
                    compile(now, path, "exec")
                except SyntaxError as error:  # it cannot be imported, so no test could pass
                    return "killed", f"{path}: {error}"
        chosen, at_import = self._chosen(items, changed)
        report = self._folder / "report"
        report.unlink(missing_ok=True)
        child = os.fork()
        if child == 0:
            with _ending(3):
                os.setsid()
                resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
                if at_import or not self._mutate(changed):
                    self._try_fresh(chosen, report)
                self._try_here(chosen, report)
        code = _wait(child, asked)
        self._clear()
        told = report.read_text(encoding="utf-8") if report.exists() else ""
        if code == 3:
            return "fault", told
        if code and told.startswith("tests/"):
            name = told.partition("\n")[0]
            self._kills[name.partition("::")[0]] += 1
            for killers in (self._killers[path] for path in changed):
                if name in killers:
                    killers.remove(name)
                killers.appendleft(name)
        if code < 0:
            told += f"\nended by signal {-code}"
        return ("killed" if code else "lives"), told or f"{len(chosen)} tests passed"

    def _chosen(
        self, items: Sequence[pytest.Item], changed: dict[str, str]
    ) -> tuple[list[pytest.Item], bool]:
        """The tests that can detect the change, and whether it takes effect at import."""
        if not changed:
            return list(items), False
        names = set()
        at_import = False
        for path, now in changed.items():
            statements = self._statements[path]
            lines = changed_lines(self._was[path], now)
            whole = statements.whole(lines)
            if not lines <= statements.functions:
                at_import = True
                whole = set(range(now.count("\n") + 1))
            names |= {name for name, reached in self._reached.items() if reached[path] & whole}
        lately = [name for path in changed for name in self._killers[path]]
        rank = {name: place for place, name in enumerate(lately)}
        reaching = (item for item in items if item.nodeid in names)
        # The quickest are chosen: mostly unit tests can detect a change.
        quickest = sorted(reaching, key=lambda item: self._seconds[item.nodeid])
        found = list(self._within_limit(quickest))
        turn: Counter[str] = Counter()
        order = {}
        for item in found:
            file = item.nodeid.partition("::")[0]
            turn[file] += 1
            order[item.nodeid] = (
                rank.get(item.nodeid, 99),
                turn[file] / (1 + self._kills[file]),
                self._seconds[item.nodeid],
            )
        found.sort(key=lambda item: order[item.nodeid])
        return found, at_import

    def _within_limit(self, items: Iterable[pytest.Item]) -> Iterator[pytest.Item]:
        left = float(os.environ.get(SECONDS, "inf"))
        for item in items:
            if self._seconds[item.nodeid] <= left:
                left -= self._seconds[item.nodeid]
                yield item

    def _mutate(self, changed: dict[str, str]) -> bool:
        return all(
            transplant(sys.modules[path[:-3].replace("/", ".")], self._was[path], now)
            for path, now in changed.items()
        )

    def _try_here(self, chosen: Sequence[pytest.Item], report: Path) -> None:
        forked.install()
        for item in chosen:
            report.write_text(f"{item.nodeid}\nwas not over in time")
            own = self._seconds[item.nodeid]
            signal.setitimer(signal.ITIMER_PROF, forked.CPU_SECONDS + 5 * own)
            self._run(item)
            if self._failed:
                report.write_text(self._failed[0], encoding="utf-8")
                _end(1)
        report.unlink(missing_ok=True)
        _end(0)

    def _try_fresh(self, chosen: Sequence[pytest.Item], report: Path) -> None:
        names = [item.nodeid for item in chosen]
        with report.open("wb") as file:
            command = [sys.executable, "-m", "pytest", "-x", "-p", "no:xdist", *names]
            done = subprocess.run(command, cwd=ROOT, stdout=file, stderr=file)
        _end(1 if done.returncode else 0)


@contextlib.contextmanager
def _ending(code: int) -> Iterator[None]:
    """A fork ends here, whatever happens in it."""
    try:
        yield
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        _end(code)


def _end(code: int) -> NoReturn:
    sys.stdout.flush()
    os._exit(code)


def _wait(child: int, asked: socket.socket) -> int:
    """The child's exit code. If the requester disconnects, the child ends, too."""
    try:
        return _waited(child, asked)
    finally:
        _end_group(child)


def _waited(child: int, asked: socket.socket) -> int:
    while True:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        # The requester has closed its end for writing; an error shows that it has disconnected.
        poll = select.poll()
        poll.register(asked, select.POLLHUP)
        gone = any(event & (select.POLLHUP | select.POLLERR) for _, event in poll.poll(5))
        if gone:
            _end_group(child)
            os.waitpid(child, 0)
            return -signal.SIGKILL
        time.sleep(0.005)


def _end_group(child: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child, signal.SIGKILL)


def main(place: str, store: str) -> int:
    """Answer requests at the socket until terminated; exit code 1 if a test fails without a
    mutant."""
    os.chdir(ROOT)
    # The creator of the socket's folder removes it: a fork of the tool that exits normally would
    # run the exit handlers of this process.
    folder = Path(place).parent
    os.environ["XDG_CACHE_HOME"] = f"{folder}/cache"
    with socket.socket(socket.AF_UNIX) as listener:
        warm = Warm(listener, Path(place), Path(store))
        options = ["-p", "no:xdist", f"--basetemp={folder}/base", *arguments()]
        return int(pytest.main(options, plugins=[warm]))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

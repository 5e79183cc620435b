"""Projects as an attacker would write them."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.harness import CONFIG, ReportedFinding, parse_concise, write_files

START = """
import sys

sys.path.pop(0)
import atexit, resource, shutil

resource.setrlimit(resource.RLIMIT_DATA, (6 << 30, 6 << 30))

atexit.register(lambda: shutil.copyfile("/proc/self/status", ".status"))
from arctic_codegen.cli.main import main

main()
"""
"""Starts the tool like the console script, without the working folder on the search path. At its
end it records its own peak memory: the system would report that of the parent process if it is
higher. A memory limit protects the machine if an attack succeeds.
"""


@dataclass(frozen=True)
class Ended:
    """How a command ended, and its resource usage."""

    code: int
    findings: tuple[ReportedFinding, ...]
    stdout: str
    stderr: str
    seconds: float
    """Processor time, including the system's."""
    megabytes: float


class Hostile:
    """A folder with sources of an attacker."""

    def __init__(self, root: Path, files: Mapping[str, str | bytes], config: str = CONFIG) -> None:
        self.root = root
        write_files(root, {"pyproject.toml": config, "app/__init__.py": "", **files})

    def cli(self, *args: str, timeout: float = 60) -> Ended:
        """Run a command, and measure it."""
        with (
            (self.root / ".stdout").open("w+b") as out,
            (self.root / ".stderr").open("w+b") as err,
        ):
            process = subprocess.Popen(
                [sys.executable, "-c", START, *args],
                cwd=self.root,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
            )
            ends = time.monotonic() + timeout
            while True:
                pid, status, usage = os.wait4(process.pid, os.WNOHANG)
                if pid:
                    break
                if time.monotonic() > ends:
                    process.kill()
                    process.wait()
                    pytest.fail(f"{args} did not end within {timeout} s")
                time.sleep(0.01)
            process.returncode = code = os.waitstatus_to_exitcode(status)
            out.seek(0)
            err.seek(0)
            stdout, stderr = (one.read().decode(errors="replace") for one in (out, err))
        return Ended(
            code,
            parse_concise(stdout),
            stdout,
            stderr,
            usage.ru_utime + usage.ru_stime,
            self._peak(),
        )

    def _peak(self) -> float:
        """The maximum resident size of the last command, in MB."""
        (line,) = (
            line
            for line in (self.root / ".status").read_text().splitlines()
            if line.startswith("VmHWM:")
        )
        return int(line.split()[1]) / 2**10

    def build(self, timeout: float = 60) -> Ended:
        return self.cli("build", "--format", "concise", timeout=timeout)


@pytest.fixture
def hostile(tmp_path: Path) -> Callable[..., Hostile]:
    def make(files: Mapping[str, str | bytes], config: str = CONFIG) -> Hostile:
        return Hostile(tmp_path / "p", files, config)

    return make

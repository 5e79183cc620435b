"""Unusual projects, each generated from a number, so that it can be reproduced."""

from __future__ import annotations

import random
import re
import sysconfig
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from tests.property.projects import generate
from tests.property.test_wrong_projects import spoil

Files = dict[str, bytes]
"""Contents by path, below the project's root."""

_CLASS = re.compile(rb"^class (\w+)(?:\((.*)\))?:$", re.MULTILINE)
_METHOD = re.compile(rb"^    (?:async )?def ([a-z]\w*)\(self", re.MULTILINE)
_ODD = (
    *(b"\0", b"\r", b"\r\n", b"\x0c", b"\t", b"\\\n", b"\xff", b"\xef\xbb\xbf", b"\xe2\x80\xa8"),
    *(
        b'"""',
        b"'",
        b"(",
        b"]",
        b":",
        b";",
        b"*",
        b"@",
        b"lambda: ",
        b"await ",
        b"yield ",
        b"async ",
    ),
    *(
        b"class ",
        b"def ",
        b"import ",
        b"global x\n",
        b"# coding: latin-1\n",
        b"callbacks",
        b"super().",
    ),
    b"\xf0\x9d\x94\x98",
)


def _real_files() -> list[Path]:
    """Modules written by people: the standard library's, and arctic-training's if it is
    installed."""
    folders = [Path(sysconfig.get_path("stdlib"))]
    spec = find_spec("arctic_training")
    found = [path for folder in folders for path in sorted(folder.glob("*.py"))]
    if spec is not None and spec.origin is not None:
        found += sorted(Path(spec.origin).parent.rglob("*.py")) * 2
    return found


_REAL = _real_files()


def with_hosts(text: bytes, rng: random.Random) -> bytes:
    """Real code in which some classes have become host classes, with callbacks of all kinds."""

    def host(found: re.Match[bytes]) -> bytes:
        if rng.random() < 0.3:
            return found[0]
        name, bases = found[1], found[2] or b""
        own = b"CallbackMixin" if not bases else rng.choice([b"CallbackMixin, " + bases, bases])
        inside = text[found.end() : found.end() + 4000].partition(b"\nclass ")[0]
        events = _METHOD.findall(inside) or [b"init"]
        event = rng.choice(events)
        entry = rng.choice([b"lambda self: None", b"print", b"_callback", b"lambda self, x: x"])
        when = rng.choice([b"pre", b"post"])
        lines = [b"class %s(%s):" % (name, own)]
        if rng.random() < 0.7:
            lines.append(b'    callbacks = [("%s-%s", %s)]' % (when, event, entry))
        if rng.random() < 0.4:
            lines.append(b"    def %s_%s_callback(self, *given): return given" % (when, event))
        return b"\n".join(lines)

    text = _CLASS.sub(host, text)
    head = (
        b"from arctic_codegen import CallbackMixin\ndef _callback(self, *values): return values\n"
    )
    at = text.find(b"\nimport ") + 1
    return text[:at] + head + text[at:]


def torn(data: bytes, rng: random.Random) -> bytes:
    """Bytes with parts removed, doubled, moved or replaced."""
    for _ in range(rng.choice((0, 1, 1, 2, 4))):
        if not data:
            break
        start = rng.randrange(len(data))
        end = min(len(data), start + rng.choice((1, 1, 3, 20, 200, 2000)))
        piece = data[start:end]
        to = rng.randrange(len(data))
        data = rng.choice(
            (
                data[:start] + data[end:],
                data[:start] + piece + data[start:],
                data[:start] + rng.choice(_ODD) + data[start:],
                data[:to] + piece + data[to:],
                data[:end],
            )
        )
    return data


def spoiled_project(rng: random.Random) -> Files:
    project = generate(rng.randrange(1_000_000))
    for path in rng.sample(sorted(path for path in project.files if project.files[path]), 2):
        project.files[path] = spoil(project.files[path], rng)
    return {path: text.encode("utf-8", "surrogatepass") for path, text in project.files.items()}


def real_code(rng: random.Random) -> Files:
    files: Files = {"app/__init__.py": b""}
    for number in range(rng.choice((1, 1, 2))):
        data = with_hosts(rng.choice(_REAL).read_bytes(), rng)
        if number and rng.random() < 0.5:
            data = b"from app.m0 import *\n" + data
        files[f"app/m{number}.py"] = torn(data, rng)
    return files


KINDS: tuple[Callable[[random.Random], Files], ...] = (spoiled_project, real_code)


def case(seed: int) -> Files:
    """The project of a number."""
    rng = random.Random(seed)
    return rng.choice(KINDS)(rng)

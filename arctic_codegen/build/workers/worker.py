"""What does a worker do? It scans the files that it is given, until there are no more."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from typing import NoReturn

from arctic_codegen.build.workers.wire import (
    DECLS,
    DIVIDE,
    FINDING,
    NOTHING,
    PACK,
    SIZE,
    Record,
    packed,
    read_at,
    unpacked,
    write_at,
)


class Ends:
    """The files that a worker has open: where tasks come from, what they are about, and for each of
    two workers the memory and the pipe for its results."""

    def __init__(self, tasks: int, given: int, results: tuple[tuple[int, int], ...]) -> None:
        self.tasks = tasks
        self.given = given
        self.results = results

    def all(self) -> list[int]:
        """Every one."""
        return [self.tasks, self.given, *(end for pair in self.results for end in pair)]


def work(ends: Ends) -> NoReturn:
    """The life of a worker. It ends when whoever gives it work has closed the pipe, or is gone."""
    code = 1
    try:
        _detach(ends)
        _serve(ends)
        code = 0
    except OSError:
        pass  # nobody is there to take the result, or there is no room for it
    finally:
        # Nothing of the process that this is a copy of may happen here: no flush, no exit handler.
        os._exit(code)


def _detach(ends: Ends) -> None:
    """Lets go of what belongs to the process that this is a copy of."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    own = set(ends.all())
    for stream in {0, 1, 2} - own:  # where one of them was closed, an end may stand in its place
        os.dup2(nothing, stream)
    mine = {0, 1, 2, *own}
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in mine:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _serve(ends: Ends) -> None:
    # The parser is loaded while nothing is asked yet.
    import msgspec

    from arctic_codegen.build.cache.scans_and_texts import packed as as_kept
    from arctic_codegen.diagnostics.records import Finding
    from arctic_codegen.scan.scanner import scan

    encoder = msgspec.msgpack.Encoder()
    gc.freeze()
    me, second, at = 0, 0, 0
    while True:
        data = os.read(ends.tasks, SIZE)
        if not data:
            break
        number, flags, start, path_length, length = unpacked(data)[0]
        if flags & DIVIDE:
            second = _divided(ends)
            if second == 0:
                me, at = 1, 0
            continue
        path = os.fsdecode(read_at(ends.given, start, path_length))
        found = scan(read_at(ends.given, start + path_length, length), path, compiles=True)
        try:
            result, kept = encoder.encode(found), b""
            kind = FINDING if isinstance(found, Finding) else DECLS
            if flags & PACK and kind == DECLS:
                kept = as_kept(result)
        except (UnicodeEncodeError, msgspec.MsgspecError):
            kind, result, kept = NOTHING, b"", b""
        memory, pipe = ends.results[me]
        write_at(memory, result + kept, at)
        record: Record = (number, kind, at, len(result), len(kept))
        at += len(result) + len(kept)
        os.write(pipe, packed(record))
    if second > 0:
        os.waitpid(second, 0)


def _divided(ends: Ends) -> int:
    """Makes a second worker, where that can be; 0 in that one, its process id in the first."""
    try:
        second = os.fork()
    except OSError:
        return -1
    # Each pipe shows the end of its worker: the other one may not have it open.
    os.close(ends.results[0 if second == 0 else 1][1])
    if second:
        signal.signal(signal.SIGTERM, lambda *_: _end(second))
    return second


def _end(second: int) -> NoReturn:
    """Ends at once, the second worker first: nobody else could wait for it."""
    try:
        os.kill(second, signal.SIGKILL)
        os.waitpid(second, 0)
    finally:
        os._exit(1)

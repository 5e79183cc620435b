"""What does a worker do? It scans the files that it is given, until there are no more."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Sequence
from typing import NoReturn

from arctic_codegen.build.workers.channel import Channel

DECLS, FINDING = "declarations", "finding"
"""What a result is."""


def work(tasks: Sequence[Channel], results: Sequence[Channel]) -> NoReturn:
    """The life of two workers, which take from one channel each: the second is made by the first
    once that has loaded the parser. They end when whoever gives them work has closed these, or is
    gone."""
    code = 1
    try:
        ends = [(one.memory, one.taking) for one in tasks]
        ends += [(one.memory, one.sending) for one in results]
        _detach({end for pair in ends for end in pair})
        _serve(tasks, results)
        code = 0
    except OSError:
        pass  # nobody is there to take the result, or there is no room for it
    finally:
        # Nothing of the process that this is a copy of may happen here: no flush, no exit handler.
        os._exit(code)


def _detach(own: set[int]) -> None:
    """Lets go of what belongs to the process that this is a copy of."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in {0, 1, 2} - own:  # where one of them was closed, an end may stand in its place
        os.dup2(nothing, stream)
    mine = {0, 1, 2, *own}
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in mine:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _serve(tasks: Sequence[Channel], results: Sequence[Channel]) -> None:
    # The parser is loaded while nothing is asked yet.
    import msgspec

    from arctic_codegen.build.cache.scans_and_texts import packed
    from arctic_codegen.diagnostics.records import Finding
    from arctic_codegen.scan.scanner import scan

    encoder = msgspec.msgpack.Encoder()
    gc.freeze()
    second = _second()
    me = 0 if second else 1
    # Its pipe shows the end of a worker: the other one may not have it open.
    os.close(results[1 - me].sending)
    while (task := tasks[me].take()) is not None:
        path, data, pack = task
        found = scan(data, path, compiles=True)
        kind = FINDING if isinstance(found, Finding) else DECLS
        try:
            result = encoder.encode(found)
        except (UnicodeEncodeError, msgspec.MsgspecError):
            result = b""  # it cannot be sent
        results[me].send((kind, result, packed(result) if pack and kind == DECLS else b""))
    if second > 0:
        os.waitpid(second, 0)


def _second() -> int:
    """Makes a second worker; 0 in that one, its process id in the first, -1 where it cannot be."""
    try:
        second = os.fork()
    except OSError:
        return -1
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

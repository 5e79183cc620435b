"""The main loop of a worker: it scans the files that it receives, until there are no more."""

from __future__ import annotations

import contextlib
import gc
import os
import signal
from collections.abc import Sequence
from typing import NoReturn

from arctic_codegen.build.workers.channel import Channel

DECLS, FINDING = "declarations", "finding"
"""The kinds of results."""


def work(tasks: Sequence[Channel], results: Sequence[Channel]) -> NoReturn:
    """Run two workers, each with its own channels: the first forks the second once it has loaded
    the parser. They end when the build closes the channels, or has ended itself."""
    code = 1
    try:
        ends = [(one.memory, one.taking) for one in tasks]
        ends += [(one.memory, one.sending) for one in results]
        _detach({end for pair in ends for end in pair})
        _serve(tasks, results)
        code = 0
    except OSError:
        pass  # no process receives the result, or there is no memory for it
    finally:
        # This is a fork: buffers and exit handlers belong to the parent and must not run here.
        os._exit(code)


def _detach(own: set[int]) -> None:
    """Release the signal handler and the files of the parent process."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in {0, 1, 2} - own:  # a channel has such a number if a stream was closed
        os.dup2(nothing, stream)
    kept = {0, 1, 2, *own}
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in kept:
            with contextlib.suppress(OSError):
                os.close(int(name))


def _serve(tasks: Sequence[Channel], results: Sequence[Channel]) -> None:
    # Load the parser before the first file arrives.
    import msgspec

    from arctic_codegen.build.cache.scans_and_texts import packed
    from arctic_codegen.diagnostics.records import Finding
    from arctic_codegen.scan.scanner import scan

    encoder = msgspec.msgpack.Encoder()
    gc.freeze()
    second = _second()
    me = 0 if second else 1
    # The pipe shows that a worker has ended only if the other worker does not have it open.
    os.close(results[1 - me].sending)
    while (task := tasks[me].take()) is not None:
        path, data, pack = task
        found = scan(data, path, compiles=True)
        kind = FINDING if isinstance(found, Finding) else DECLS
        try:
            result = encoder.encode(found)
        except (UnicodeEncodeError, msgspec.MsgspecError):
            result = b""  # cannot be sent: the build scans the file itself
        results[me].send((kind, result, packed(result) if pack and kind == DECLS else b""))
    if second > 0:
        os.waitpid(second, 0)


def _second() -> int:
    """Fork the second worker: returns 0 in it, its process id in the first, -1 on failure."""
    try:
        second = os.fork()
    except OSError:
        return -1
    if second:
        signal.signal(signal.SIGTERM, lambda *_: _end(second))
    return second


def _end(second: int) -> NoReturn:
    """Exit immediately, after the second worker: no other process can wait for it."""
    try:
        os.kill(second, signal.SIGKILL)
        os.waitpid(second, 0)
    finally:
        os._exit(1)

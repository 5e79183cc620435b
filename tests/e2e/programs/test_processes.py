"""Compiled objects in threads, other processes, copies and generators (R16, R24, R25)."""

from __future__ import annotations

import textwrap

import pytest

from tests.harness import CONFIG, Project

SOURCE = """
import asyncio
from arctic_codegen import CallbackMixin

seen: list[object] = []


def double(self, value): return value * 2
def note(self): seen.append("note")
def fails(self, value): raise KeyError(value)
async def later(self, value):
    await asyncio.sleep(0)
    return value + 1


class Trainer(CallbackMixin):
    callbacks = [("pre-step", double), ("pre-items", note), ("post-wait", later)]

    def __init__(self, size=1):
        self.size = size
        self.count = 0

    def pre_init_callback(self, size): self.before = "before"; return size
    def post_init_callback(self): self.after = "after"

    def step(self, value):
        self.count += 1
        return value + self.size

    def post_step_callback(self, value): return value + 100

    def items(self, n):
        try:
            yield from range(n)
        finally:
            seen.append("closed")

    async def stream(self, n):
        try:
            for item in range(n):
                yield item
                await asyncio.sleep(0)
        finally:
            seen.append("stream closed")

    def pre_stream_callback(self, n): return n + 1

    async def wait(self, value):
        try:
            await asyncio.sleep(0.01 * value)
        except asyncio.CancelledError:
            seen.append("cancelled")
            raise
        return value

    def pre_wait_callback(self, value): return value


class Failing(Trainer):
    callbacks = [("pre-step", fails)]


class FailingLate(Trainer):
    callbacks = [("post-step", fails)]


def at(place):
    seen.append(place)
    if place == fail_at: raise KeyError(place)


fail_at = ""


class Steps(CallbackMixin):
    callbacks = [
        ("pre-step", lambda self: at("pre 1")),
        ("pre-step", lambda self: at("pre 2")),
        ("post-step", lambda self: at("post 1")),
        ("post-step", lambda self: at("post 2")),
    ]

    def __init__(self): at("init")
    def pre_init_callback(self): at("pre-init")
    def post_init_callback(self): at("post-init")
    def step(self) -> None: at("step")
    def pre_step_callback(self): at("pre 3")
    def post_step_callback(self): at("post 3")


class Slotted(CallbackMixin):
    __slots__ = ("a",)

    def __init__(self): self.a = 1
    def step(self): return self.a
    def post_step_callback(self, value): return value + 1
"""

HEAD = """
import asyncio, copy, gc, pickle, sys, threading, weakref
from generated.app.main import Failing, FailingLate, Slotted, Trainer
from app import main
"""

PROGRAMS = {
    "threads": (
        """
        found = []
        def work(number):
            trainer = Trainer(number)
            found.append([trainer.step(n) for n in range(200)] == [2 * n + number + 100 for n in range(200)])
        shared = Trainer()
        def share():
            for n in range(200):
                if shared.step(n) != 2 * n + 101: found.append(False)
        threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
        threads += [threading.Thread(target=share) for _ in range(4)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(found == [True] * 8)
        """,
        "True",
    ),
    "fork": (
        """
        import os
        trainer = Trainer(3)
        read, write = os.pipe()
        if os.fork() == 0:
            os.write(write, str(trainer.step(2)).encode()); os._exit(0)
        os.wait()
        print(os.read(read, 9).decode(), trainer.count)
        """,
        "107 0",
    ),
    "pickled": (
        """
        trainer = Trainer(3); trainer.step(1)
        for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
            again = pickle.loads(pickle.dumps(trainer, protocol))
            assert type(again) is Trainer and vars(again) == vars(trainer)
            assert again.step(2) == 107
        assert pickle.loads(pickle.dumps(Trainer)) is Trainer
        bound = pickle.loads(pickle.dumps(trainer.step))
        slotted = pickle.loads(pickle.dumps(Slotted(), 2))
        print(bound(2), bound.__self__.count, slotted.step())
        """,
        "107 2 2",
    ),
    "copied": (
        """
        trainer = Trainer(3); trainer.extra = [1]
        near, far = copy.copy(trainer), copy.deepcopy(trainer)
        assert type(near) is type(far) is Trainer
        assert near.extra is trainer.extra and far.extra is not trainer.extra
        far.size = 50
        print(near.step(2), far.step(2), trainer.step(2), copy.deepcopy(Slotted()).step())
        """,
        "107 154 107 2",
    ),
    "a subclass by type()": (
        """
        def step(self, value): return "own", Trainer.step(self, value)
        Sub = type("Sub", (Trainer,), {"step": step, "__module__": "elsewhere"})
        print(Sub(1).step(2), Sub.callbacks == Trainer.callbacks, isinstance(Sub(1), main.Trainer))
        """,
        "('own', 105) True True",
    ),
    "reloaded": (
        """
        import importlib, generated.app.main as compiled
        old = Trainer(1)
        again = importlib.reload(compiled)
        assert again.Trainer is not Trainer
        print(old.step(1), again.Trainer(1).step(1), isinstance(again.Trainer(1), main.Trainer))
        """,
        "103 103 True",
    ),
    "a generator that is left": (
        """
        left = Trainer().items(5)
        next(left); left.close()
        assert main.seen == ["note", "closed"], main.seen
        thrown = Trainer().items(5); next(thrown)
        try: thrown.throw(KeyError("x"))
        except KeyError as error: print("thrown", error)
        never = Trainer().items(5); del never; gc.collect()
        print(main.seen[:], list(Trainer().items(3)))
        """,
        "thrown 'x'\n['note', 'closed', 'note', 'closed', 'note'] [0, 1, 2]",
    ),
    "an async generator that is left": (
        """
        async def run():
            got = []
            stream = Trainer().stream(5)
            async for item in stream:
                got.append(item)
                if item == 2: break
            await stream.aclose()
            return got, [item async for item in Trainer().stream(1)]
        print(asyncio.run(run()), main.seen)
        """,
        "([0, 1, 2], [0, 1]) ['stream closed', 'stream closed']",
    ),
    "a task that is cancelled": (
        """
        async def run():
            trainer = Trainer()
            task = asyncio.create_task(trainer.wait(1000))
            await asyncio.sleep(0)
            task.cancel()
            try: await task
            except asyncio.CancelledError: print("cancelled")
            try: await asyncio.wait_for(trainer.wait(1000), 0.01)
            except asyncio.TimeoutError: print("late")
            return await asyncio.gather(*(trainer.wait(n) for n in (2, 1, 0)))
        print(asyncio.run(run()), main.seen)
        """,
        "cancelled\nlate\n[3, 2, 1] ['cancelled', 'cancelled']",
    ),
    "callbacks that raise": (
        """
        import traceback
        for kind, runs in ((Failing, 0), (FailingLate, 1)):
            trainer = kind(1)
            for _ in range(3):
                try: trainer.step(2)
                except KeyError as error:
                    frames = [frame.name for frame in traceback.extract_tb(error.__traceback__)]
                    assert frames[-2:] == ["step", "fails"], frames
                    assert error.__cause__ is None and error.__context__ is None
            print(trainer.count == 3 * runs, trainer.after)
        """,
        "True after\nTrue after",
    ),
    "each callback raises": (
        """
        import traceback
        from generated.app.main import Steps
        places = ["pre-init", "init", "post-init", "pre 1", "pre 2", "pre 3", "step"]
        places += ["post 1", "post 2", "post 3"]
        for number, place in enumerate(places):
            main.fail_at = place
            main.seen.clear()
            try: Steps().step()
            except KeyError as error:
                assert error.args == (place,) and error.__context__ is None
                frames = traceback.extract_tb(error.__traceback__)
                assert [frame.name for frame in frames][-1] == "at"
            else: print("not raised", place)
            assert main.seen == places[: number + 1], (place, main.seen)
        main.fail_at = ""
        main.seen.clear()
        Steps().step()
        print(main.seen == places)
        """,
        "True",
    ),
    "given back": (
        """
        trainer = Trainer(); trainer.step(1)
        there = weakref.ref(trainer)
        del trainer
        print(there())
        failing = Failing()
        try: failing.step(1)
        except KeyError: pass
        there = weakref.ref(failing); del failing
        print(there())
        """,
        "None\nNone",
    ),
    "a million calls": (
        """
        trainer, failing = Trainer(), Failing()
        def calls(n):
            for value in range(n):
                trainer.step(value)
                try: failing.step(value)
                except KeyError: pass
        def objects(n):
            for _ in range(n): Trainer(); copy.copy(trainer)
        calls(1000); objects(100); gc.collect()
        before = sys.getallocatedblocks()
        calls(500_000); objects(2_000); gc.collect()
        print(sys.getallocatedblocks() - before < 500)
        """,
        "True",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    root = tmp_path_factory.mktemp("processes")
    return Project(root, {"app/__init__.py": "", "app/main.py": SOURCE}, CONFIG).built()


@pytest.mark.parametrize("name", PROGRAMS)
def test_as_any_object(built, name):
    program, expected = PROGRAMS[name]
    assert built.python(HEAD + textwrap.dedent(program)).strip() == expected


SPAWNED = """
import multiprocessing
from generated.app.main import Trainer


def work(trainer):
    return trainer.step(2), type(trainer).__module__, vars(trainer)


if __name__ == "__main__":
    for method in ("spawn", "forkserver", "fork"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            print(method, pool.map(work, [Trainer(1), Trainer(2)])[1])
"""


def test_to_other_processes_and_back(built):
    """Arguments of a pool are pickled; a spawned process imports the compiled module itself."""
    built.write({"spawning.py": SPAWNED})
    out = built.python("import runpy; runpy.run_path('spawning.py', run_name='__main__')")
    values = (
        "(106, 'generated.app.main', {'before': 'before', 'size': 2, 'count': 1, 'after': 'after'})"
    )
    assert out.splitlines() == [f"{method} {values}" for method in ("spawn", "forkserver", "fork")]

"""The record of look-ups, and the memo that keeps the reads behind each answer.

An answer from the memo counts again while a record is taken, so each answer keeps a node of
the reads that it was made from. Nodes form a graph, which is only walked when a record ends.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple, TypeVar

from arctic_codegen.model.hosts import Environment, Read

T = TypeVar("T")


class Node:
    """The reads of one answer, and the nodes of the answers that it was made from."""

    __slots__ = ("absent", "children", "platform", "python_version", "reads")

    def __init__(self) -> None:
        self.reads: set[Read] = set()
        self.children: dict[Node, None] = {}
        self.absent: set[str] = set()
        self.python_version = False
        self.platform = False


def reads_in(nodes: Iterable[Node]) -> frozenset[Read]:
    """What was read behind these answers, and of the modules that were absent that they were."""
    found: set[Read] = set()
    pending = list(nodes)
    seen = set(pending)
    while pending:
        node = pending.pop()
        found |= node.reads
        found.update(Read(module, "") for module in node.absent)
        fresh = [child for child in node.children if child not in seen]
        seen.update(fresh)
        pending.extend(fresh)
    return frozenset(found)


class Recorder:
    """Writes down what is looked up, whoever asks."""

    def __init__(self) -> None:
        self._root = Node()
        self._stack: list[Node] = [self._root]

    def start(self) -> None:
        """A new record begins; what was read before is no part of it."""
        self._root = Node()
        self._stack = [self._root]

    def stop(self) -> tuple[tuple[Read, ...], Environment]:
        """What was read since the start, sorted; the record is empty afterwards."""
        reads: set[Read] = set()
        absent: set[str] = set()
        python_version = platform = False
        seen = {self._root}
        pending = [self._root]
        while pending:
            node = pending.pop()
            reads |= node.reads
            absent |= node.absent
            python_version |= node.python_version
            platform |= node.platform
            fresh = [child for child in node.children if child not in seen]
            seen.update(fresh)
            pending.extend(fresh)
        self.start()
        return tuple(sorted(reads)), Environment(python_version, platform, tuple(sorted(absent)))

    @contextmanager
    def into(self, node: Node) -> Iterator[None]:
        """What is read inside goes into ``node``, and counts for whoever is reading outside."""
        self.enter(node)
        try:
            yield
        finally:
            self.leave()

    def enter(self, node: Node) -> None:
        """As :meth:`into`, up to :meth:`leave`, for those who come by often."""
        self._stack[-1].children[node] = None
        self._stack.append(node)

    def leave(self) -> None:
        """Ends what :meth:`enter` began."""
        self._stack.pop()

    def touch(self, node: Node) -> None:
        """An answer that was made from ``node`` has been given again."""
        self._stack[-1].children[node] = None

    def read(self, module: str, name: str, body: bool = False) -> None:
        """A name of a module was looked up, found or not."""
        self._stack[-1].reads.add(Read(module, name, body))

    def ruled_out(self, module: str, name: str) -> None:
        """A module's bytes have shown that a star import does not bring a name."""
        self._stack[-1].reads.add(Read(module, name, ruled_out=True))

    def absent(self, module: str) -> None:
        """A branch was decided by the absence of a module."""
        self._stack[-1].absent.add(module)

    def python_version(self) -> None:
        """A branch looked at the version of Python."""
        self._stack[-1].python_version = True

    def platform(self) -> None:
        """A branch looked at the platform."""
        self._stack[-1].platform = True


class Answers:
    """Answers by key that no question inside them asks for again: about classes, on top of names.

    As with :class:`Memo`, what was read for an answer counts for whoever gets it once more.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._known: dict[Hashable, tuple[Any, Node]] = {}

    def get(self, key: Hashable, compute: Callable[[], T]) -> T:
        """The answer for ``key``; ``compute`` has to follow from names alone, and to keep nothing
        to itself that was read for another answer."""
        known = self._known.get(key)
        if known is not None:
            self._recorder.touch(known[1])
            answer: T = known[0]
            return answer
        node = Node()
        self._recorder.enter(node)
        try:
            answer = compute()
        finally:
            self._recorder.leave()
        self._known[key] = (answer, node)
        return answer


_MOST_TURNS = 5000


class TooTangled(RecursionError):
    """Names go in so many circles that what they mean takes for ever to find out."""


class _Held(NamedTuple):
    """An answer that holds as long as the questions that it went in a circle to are open."""

    answer: Any
    node: Node
    circles: frozenset[int]
    """The depths of those questions."""


class Memo:
    """Answers by key, each computed once.

    A question that is asked again while it is being answered gets ``cyclic``. What was
    answered on the way there holds only until that question, or one of several, has its answer.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._answers: dict[Hashable, tuple[Any, Node]] = {}
        self._held: dict[Hashable, _Held] = {}
        self._ends: dict[int, list[Hashable]] = {}
        """Which of them hold no longer when the question at a depth has its answer."""
        self._active: dict[Hashable, int] = {}
        self._turns = 0
        """How many answers went in a circle since nothing was open."""
        self._circles: list[set[int]] = []
        """For each open question the depths of those that were asked again below it."""

    def get(self, key: Hashable, compute: Callable[[], T], cyclic: Callable[[], T]) -> T:
        """The answer for ``key``."""
        known = self._answers.get(key)
        if known is not None:
            self._recorder.touch(known[1])
            answer: T = known[0]
            return answer
        depth = self._active.get(key)
        if depth is not None:
            self._circles[-1].add(depth)
            return cyclic()
        held = self._held.get(key)
        if held is not None:
            self._recorder.touch(held.node)
            self._circles[-1] |= held.circles
            return held.answer  # type: ignore[no-any-return]
        depth = len(self._active)
        if not depth:
            self._turns = 0
        self._active[key] = depth
        self._circles.append(set())
        node = Node()
        self._recorder.enter(node)
        try:
            answer = compute()
        finally:
            self._recorder.leave()
            del self._active[key]
            circles = frozenset(one for one in self._circles.pop() if one < depth)
            for ended in self._ends.pop(depth, ()):
                self._held.pop(ended, None)
            if circles:
                self._circles[-1] |= circles
        if not circles:
            self._answers[key] = (answer, node)
        else:
            self._turns += 1
            if self._turns > _MOST_TURNS:
                raise TooTangled
            self._held[key] = _Held(answer, node, circles)
            self._ends.setdefault(max(circles), []).append(key)
        return answer

"""The record of look-ups, and the memo that keeps the reads behind each answer.

An answer from the memo counts again while a record is taken, so each answer keeps a node of
the reads that it was made from. Nodes form a graph, which is only walked when a record ends.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

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
        self.touch(node)
        self._stack.append(node)
        try:
            yield
        finally:
            self._stack.pop()

    def touch(self, node: Node) -> None:
        """An answer that was made from ``node`` has been given again."""
        self._stack[-1].children[node] = None

    def read(self, module: str, name: str, body: bool = False) -> None:
        """A name of a module was looked up, found or not."""
        self._stack[-1].reads.add(Read(module, name, body))

    def absent(self, module: str) -> None:
        """A branch was decided by the absence of a module."""
        self._stack[-1].absent.add(module)

    def python_version(self) -> None:
        """A branch looked at the version of Python."""
        self._stack[-1].python_version = True

    def platform(self) -> None:
        """A branch looked at the platform."""
        self._stack[-1].platform = True


class Memo:
    """Answers by key, each computed once.

    A question that is asked again while it is being answered gets ``cyclic``. What was
    answered on the way there holds for that way alone, and is not kept.
    """

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder
        self._answers: dict[Hashable, tuple[Any, Node]] = {}
        self._active: dict[Hashable, int] = {}
        self._head: float = math.inf
        """The depth of the outermost question that was asked again."""

    def get(self, key: Hashable, compute: Callable[[], T], cyclic: Callable[[], T]) -> T:
        """The answer for ``key``."""
        known = self._answers.get(key)
        if known is not None:
            self._recorder.touch(known[1])
            answer: T = known[0]
            return answer
        depth = self._active.get(key)
        if depth is not None:
            self._head = min(self._head, depth)
            return cyclic()
        depth = len(self._active)
        self._active[key] = depth
        node = Node()
        try:
            with self._recorder.into(node):
                answer = compute()
        finally:
            del self._active[key]
            whole = depth <= self._head
            if whole:
                self._head = math.inf
        if whole:
            self._answers[key] = (answer, node)
        return answer

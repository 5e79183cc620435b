"""What is the answer to a query, and what was read for it (as in Salsa)?

All questions about other modules go through :class:`Queries`. An answer keeps a node of the reads
that it depends on, which become reads of every caller. The nodes form a graph, which is traversed
only when all reads of an answer are needed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal, NamedTuple, TypeVar

from arctic_codegen.model.resolution import Environment, Read

T = TypeVar("T")

_MOST_TURNS = 5000


class TooTangled(RecursionError):
    """Definitions depend on each other in too many cycles to be resolved in reasonable time."""


class _Aside(NamedTuple):
    """A dependency of an answer that is not a name."""

    kind: Literal["absent", "body", "list", "python version", "platform"]
    module: str = ""
    name: str = ""


class QueryNode:
    """The reads of one answer, and the nodes of the answers that it is based on."""

    __slots__ = ("children", "reads")

    def __init__(self) -> None:
        self.reads: set[Read | _Aside] = set()
        self.children: dict[QueryNode, None] = {}


class Dependencies(NamedTuple):
    """All reads that some answers depend on."""

    reads: frozenset[Read]
    environment: Environment
    lists: frozenset[tuple[str, str]]
    """Named lists that callbacks are taken from, by module and dotted name."""
    bodies: frozenset[tuple[str, str]]
    """Functions whose bodies were read in full, by module and qualified name."""

    def by_module(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The names looked up in each module, with a ``+`` after a name whose body matters,
        including modules whose absence matters."""
        names: dict[str, set[str]] = {}
        for read in self.reads:
            names.setdefault(read.module, set()).add(f"{read.name}+" if read.body else read.name)
        for module in self.environment.absent_modules:
            names.setdefault(module, set()).add("")
        return tuple((module, tuple(sorted(names[module]))) for module in sorted(names))


def behind(nodes: Iterable[QueryNode]) -> Dependencies:
    """The reads of these nodes and of the answers that they are based on."""
    found: set[Read | _Aside] = set()
    pending = list(nodes)
    seen = set(pending)
    while pending:
        node = pending.pop()
        if node.reads:
            found |= node.reads
        if node.children:
            fresh = node.children.keys() - seen
            seen |= fresh
            pending.extend(fresh)
    aside = [one for one in found if isinstance(one, _Aside)]
    kinds = {one.kind for one in aside}
    absent = tuple(sorted(one.module for one in aside if one.kind == "absent"))
    return Dependencies(
        frozenset(one for one in found if isinstance(one, Read)),
        Environment("python version" in kinds, "platform" in kinds, absent),
        frozenset((one.module, one.name) for one in aside if one.kind == "list"),
        frozenset((one.module, one.name) for one in aside if one.kind == "body"),
    )


class _Held(NamedTuple):
    """A provisional answer, valid while the queries that it cyclically depends on are active."""

    answer: Any
    node: QueryNode
    circles: frozenset[int]
    """The depths of these queries."""


class Queries:
    """Answers by key, each computed once.

    A query that is repeated while it is active gets ``cyclic``. Answers computed below it are
    provisional until that query, or one of several, is complete.
    """

    def __init__(self) -> None:
        self._stack = [QueryNode()]
        self._answers: dict[Hashable, tuple[Any, QueryNode]] = {}
        self._held: dict[Hashable, _Held] = {}
        self._ends: dict[int, list[Hashable]] = {}
        """The provisional answers that expire when the query at a depth completes."""
        self._active: dict[Hashable, int] = {}
        self._turns = 0
        """How many answers were cyclic since no query was active."""
        self._circles: list[set[int]] = []
        """For each active query, the depths of the queries that were repeated below it."""

    # Recording reads.

    def read(self, module: str, name: str, body: bool = False) -> None:
        """Record the look-up of a name in a module, found or not."""
        self._stack[-1].reads.add(Read(module, name, body))

    def ruled_out(self, module: str, name: str) -> None:
        """Record that a module's bytes exclude a name from its star import."""
        self._stack[-1].reads.add(Read(module, name, ruled_out=True))

    def absent(self, module: str) -> None:
        """Record that a branch depends on the absence of a module."""
        self._stack[-1].reads.add(_Aside("absent", module))

    def python_version(self) -> None:
        """Record that a branch depends on the Python version."""
        self._stack[-1].reads.add(_Aside("python version"))

    def platform(self) -> None:
        """Record that a branch depends on the platform."""
        self._stack[-1].reads.add(_Aside("platform"))

    def body_read(self, module: str, qualname: str) -> None:
        """Record that the body of a function was read in full."""
        self._stack[-1].reads.add(_Aside("body", module, qualname))

    def list_used(self, binding: tuple[str, str]) -> None:
        """Record that callbacks are taken from a named list."""
        self._stack[-1].reads.add(_Aside("list", *binding))

    @contextmanager
    def record(self) -> Iterator[QueryNode]:
        """Record the reads inside; they also count for the enclosing recording."""
        node = QueryNode()
        self._stack[-1].children[node] = None
        self._stack.append(node)
        try:
            yield node
        finally:
            self._stack.pop()

    @contextmanager
    def unrecorded(self) -> Iterator[None]:
        """Discard the reads inside: no output depends on them."""
        self._stack.append(QueryNode())
        try:
            yield
        finally:
            self._stack.pop()

    def touch(self, node: QueryNode) -> None:
        """Record that an answer based on ``node`` was reused."""
        self._stack[-1].children[node] = None

    # Answering queries.

    def get(
        self, key: Hashable, compute: Callable[[], T], cyclic: Callable[[], T] | None = None
    ) -> T:
        """The answer for ``key``. Without ``cyclic``, it must not depend on itself."""
        known = self._answers.get(key)
        if known is not None:
            self._stack[-1].children[known[1]] = None
            answer: T = known[0]
            return answer
        depth = self._active.get(key)
        if depth is not None:
            if cyclic is None:
                raise TooTangled
            self._circles[-1].add(depth)
            return cyclic()
        held = self._held.get(key)
        if held is not None:
            self._stack[-1].children[held.node] = None
            self._circles[-1] |= held.circles
            return held.answer  # type: ignore[no-any-return]
        depth = len(self._active)
        if not depth:
            self._turns = 0
        self._active[key] = depth
        self._circles.append(set())
        node = QueryNode()
        self._stack[-1].children[node] = None
        self._stack.append(node)
        try:
            answer = compute()
        finally:
            self._stack.pop()
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

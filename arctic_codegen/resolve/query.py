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
    """Names go in so many circles that what they mean takes for ever to find out."""


class _Aside(NamedTuple):
    """What an answer depends on besides names."""

    kind: Literal["absent", "body", "list", "python version", "platform"]
    module: str = ""
    name: str = ""


class QueryNode:
    """The reads of one answer, and the nodes of the answers that it was made from."""

    __slots__ = ("children", "reads")

    def __init__(self) -> None:
        self.reads: set[Read | _Aside] = set()
        self.children: dict[QueryNode, None] = {}


class Dependencies(NamedTuple):
    """All that was read behind some answers."""

    reads: frozenset[Read]
    environment: Environment
    lists: frozenset[tuple[str, str]]
    """Named lists that callbacks are made of, by module and dotted name."""
    bodies: frozenset[tuple[str, str]]
    """Functions whose bodies were read in full, by module and qualified name."""

    def by_module(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The names that were looked up in each module, with a ``+`` behind one whose body counts;
        modules whose absence counts are among them."""
        names: dict[str, set[str]] = {}
        for read in self.reads:
            names.setdefault(read.module, set()).add(f"{read.name}+" if read.body else read.name)
        for module in self.environment.absent_modules:
            names.setdefault(module, set()).add("")
        return tuple((module, tuple(sorted(names[module]))) for module in sorted(names))


def behind(nodes: Iterable[QueryNode]) -> Dependencies:
    """What was read for these, and for the answers that they were made from."""
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
    """An answer that holds as long as the questions that it went in a circle to are open."""

    answer: Any
    node: QueryNode
    circles: frozenset[int]
    """The depths of those questions."""


class Queries:
    """Answers by key, each computed once.

    A question that is asked again while it is being answered gets ``cyclic``. What was
    answered on the way there holds only until that question, or one of several, has its answer.
    """

    def __init__(self) -> None:
        self._stack = [QueryNode()]
        self._answers: dict[Hashable, tuple[Any, QueryNode]] = {}
        self._held: dict[Hashable, _Held] = {}
        self._ends: dict[int, list[Hashable]] = {}
        """Which of them hold no longer when the question at a depth has its answer."""
        self._active: dict[Hashable, int] = {}
        self._turns = 0
        """How many answers went in a circle since nothing was open."""
        self._circles: list[set[int]] = []
        """For each open question the depths of those that were asked again below it."""

    # What is read.

    def read(self, module: str, name: str, body: bool = False) -> None:
        """A name of a module was looked up, found or not."""
        self._stack[-1].reads.add(Read(module, name, body))

    def ruled_out(self, module: str, name: str) -> None:
        """A module's bytes have shown that a star import does not bring a name."""
        self._stack[-1].reads.add(Read(module, name, ruled_out=True))

    def absent(self, module: str) -> None:
        """A branch was decided by the absence of a module."""
        self._stack[-1].reads.add(_Aside("absent", module))

    def python_version(self) -> None:
        """A branch looked at the version of Python."""
        self._stack[-1].reads.add(_Aside("python version"))

    def platform(self) -> None:
        """A branch looked at the platform."""
        self._stack[-1].reads.add(_Aside("platform"))

    def body_read(self, module: str, qualname: str) -> None:
        """The body of a function was read in full."""
        self._stack[-1].reads.add(_Aside("body", module, qualname))

    def list_used(self, binding: tuple[str, str]) -> None:
        """Callbacks are made of a named list."""
        self._stack[-1].reads.add(_Aside("list", *binding))

    @contextmanager
    def record(self) -> Iterator[QueryNode]:
        """What is read inside; it counts for whoever is reading outside as well."""
        node = QueryNode()
        self._stack[-1].children[node] = None
        self._stack.append(node)
        try:
            yield node
        finally:
            self._stack.pop()

    @contextmanager
    def unrecorded(self) -> Iterator[None]:
        """What is read inside counts for nobody: no output depends on it."""
        self._stack.append(QueryNode())
        try:
            yield
        finally:
            self._stack.pop()

    def touch(self, node: QueryNode) -> None:
        """An answer that was made from ``node`` has been given again."""
        self._stack[-1].children[node] = None

    # What is asked.

    def get(
        self, key: Hashable, compute: Callable[[], T], cyclic: Callable[[], T] | None = None
    ) -> T:
        """The answer for ``key``. Without ``cyclic`` it does not depend on itself."""
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

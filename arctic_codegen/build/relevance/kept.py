"""The choice of an earlier build, taken up by one whose edits add nothing to it."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from arctic_codegen.build.relevance.choice import Chosen
from arctic_codegen.build.relevance.relevant import Relevance
from arctic_codegen.build.relevance.spreading import Pair
from arctic_codegen.discover.finder import Finder


class KeptChoice:
    """What :func:`~arctic_codegen.build.relevance.still_chosen` has said yes to, for each edited
    file; none of these may have a mistake. Its face is that of :class:`Relevance`."""

    def __init__(self, chosen: Chosen, finder: Finder, choose: Callable[[], Relevance]) -> None:
        """``choose`` makes the choice anew, should it not do after all."""
        self._chosen = chosen
        self._finder = finder
        self._choose = choose
        self._anew: Relevance | None = None
        self._matter = set(chosen.modules - chosen.skipped)

    @property
    def relevant(self) -> tuple[str, ...]:
        return tuple(sorted(self._matter))

    def with_mistakes(self) -> tuple[str, ...]:
        return ()

    def that_change(self, lists: Iterable[Pair], plain: Iterable[Pair]) -> tuple[str, ...]:
        if self._anew is None:
            if self._chosen.covers(lists, plain, self._finder):
                return ()
            self._anew = self._choose()
            self._anew.with_mistakes()
        self._anew.that_change(lists, plain)
        more = set(self._anew.relevant) - self._matter
        self._matter |= more
        return tuple(sorted(more))

    def chosen(self) -> Chosen:
        return self._chosen if self._anew is None else self._anew.chosen()

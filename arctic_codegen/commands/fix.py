"""``check --fix`` and ``--add-ignores``: which findings lead to which edits of sources?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from arctic_codegen.build import driver
from arctic_codegen.diagnostics.records import Finding, Fix, Severity
from arctic_codegen.discover.trees import MemoryTree, Tree
from arctic_codegen.editing.fixes import fixed
from arctic_codegen.editing.ignores import ignored
from arctic_codegen.editing.occurrences import is_certain
from arctic_codegen.editing.rewriting import Editable
from arctic_codegen.editing.text import Edited, SourceText
from arctic_codegen.model.file_changes import FileChange
from arctic_codegen.model.progress import Progress
from arctic_codegen.model.settings import Settings

_ROUNDS = 10
"""A fix may reveal another finding; this limits the number of rounds."""


def fix(
    settings: Settings,
    below: Tree,
    editable: Editable,
    progress: Progress,
    also: Sequence[Finding] = (),
    banned: frozenset[Fix] = frozenset(),
) -> Edited:
    """Fix the findings of a build of a tree, round by round, and those in ``also`` that have a fix,
    in files that are ``editable``.

    A function that is a callback of two methods may be correct for one of them. Then a fix for the
    other is undone by the next fix: it is ``banned``, and the process starts again.
    """
    done: dict[tuple[str, str, str], Fix] = {}
    files: dict[str, bytes] = {}
    count = 0
    found = _within(also, editable)
    for _ in range(_ROUNDS):
        tree = MemoryTree(files, below)
        if not found:
            built = driver.build(settings, tree=tree, write=False, progress=progress)
            found = _within(built.findings, editable)
        found = [one for one in found if one.fix not in (None, *banned)]
        fixes = [one.fix for one in found if one.fix is not None]
        undone = {done[key] for one in fixes if (key := (one.place.path, one.new, one.old)) in done}
        if undone:
            return fix(settings, below, editable, progress, also, banned | undone)
        certain = {one for one in fixes if is_certain(one, fixes, tree, settings)}
        found = [one for one in found if one.fix in certain]
        more = fixed(found, tree.read)
        if not more.files:
            break
        files.update(more.files)
        count += more.count
        done |= {(one.place.path, one.old, one.new): one for one in fixes if one.old and one.new}
        found = []
    return Edited(files, count)


def ignore_all(
    tree: Tree, editable: Editable, findings: Iterable[Finding], *, notes: bool
) -> Edited:
    """Add a comment for each reported finding in files that are ``editable``; for notes, if they
    are listed."""
    listed = [one for one in findings if notes or one.severity is not Severity.NOTE]
    return ignored(_within(listed, editable), tree.read)


def file_changes(before: Mapping[str, bytes], after: Mapping[str, bytes]) -> tuple[FileChange, ...]:
    """Edited sources as file changes; the paths are absolute."""
    return tuple(
        FileChange(path, "changed", _text(before[path]), _text(data))
        for path, data in sorted(after.items())
    )


def _within(findings: Iterable[Finding], editable: Editable) -> list[Finding]:
    return [one for one in findings if one.place is not None and _edited(one) in editable]


def _edited(finding: Finding) -> str:
    if finding.fix is not None:
        return finding.fix.place.path
    assert finding.place is not None
    return finding.place.path


def _text(data: bytes) -> str:
    source = SourceText.of(data)
    return "" if source is None else source.text

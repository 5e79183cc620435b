"""Every key of ``[tool.arctic-codegen]``: its type, default, meaning, and an example."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NamedTuple

import msgspec

from arctic_codegen.model.settings import Semantics

Text = Annotated[str, msgspec.Meta(pattern=r"^[^\0]+\Z")]
Texts = tuple[Text, ...]
Version = Annotated[str, msgspec.Meta(pattern=r"^[0-9]{1,3}\.[0-9]{1,3}(\.[0-9]{1,3})?\Z")]
_Table = dict[str, object]
_TEXT = "a non-empty string"
_Orders = tuple[Annotated[Texts, msgspec.Meta(min_length=2)], ...]
_ORDERS = "a list of lists, each with two or more dotted names of callbacks"
LIST = "a list of non-empty strings"
SEMANTICS = '"documented" or "runtime"'
NOT_INLINED = "false: the bodies of callbacks are not written into methods"


class Key(NamedTuple):
    """The description of one key; ``config.reader`` validates what a type cannot express."""

    type: Any
    wanted: str
    """The type in messages."""
    example: str
    """A value, as TOML."""
    meaning: str
    """The text of the reference, as Markdown."""
    default: str | None = None
    """The default in words; ``None`` means that of ``Settings``."""


KEYS = {
    "sources": Key(
        Texts,
        LIST,
        '["my_project", "arctic_training.trainer"]',
        "What to compile: packages, folders, files, globs, and modules of installed packages.",
        "none; required, unless paths are given on the command line",
    ),
    "output": Key(
        Text,
        _TEXT,
        '"generated"',
        "The folder of the compiled classes. Its name is the package that you import them from.",
        '`"generated"`',
    ),
    "src": Key(
        Texts,
        LIST,
        '[".", "libs"]',
        "The import roots: the folders from which your modules are imported. A file under two "
        "roots belongs to the longest.",
        '`["."]`, and `"src"` if that folder exists',
    ),
    "semantics": Key(
        Semantics,
        SEMANTICS,
        '"documented"',
        "Which callbacks a class on ArcticTraining runs, and in which order. A build fails if the "
        "two differ for a class and neither is chosen. Classes on other mixins are always "
        "`documented`. [On ArcticTraining](../arctic-training.md#which-order) has more.",
        "none",
    ),
    "semantics-of": Key(
        _Table,
        "a table of classes",
        '{"my_project.trainers:TrainerB" = "runtime"}',
        '`semantics` for single classes: a table from `"module:Class"` to `"documented"` or '
        '`"runtime"`.',
        "`{}`",
    ),
    "python": Key(
        Text,
        _TEXT,
        '".venv/bin/python"',
        "An interpreter in whose site-packages installed packages are looked up. It is run with "
        "`-I -S` to get its paths, so it runs no code of its environment. See "
        "[environments](../ci.md#environments).",
        "the interpreter that runs arctic-codegen",
    ),
    "python-version": Key(
        Version,
        'a version such as "3.11"',
        '"3.11"',
        "The Python version for which branches on `sys.version_info` are evaluated.",
        "that of the running interpreter",
    ),
    "platform": Key(
        Literal["linux", "darwin", "win32"],
        '"linux", "darwin" or "win32"',
        '"linux"',
        "The `sys.platform` for which branches on it are evaluated.",
        "that of the running interpreter",
    ),
    "on-stale": Key(
        Literal["error", "warn", "ignore"],
        '"error", "warn" or "ignore"',
        '"warn"',
        "What the import does if the output is out of date, or if its callbacks differ from "
        "those that Python has: raise an error, warn and continue with what was built, or "
        "continue. "
        "`ARCTIC_CODEGEN_ON_STALE` [overrides it](environment.md) for one run.",
    ),
    "late-callbacks": Key(
        bool,
        "true or false",
        "true",
        "Whether compiled classes run callbacks that ArcticTraining adds to a trainer after it "
        "is created, as its Ray launcher does. With `false`, that is an error.",
    ),
    "signature-preserving": Key(
        Texts,
        LIST,
        '["my_project.decorators.timed"]',
        "The dotted names of decorators that do not change a method's signature. Those made with "
        "`functools.wraps` and those of well-known libraries need not be listed.",
    ),
    "order": Key(
        _Orders,
        _ORDERS,
        '[["my_project.callbacks.load", "my_project.callbacks.save"]]',
        "Lists of dotted names of callbacks. Where two of a list run on one event and phase, the "
        "one listed first has to run first; otherwise the build fails. Nothing is "
        "moved: the list is an assertion, as [`after` and "
        "`before`](../wrappers.md#afterother-fn-and-beforeother-fn) are, for callbacks of "
        "libraries too.",
    ),
    "select": Key(
        Texts,
        LIST,
        '["ALL"]',
        'Which findings are reported: codes (`"AC201"`), prefixes '
        '(`"AC2"`) and `"ALL"`. As in ruff, the more specific selector wins, and `ignore` wins if '
        'both are equally specific. [Hazards](../hazards.md) that it names by more than `"ALL"` '
        "are errors.",
        '`["ALL"]`',
    ),
    "ignore": Key(
        Texts,
        LIST,
        '["AC217"]',
        "Which findings are not reported, with the same selectors. `# arctic-codegen: "
        "ignore[AC201]` "
        "ignores a finding on its line.",
    ),
    "per-file-ignores": Key(
        _Table,
        "a table of patterns and codes",
        '{"my_project/legacy/*.py" = ["AC2"]}',
        "`ignore` for some files: a table from a glob of paths to codes.",
        "`{}`",
    ),
    "checker": Key(
        Literal["mypy", "pyright"],
        '"mypy" or "pyright"',
        '"pyright"',
        "The type checker that `arctic-codegen check` runs.",
    ),
    "inline": Key(
        bool,
        NOT_INLINED,
        "false",
        "Accepts only `false`: the bodies of callbacks are called, and not copied into methods.",
        "`false`",
    ),
}

"""Generates the reference pages from the code: ``python docs/reference.py [PAGE...]``."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import itertools
import re
import sys
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any, Literal, get_args, get_origin, get_type_hints

import click

from arctic_codegen import callbacks
from arctic_codegen._version import ENVIRONMENT
from arctic_codegen.build.framework_versions import tested_range
from arctic_codegen.cli.group import COMMANDS, PROGRAM, group
from arctic_codegen.config.keys import KEYS
from arctic_codegen.diagnostics.codes import CODES
from arctic_codegen.diagnostics.codes.page import read_page
from arctic_codegen.frameworks.arctic_training.tested_versions import TESTED
from arctic_codegen.model.settings import Settings

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

DOCS = Path(__file__).parent
ROOT = DOCS.parent
_COMMON = ("output_file", "config", "no_cache", "quiet")
"""The options that commands share, by the names that ``cli.options`` gives them."""
EVENTS: dict[str, tuple[str, ...]] = {
    "Trainer": (
        "train",
        "epoch",
        "step",
        "loss",
        "backward",
        "optimizer_step",
        "evaluate",
        "checkpoint",
        "log_metrics",
    ),
    "TokenizerFactory": ("create_tokenizer",),
    "DataFactory": ("load", "process", "split_data", "create_dataloader"),
    "ModelFactory": ("create_config", "create_model"),
    "OptimizerFactory": ("create_optimizer",),
    "SchedulerFactory": ("create_scheduler",),
    "CheckpointEngine": ("save", "load"),
}
"""The main steps of a training on the building blocks, which most callbacks use. Every method is an
event."""
_DEFINES = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_GROUPS = (
    ("AC0", "Reading and configuration"),
    ("AC1", "Names"),
    ("AC2", "Declarations"),
    ("AC3", "Inheritance and order"),
    ("AC4", "Signatures"),
    ("AC5", "Types"),
    ("AC6", "Output"),
    ("AC7", "Ranks and wrappers"),
    ("AC8", "Hazards"),
    ("AC9", "The tool itself"),
)


def codes() -> str:
    """Every code of a finding, with its texts and examples."""
    pages = {code: read_page(code) for code in CODES}
    parts = [
        "# Codes of findings",
        _made("the pages in `arctic_codegen/diagnostics/codes`")
        + " `arctic-codegen explain CODE` prints "
        "one of them. `{name}` is a placeholder for a value in the message.",
        "Errors fail a run. Warnings and notes fail it with `--strict`; notes are only listed "
        "then. Hazards (AC8) are a separate kind of note: `check` and `explain` list them, and "
        "they fail a run only if `select` names them. `# arctic-codegen: ignore[CODE]` at the end "
        "of a line suppresses a finding there.",
    ]
    rows = [
        (
            f"[{entry.code}](#{entry.code.lower()}-{entry.name}-{entry.severity.value})",
            entry.name,
            entry.severity.value,
            pages[entry.code].summary,
        )
        for entry in CODES.values()
    ]
    parts.append(_table(("code", "name", "severity", ""), rows))
    for prefix, title in _GROUPS:
        parts.append(f"## {title}")
        parts += [
            "##" + page.text.rstrip("\n").replace("\n## ", "\n#### ")
            for code, page in pages.items()
            if code.startswith(prefix)
        ]
    for page, title in (("shared", "Texts of several codes"), ("reasons", "Reasons")):
        parts.append(f"## {title}\n\n```text\n{read_page(page).messages}\n```")
    return _page(parts)


def commands() -> str:
    """Every command with its arguments and options."""
    parts = [
        "# Every command",
        _made("the commands themselves")
        + " [Commands](../commands.md) shows examples, and the meaning of exit codes.",
        _table(
            ("command", "does"),
            [(f"[`{name}`](#{name})", text) for name, text in COMMANDS.items()],
        ),
    ]
    with click.Context(group, info_name=PROGRAM) as context:
        found = [command for name in COMMANDS if (command := group.get_command(context, name))]
        shared = [option for option in found[0].params if option.name in _COMMON]
        parts += ["Options of every command that reads sources:", _options(shared)]
        for command in found:
            parts += _command(command, context, "##")
    return _page(parts)


def _command(command: click.Command, above: click.Context, level: str) -> list[str]:
    with click.Context(command, info_name=command.name, parent=above) as context:
        usage = " ".join(command.collect_usage_pieces(context))
        parts = [
            f"{level} `{context.command_path.removeprefix(PROGRAM).strip()}`",
            f"```text\n{context.command_path} {usage}\n```",
            inspect.cleandoc(command.help or ""),
        ]
        own = [
            option
            for option in command.params
            if isinstance(option, click.Option) and option.name not in _COMMON
        ]
        parts += [_options(own)] if own else []
        if command.epilog:
            parts.append(f"```text\n{command.epilog.strip()}\n```")
        if isinstance(command, click.Group):
            for below in command.commands.values():
                parts += _command(below, context, f"{level}#")
    return parts


def _options(options: Iterable[click.Parameter]) -> str:
    rows = []
    for option in options:
        assert isinstance(option, click.Option)
        names = ", ".join(f"`{name}`" for name in option.opts)
        if not option.is_flag:
            choices = option.type.choices if isinstance(option.type, click.Choice) else ()
            values = ", ".join(f"`{choice}`" for choice in choices)
            value = values or f"`{option.metavar or option.type.name.upper()}`"
        else:
            value = ""
        help_, _, default = (option.help or "").partition("  [default: ")
        if option.show_default:
            default = f"`{option.default}`"
        rows.append((names, value, default.rstrip("]"), help_))
    return _table(("option", "value", "default", ""), rows)


def configuration() -> str:
    """Every key of the configuration."""
    defaults = dict(
        zip(Settings.__struct_fields__[::-1], Settings.__struct_defaults__[::-1], strict=False)
    )
    parts = [
        "# Every configuration key",
        _made("the table of keys")
        + " [Configuration](../configuration.md) says where they are read, and has an example.",
    ]
    for name, key in KEYS.items():
        default = key.default or f"`{_toml(defaults[name.replace('-', '_')])}`"
        parts += [
            f"## `{name}`",
            key.meaning,
            _table(("type", "default"), [(key.wanted, default)]),
            f"```toml\n[tool.arctic-codegen]\n{name} = {key.example}\n```",
        ]
    return _page(parts)


def _toml(value: object) -> str:
    if value == ():
        return "[]"
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'


def environment() -> str:
    """Every environment variable."""
    return _page(
        [
            "# Environment variables",
            _made("a table of the code"),
            _table(("variable", ""), [(f"`{name}`", text) for name, text in ENVIRONMENT.items()]),
        ]
    )


def events() -> str:
    """Every event of the building blocks, with the signatures that callbacks may have."""
    from arctic_codegen import blocks

    parts = [
        "# Events of the building blocks",
        _made("the blocks")
        + " [Building blocks](../blocks.md#events) describes how they work together. The main "
        "steps of a training come first.",
        "A `pre` callback may take any of the parameters, and returns those that it takes. An "
        "entry of a list names, for example, `pre-train` or `post-train`. Creating the object is "
        "the event `init`. A class also has the events of its base classes.",
    ]
    for root, events in EVENTS.items():
        base = getattr(blocks, root)
        found = [getattr(blocks, name) for name in blocks.__all__]
        below = [cls for cls in found if inspect.isclass(cls) and issubclass(cls, base)]
        for cls in dict.fromkeys((base, *below)):
            methods = [name for name, value in vars(cls).items() if inspect.isfunction(value)]
            own = [name for name in methods if cls is base or not hasattr(base, name)]
            names = [*(events if cls is base else ()), *(name for name in own if name[0] != "_")]
            if names:
                rows = [_event(cls, name) for name in dict.fromkeys(names)]
                parts += [f"## {cls.__name__}", _table(("event", "`pre`", "`post`", ""), rows)]
    return _page(parts)


def _event(cls: type, name: str) -> tuple[str, ...]:
    method = getattr(cls, name)
    signature = inspect.signature(method)
    taken = [(one.name, one.annotation) for one in list(signature.parameters.values())[1:]]
    returns = signature.return_annotation
    given = [] if returns == "None" else [("result", returns)]
    summary = " ".join((inspect.getdoc(method) or "").partition("\n\n")[0].split())
    return (
        f"`{name.replace('_', '-')}`",
        *(f"`{_callback(cls.__name__, values)}`" for values in (taken, given)),
        re.sub(r":\w+:(?=`)", "", summary).replace("``", "`"),
    )


def _callback(owner: str, values: Sequence[tuple[str, str]]) -> str:
    types = [type_ for _, type_ in values]
    gives = "None" if not types else types[0] if len(types) == 1 else f"tuple[{', '.join(types)}]"
    takes = ", ".join([f"self: {owner}", *(f"{name}: {type_}" for name, type_ in values)])
    return f"({takes}) -> {gives}"


def ready_made() -> str:
    """Every ready-made callback with its options."""
    parts = [
        "# Options of ready-made callbacks",
        _made("`arctic_codegen.callbacks`")
        + " [Ready-made callbacks](../ready-made.md) shows how to use them.",
    ]
    for name in sorted(callbacks.__all__):
        cls = getattr(callbacks, name)
        if dataclasses.is_dataclass(cls):
            parts += [f"## {name}", (inspect.getdoc(cls) or "").replace("``", "`")]
            rows = [_option(cls, field) for field in dataclasses.fields(cls)]
            if rows:
                parts.append(_table(("option", "type", "default"), rows))
    return _page(parts)


def _option(cls: Any, field: dataclasses.Field[object]) -> tuple[str, str, str]:
    hint = get_type_hints(cls)[field.name]
    choices = get_args(hint) if get_origin(hint) is Literal else ()
    types = ", ".join(f"`{choice!r}`" for choice in choices) or f"`{field.type}`"
    required = field.default is dataclasses.MISSING
    return f"`{field.name}`", types, "required" if required else f"`{field.default!r}`"


def versions() -> str:
    """The releases of libraries that work together."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    pythons = re.findall(r":: (3\.\d+)$", "\n".join(project["classifiers"]), re.MULTILINE)
    oldest, newest = _locked("lowest"), _locked("dev")
    rows = []
    for extra, wanted in ("", project["dependencies"]), *project["optional-dependencies"].items():
        for requirement in wanted:
            if extra in ("docs", "dev") and not requirement.startswith("pyright"):
                continue
            name = re.split(r"[^\w.-]", requirement)[0]
            bounds = re.sub(r"^[\w.-]+(\[.*?\])?", "", requirement.partition(";")[0]).strip()
            if name != project["name"]:
                shown = (f"`{one}`" if one else "" for one in (name, extra, bounds))
                rows.append(
                    (
                        *shown,
                        oldest.get(name, "") if extra in ("", "check") else "",
                        newest.get(name, ""),
                    )
                )
    return _page(
        [
            "# Versions that work together",
            _made("`pyproject.toml`, `requirements` and the table of tested frameworks"),
            f"Python {', '.join(pythons)}. Classes on ArcticTraining are tested with "
            f"`{TESTED.distribution}{tested_range(TESTED)}`; a build warns about others (AC015).",
            "The tests run with the newest releases below, and on Python 3.10 with the oldest "
            "ones, if listed. Which build of PyTorch fits depends on the machine.",
            _table(("library", "extra", "allowed", "oldest tested", "newest tested"), rows),
        ]
    )


def modules() -> str:
    """Every module of the package with its first line and its definitions, and the modules that
    cite each rule of the contract."""
    folders: dict[Path, list[tuple[str, str, str]]] = {}
    rules: dict[str, tuple[list[str], list[str]]] = {}
    for file in sorted((ROOT / "arctic_codegen").rglob("*.py")):
        text = file.read_text(encoding="utf-8")
        tree = ast.parse(text)
        first = " ".join((ast.get_docstring(tree) or "").partition("\n\n")[0].split())
        defined = [f"`{node.name}`" for node in tree.body if isinstance(node, _DEFINES)]
        row = (
            f"`{file.name}`",
            re.sub("`+", "`", re.sub(r":\w+:(?=`)", "", first)),
            ", ".join(name for name in defined if not name.startswith("`_")),
        )
        folders.setdefault(file.parent, []).append(row)
        for rule in _cited(text):
            # List modules that are about a rule before those that only mention it.
            place = rules.setdefault(rule, ([], []))[rule not in _cited(first)]
            place.append(f"`{file.relative_to(ROOT).as_posix()}`")
    contract = (DOCS / "contract.md").read_text(encoding="utf-8")
    titles = re.findall(r"^### (R\d+): (.*)$", contract, re.MULTILINE)
    parts = [
        "# Modules",
        _made("the docstrings of the modules")
        + " Each begins with what the module does, or the question that it answers. [Where is it"
        " decided]"
        "(contributing.md#where-is-it-decided) has single functions, "
        "[architecture](architecture.md) how the packages work together.",
        "## Rules",
        "The modules that cite each rule of [the contract](contract.md), those that are about it "
        "first. Its tests cite it, too: "
        "`git grep -n 'R16\\b' tests`.",
        _table(
            ("rule", "", "modules"),
            (
                (rule, title, ", ".join(itertools.chain(*rules.get(rule, ()))))
                for rule, title in titles
            ),
        ),
    ]
    for folder, rows in folders.items():
        parts += [
            f"## {folder.relative_to(ROOT).as_posix()}",
            _table(("module", "", "defines"), rows),
        ]
    return _page(parts)


def _cited(text: str) -> set[str]:
    """The rules that a text cites, separately or in a range such as ``R15 to R19``."""
    ranges = re.findall(r"\bR(\d+)(?: to R(\d+))?\b", text)
    return {
        f"R{number}"
        for first, last in ranges
        for number in range(int(first), int(last or first) + 1)
    }


def _locked(name: str) -> dict[str, str]:
    text = (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


def _made(source: str) -> str:
    return f"`python docs/reference.py` makes this page from {source}."


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *cells))


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


PAGES: dict[str, Callable[[], str]] = {
    "codes.md": codes,
    "reference/commands.md": commands,
    "reference/configuration.md": configuration,
    "reference/environment.md": environment,
    "reference/events.md": events,
    "reference/callbacks.md": ready_made,
    "reference/versions.md": versions,
    "modules.md": modules,
}

if __name__ == "__main__":
    for page in sys.argv[1:] or PAGES:
        (DOCS / page).write_text(PAGES[page](), encoding="utf-8")

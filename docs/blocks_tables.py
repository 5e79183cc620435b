"""Generates the tables of ``docs/blocks.md`` from the blocks and their configurations.

``python docs/blocks_tables.py`` replaces them, each after its mark.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from arctic_codegen import blocks
from arctic_codegen.blocks.config import Section
from arctic_codegen.blocks.recipe import PARTS
from arctic_codegen.blocks.recipe_changes import APPLIES, FREE, REFUSED, RULES
from arctic_codegen.blocks.trainer import Trainer


def tables() -> dict[str, str]:
    """The tables, by the names of their marks."""
    return {
        "blocks": _blocks(),
        "values": _values(),
        "resume": _resume(),
        **{f"fields {name}": _fields(cls) for name, cls in sections()},
        "fields sft": _fields(blocks.SFTDataConfig, blocks.DataConfig),
    }


def sections() -> Iterator[tuple[str, type[Section]]]:
    """The classes of a recipe's sections, the recipe itself first."""
    yield "recipe", blocks.TrainerConfig
    for name in PARTS:
        cls: type[Section] = getattr(blocks, f"{name.capitalize()}Config")
        yield name, cls


def _blocks() -> str:
    rows = [("Trainer", "", _provided(Trainer))]
    rows += [
        (root.__name__, f"`{attribute}`", _provided(root)) for attribute, root in PARTS.values()
    ]
    return _table(("block", "attribute of a trainer", "what there is, and its `name`"), rows)


def _provided(root: type) -> str:
    found = []
    for name in blocks.__all__:
        cls = getattr(blocks, name)
        if inspect.isclass(cls) and issubclass(cls, root) and cls is not root:
            found.append(f"`{name}` (`{cls.name}`)")  # type: ignore[attr-defined]  # a block
    return ", ".join(found)


def _values() -> str:
    documented = _described(blocks.Run)
    rows = [
        (f"`{name}`", f"`{text}`", documented.get(name, ""))
        for name, text in inspect.get_annotations(blocks.Run).items()
    ]
    for name, value in vars(blocks.Run).items():
        if isinstance(value, property) and name != "texts":
            returns = inspect.get_annotations(value.fget)["return"]  # type: ignore[arg-type]  # it has a getter
            rows.append((f"`{name}`", f"`{returns}`", _first_line(value.__doc__)))
    return _table(("value", "type", ""), rows)


def _resume() -> str:
    rows = [
        (
            rule,
            ", ".join([*more, *(f"`{name}`" for name, one in RULES.items() if one == rule)]),
            what,
        )
        for rule, more, what in (
            (REFUSED, (), "The run ends with an error at the field's line."),
            (FREE, (), "The value has no effect on the training."),
            (APPLIES, ("all others",), "The new value takes effect; the log shows both."),
        )
    ]
    return _table(("", "fields", ""), rows)


def _fields(cls: type[Section], base: type[Section] = Section) -> str:
    """The fields of a section; with ``base``, only those that ``base`` does not have."""
    described = {}
    for one in reversed(cls.__mro__):
        described.update(_described(one))
    rows = []
    for name, field in cls.model_fields.items():
        if name not in base.model_fields or name in inspect.get_annotations(cls):
            rows.append((f"`{name}`", _type(field), _default(field), described[name]))
    return _table(("field", "type", "default", ""), rows)


def _type(field: FieldInfo) -> str:
    text = inspect.formatannotation(_bare(field.annotation))
    text = re.sub(r"\b(?:[a-z_]+\.)+(?=\w)", "", text)
    text = re.sub(r"^Optional\[(.*)\]$", r"\1 | None", text)
    text = re.sub(r"^Literal\[(.*)\]$", r"\1", text)
    limits = [
        f"{sign} {_limit(getattr(limit, key))}"
        for limit in field.metadata
        for key, sign in (("ge", "≥"), ("gt", ">"), ("le", "≤"), ("lt", "<"))
        if hasattr(limit, key)
    ]
    return " ".join([f"`{text}`", *limits])


def _bare(hint: Any) -> Any:
    """A type without ``Annotated``, also inside its arguments."""
    if get_origin(hint) is Annotated:
        return _bare(get_args(hint)[0])
    if get_origin(hint) in (list, tuple, Union):
        return get_origin(hint)[tuple(map(_bare, get_args(hint)))]
    return hint


def _limit(value: float) -> str:
    return "2**32" if value == 2**32 else f"{value:g}"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    value = field.get_default(call_default_factory=False)
    if field.default_factory is not None or value is PydanticUndefined:
        return ""
    return "" if value in (None, "") else f"`{value!r}`"


def _described(cls: type) -> dict[str, str]:
    """The docstrings of annotated attributes in the body of a class."""
    if cls in (object, BaseModel) or not hasattr(sys.modules[cls.__module__], "__file__"):
        return {}
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    except (OSError, TypeError):
        return {}
    body: list[Any] = getattr(tree, "body", [])
    return {
        named.target.id: _plain(text.value.value)
        for named, text in itertools.pairwise(body)
        if isinstance(named, ast.AnnAssign)
        and isinstance(named.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
        and isinstance(text.value.value, str)
    }


def _first_line(text: str | None) -> str:
    return _plain((text or "").partition("\n\n")[0])


def _plain(text: str) -> str:
    return " ".join(text.split()).replace("``", "`")


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    cells = [[cell.replace("|", "\\|") for cell in row] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *cells)]
    return "\n".join(re.sub(" +", " ", line) for line in lines) + "\n"


def filled(page: str) -> str:
    """The page with its tables replaced by the current ones."""
    for name, table in tables().items():
        mark = f"<!-- table: {name} -->\n"
        if page.count(mark) != 1:
            raise ValueError(f"the page has no mark, or two: {mark}")
        before, _, after = page.partition(mark)
        rest = after.lstrip("\n").splitlines(keepends=True)
        while rest and rest[0].startswith("|"):
            del rest[0]
        page = f"{before}{mark}\n{table}\n{''.join(rest).lstrip()}"
    return page


if __name__ == "__main__":
    path = Path(__file__).with_name("blocks.md")
    path.write_text(filled(path.read_text(encoding="utf-8")), encoding="utf-8")

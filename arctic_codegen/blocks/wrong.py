"""Errors in fields of a recipe, collected from pydantic."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator

from pydantic import BaseModel, ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from arctic_codegen.blocks.recipe_file import Wrong

EXPECTED = {
    "path_type": "be a path",
    "list_type": "be a list",
    "dict_type": "map names to values",
    "model_type": "map names to values",
}
"""What a value must be, by pydantic's type of error."""


def wrong_fields(cls: type, found: Iterable[Wrong]) -> ValidationError:
    """A ValidationError with these messages, each with its place in the section."""
    details: list[InitErrorDetails] = []
    for at, message in found:
        said = PydanticCustomError("recipe", "{said}", {"said": message})
        details.append({"type": said, "loc": at, "input": None})
    return ValidationError.from_exception_data(cls.__name__, details)


def said(error: ValidationError, cls: type[BaseModel]) -> Iterator[Wrong]:
    """The places and messages of pydantic's errors in a section, with hints for unknown fields."""
    for one in error.errors():
        at, message = one["loc"], one["msg"].removeprefix("Value error, ")
        if one["type"] == "extra_forbidden":
            message = no_such(str(at[-1]), cls.model_fields)
        elif one["type"] == "missing":
            message = "this field is missing"
        elif one["type"] in EXPECTED:
            message = f"must {EXPECTED[one['type']]}"
        yield at, message


def is_number(value: object) -> bool:
    """Whether a value is a number; Python takes true and false for numbers, too."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def no_such(name: str, known: Iterable[str]) -> str:
    """The message about an unknown name, with the most similar known one."""
    return f"unknown field{meant(name, known)}"


def meant(name: str, known: Iterable[str]) -> str:
    """The question "did you mean" for the most similar name, if one is similar."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"; did you mean {near[0]!r}?" if near else ""

"""A YAML text: its values, and the position of each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml


class YamlError(ValueError):
    """A text is not valid YAML; ``line`` and ``column`` count from 1."""

    def __init__(self, reason: str, line: int = 1, column: int = 1) -> None:
        super().__init__(reason)
        self.line = line
        self.column = column


class Loader(yaml.SafeLoader):  # type: ignore[misc]  # PyYAML has no types
    """PyYAML's loader, which rejects duplicate keys instead of using the last value."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:
        """The mapping of a node."""
        seen: set[Any] = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            try:
                known = key in seen
                seen.add(key)
            except TypeError:  # a list as a key: PyYAML reports this itself
                continue
            if known:
                problem = f"duplicate key '{key}'"
                raise yaml.constructor.ConstructorError(None, None, problem, key_node.start_mark)
        return super().construct_mapping(node, deep)


def load(text: str, loader: type[Loader] = Loader) -> Any:
    """The values of a text. Raises :class:`YamlError`."""
    try:
        return yaml.load(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "it is not valid YAML"
        raise YamlError(reason, mark.line + 1, mark.column + 1) from None
    except yaml.YAMLError as error:  # an invalid character
        line = text.count("\n", 0, getattr(error, "position", 0)) + 1
        raise YamlError(getattr(error, "reason", str(error)), line) from None
    except RecursionError:
        raise YamlError("it nests too deeply") from None
    except ValueError as error:  # a date that does not exist
        raise YamlError(str(error)) from None


def dump(values: Any) -> str:
    """A YAML text with these values, in their order."""
    text: str = yaml.safe_dump(values, sort_keys=False, allow_unicode=True)
    return text


def find(text: str, keys: Sequence[str | int]) -> tuple[Any, Any]:
    """The nodes of the key and the value at a path of keys and indices, or of the nearest parent.
    An item of a list is its own key; the document has none."""
    name, node = None, yaml.compose(text, Loader=yaml.SafeLoader)
    for key in keys:
        known = {}
        if isinstance(node, yaml.MappingNode):
            known = {str(one.value): (one, value) for one, value in node.value}
        elif isinstance(node, yaml.SequenceNode):
            known = {str(number): (one, one) for number, one in enumerate(node.value)}
        if str(key) not in known:
            break
        name, node = known[str(key)]
    return name, node

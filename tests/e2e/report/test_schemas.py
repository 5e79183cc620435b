"""JSON output and the lock file match the schemas in docs/schema (R64, R65)."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator, ValidationError

from arctic_codegen._version import LOCK_NAME, LOCK_VERSION
from tests.update_schemas import FOLDER, SCHEMAS, schema_text


def is_valid(name: str, text: str) -> bool:
    """Whether a document matches its schema; raises if it does not."""
    schema = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(json.loads(text))
    return True


@pytest.mark.parametrize("name", SCHEMAS)
def test_schemas_are_those_of_the_records(name):
    """``python -m tests.update_schemas`` writes them."""
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == schema_text(name)


def test_the_outputs_fit(project):
    listed = project.cli("list", "--format", "json", "--all").stdout
    assert is_valid("classes", listed)
    assert {"rewrites", "dropped", "assertions"} <= set(listed.replace('"', " ").split())
    assert is_valid("uses", project.cli("uses", "clip", "--format", "json").stdout)
    assert is_valid("diff", project.cli("diff", "--format", "json").stdout)
    assert is_valid("trace", project.cli("trace", "table", "--format", "json", "trace.json").stdout)
    lock = (project.root / "generated" / LOCK_NAME).read_text()
    assert is_valid("lock", lock)
    assert json.loads(lock)["version"] == LOCK_VERSION
    found = project.cli("build", "--check", "--strict", "--format", "json").stdout
    assert is_valid("findings", found)
    assert {one["code"] for one in json.loads(found)["findings"]} >= {"AC802"}
    with pytest.raises(ValidationError):
        is_valid("findings", found.replace('"version": 1', '"version": 2'))

"""Writes docs/schema: JSON Schemas of the commands' JSON output and of the lock file."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from arctic_codegen.build.lock_file import Lock
from arctic_codegen.diagnostics.machine import FindingsDocument
from arctic_codegen.report.classes_json import ClassesDocument
from arctic_codegen.report.plan_diff import DiffDocument
from arctic_codegen.report.trace_json import TraceDocument
from arctic_codegen.report.uses import UsesDocument

FOLDER = Path(__file__).parents[1] / "docs" / "schema"
SCHEMAS = {
    "findings": FindingsDocument,
    "classes": ClassesDocument,
    "diff": DiffDocument,
    "uses": UsesDocument,
    "trace": TraceDocument,
    "lock": Lock,
}
"""The files, and the document that each describes."""


def schema_text(name: str) -> str:
    """The schema of a document."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        **msgspec.json.schema(SCHEMAS[name]),
    }
    return json.dumps(schema, indent=2) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for name in SCHEMAS:
        (FOLDER / f"{name}.json").write_text(schema_text(name), encoding="utf-8")

"""The files that GitHub reads are valid, refer to existing things, and match the package."""

from __future__ import annotations

import re
import sys
from typing import Any

import pytest
import yaml

from arctic_codegen._version import VERSION
from tests.pages import ROOT

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

GITHUB = ROOT / ".github"
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
FORMS = [GITHUB / "ISSUE_TEMPLATE" / name for name in ("bug.yml", "feature.yml")]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TARGETS = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
CI = (ROOT / ".ci" / "run").read_text(encoding="utf-8")


def parsed(path: Any) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(workflow: Any) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job.get("steps", [])]


def made(text: str) -> set[str]:
    """The calls of make in a script, each on its own line."""
    return set(re.findall(r"^make .+$", text, re.MULTILINE))


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_workflows_have_few_rights_and_pinned_actions(path):
    workflow = parsed(path)
    assert workflow["permissions"] == {"contents": "read"}
    for step in steps(workflow):
        assert re.search(r"@v\d+\.\d+\.\d+$", step.get("uses", "@v0.0.0")), step
        if "checkout" in step.get("uses", ""):
            assert step["with"]["persist-credentials"] is False
        for command in made(step.get("run", "")):
            assert set(re.findall(r" ([a-z][a-z-]*)(?= |$)", command)) <= TARGETS, command


def test_ci_runs_the_same_on_every_python():
    jobs = parsed(GITHUB / "workflows" / "ci.yml")["jobs"]
    run = {command for step in steps({"jobs": jobs}) for command in made(step.get("run", ""))}
    assert run == made(CI) | {"make lint typecheck", "make docs"}
    supported = [
        name.rpartition(" ")[2]
        for name in PROJECT["classifiers"]
        if re.fullmatch(r"Programming Language :: Python :: 3\.\d+", name)
    ]
    assert jobs["test"]["strategy"]["matrix"]["python"] == supported


def test_only_the_job_that_publishes_may_publish():
    jobs = parsed(GITHUB / "workflows" / "release.yml")["jobs"]
    assert [name for name, job in jobs.items() if "permissions" in job] == ["publish"]
    assert jobs["publish"]["permissions"] == {"id-token": "write"}
    assert set(jobs["publish"]["needs"]) == {"test", "build"}
    assert not [step for step in jobs["publish"]["steps"] if "run" in step]


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_forms_are_forms(path):
    form = parsed(path)
    assert set(form) == {"name", "description", "labels", "body"}
    for field in form["body"]:
        assert field["type"] == "textarea"
        assert field["attributes"]["label"]
        assert set(field) <= {"type", "id", "attributes", "validations"}
        assert set(field["attributes"]) <= {"label", "description", "render"}
    assert len({field["id"] for field in form["body"]}) == len(form["body"])


def test_the_form_for_bugs_asks_for_the_versions():
    text = FORMS[0].read_text(encoding="utf-8")
    assert "arctic-codegen --version --verbose" in text
    assert parsed(GITHUB / "ISSUE_TEMPLATE" / "config.yml")["contact_links"]


def test_the_citation_is_of_this_version():
    """The keys that version 1.2.0 of the schema requires, and those that identify the release."""
    citation = parsed(ROOT / "CITATION.cff")
    assert set(citation) >= {"cff-version", "message", "title", "authors"}
    assert citation["cff-version"] == "1.2.0"
    assert citation["type"] == "software"
    assert citation["authors"] == PROJECT["authors"]
    assert citation["license"] == PROJECT["license"]
    assert citation["repository-code"] == PROJECT["urls"]["Repository"]
    assert citation["version"] == VERSION
    newest = re.search(r"^## (\S+) - (\S+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert newest is not None
    assert newest.groups() == (VERSION, citation["date-released"])


def test_the_changelog_sorts_by_kind():
    kinds = re.findall(r"^### (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    allowed = ["Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"]
    assert set(kinds) <= set(allowed)
    assert "Added" in kinds

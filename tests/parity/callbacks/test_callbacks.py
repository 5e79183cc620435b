"""R45 and R38: the same classes under ArcticTraining's runtime and compiled, case by case."""

from __future__ import annotations

import json

import pytest
from filelock import FileLock

from tests.parity.callbacks.agreeing import AGREEING
from tests.parity.callbacks.calling_faults import CALLING_FAULTS
from tests.parity.callbacks.cases import Case, Mode, project_of, run_cases
from tests.parity.callbacks.declaring_faults import DECLARING_FAULTS

pytest.importorskip("arctic_training")

FAULTS = (*DECLARING_FAULTS, *CALLING_FAULTS)
CASES: tuple[Case, ...] = (*AGREEING, *FAULTS)


@pytest.fixture(scope="session")
def told(tmp_path_factory, worker_id):
    """The output of all cases in one mode: one process per mode, for any number of workers."""
    own = tmp_path_factory.getbasetemp()
    shared = own if worker_id == "master" else own.parent

    def ask(mode: Mode) -> dict[str, list[str]]:
        answers = shared / f"callbacks_{mode}.json"
        with FileLock(f"{answers}.lock"):
            if not answers.exists():
                root = shared / f"callbacks_{mode}"
                found = run_cases(project_of(root, CASES, mode), CASES, mode)
                answers.write_text(json.dumps(found), encoding="utf-8")
        read: dict[str, list[str]] = json.loads(answers.read_text(encoding="utf-8"))
        return read

    return ask


@pytest.mark.parametrize(
    "mode", ["uncompiled", "documented", pytest.param("runtime", marks=pytest.mark.long)]
)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_R45_each_case_in_each_mode(case: Case, mode: Mode, told):
    assert told(mode)[case.name] == case.expected(mode)


def test_R45_each_fault_is_one():
    """A case among the faults shows that the runtime really differs."""
    for case in FAULTS:
        others = (case.expected("documented"), case.expected("runtime"))
        assert any(case.expected("uncompiled") != other for other in others), case.name
    for case in AGREEING:
        assert case.expected("uncompiled") == case.expected("runtime"), case.name
